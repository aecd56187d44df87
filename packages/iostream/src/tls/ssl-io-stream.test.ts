import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, describe, expect, it } from 'vitest'
import { Authority, localhostCertificate, testAuthority } from '../../../../scripts/vitest/certificates.ts'
import { stallingAddress } from '../../test/stalling-address.ts'
import { tcpPair, tlsPair } from '../../test/stream-pairs.ts'
import { IOStream, SSLIOStream } from '../stream/io-stream.ts'
import { SSLContext, sslOptionsToContext } from './ssl-context.ts'
import type { SSLOptions } from './ssl-options.ts'
import { acceptorOf } from './tls-acceptor.ts'

const { certfile, keyfile } = localhostCertificate()
const caCerts = testAuthority().certfile
const otherAuthority = new Authority('Another authority')
afterAll(() => otherAuthority[Symbol.dispose]())

/** Takes one TLS connection with these options; `accepted` is its stream, or why there is none. */
async function tlsServer(sslOptions: SSLOptions = {}) {
  const context = sslOptionsToContext({ certfile, keyfile, ...sslOptions }, { serverSide: true })
  const server = createServer({ allowHalfOpen: true }).listen({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const accepted = once(server, 'connection').then(async ([socket]) => {
    server.close()
    return new SSLIOStream(await acceptorOf(context).accept(socket as Socket))
  })
  accepted.catch(() => {})
  return { accepted, address: { host: 'localhost', port: (server.address() as AddressInfo).port } }
}

function client(sslOptions: SSLOptions = {}): SSLIOStream {
  return new SSLIOStream(null, { sslOptions: { caCerts, ...sslOptions } })
}

/** Passes one connection on, and tells the types of the TLS records that came back (RFC 5246 §6.2.1). */
async function recordingRelay(target: number): Promise<{ port: number; recordTypes(): Promise<number[]> }> {
  const chunks: Buffer[] = []
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const closed = once(server, 'connection').then(async ([incoming]) => {
    const socket = incoming as Socket
    const outgoing = connect(target, '127.0.0.1')
    for (const [side, other] of [
      [socket, outgoing],
      [outgoing, socket],
    ] as const) {
      side.on('error', () => {})
      side.once('close', () => other.destroySoon())
    }
    outgoing.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.pipe(outgoing).pipe(socket)
    await new Promise((resolve) => outgoing.once('close', resolve))
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    async recordTypes() {
      await closed
      const bytes = Buffer.concat(chunks)
      const types: number[] = []
      for (let at = 0; at + 5 <= bytes.length; at += 5 + bytes.readUInt16BE(at + 3)) types.push(bytes[at]!)
      return types
    },
  }
}

/** Claims what a client, a server or both log on a failed handshake. */
function expectHandshakeFailure(pattern: RegExp = /^SSL Error on (127\.0\.0\.1|localhost) \d+: /) {
  return expectLog('tornado.general', pattern, { level: 'warning' })
}

describe('connect', () => {
  it('B-ios-029 resolves after the handshake, what was written before then is sent', async () => {
    const { accepted, address } = await tlsServer()
    const stream = client()
    const order: string[] = []
    const connected = stream.connect(address).then((same) => {
      order.push('connected')
      expect(same).toBe(stream)
    })
    const written = stream.write('early').then(() => order.push('written'))
    const peer = await accepted
    await Promise.all([connected, written])
    expect(order).toEqual(['connected', 'written'])
    expect(stream.socket.authorized).toBe(true)
    expect(stream.socket.getProtocol()).toBe('TLSv1.3')
    expect(String(await peer.readBytes(5))).toBe('early')
    await peer.write('and back')
    expect(String(await stream.readBytes(8))).toBe('and back')
    stream.close()
    expect((await peer.readUntilClose()).length).toBe(0)
  })

  it('B-ios-029 serverHostname is the name that is asked for and checked', async () => {
    const right = await tlsServer()
    const stream = client()
    await stream.connect({ host: '127.0.0.1', port: right.address.port }, { serverHostname: 'localhost' })
    expect((await right.accepted).socket.servername).toBe('localhost')
    stream.close()

    const wrong = await tlsServer()
    using expected = expectHandshakeFailure()
    const refused = client()
    await expect(refused.connect(wrong.address, { serverHostname: 'example.com' })).rejects.toMatchObject({
      name: 'SSLCertVerificationError',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    expect(refused.error).toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(expected.loggedStack).toBe(false)
    ;(await wrong.accepted.catch(() => null))?.close()
  })

  it('an address in numbers is checked and not asked for by name', async () => {
    const { accepted, address } = await tlsServer()
    const stream = client()
    await stream.connect({ host: '127.0.0.1', port: address.port })
    expect((await accepted).socket.servername).toBe(false)
    stream.close()
  })

  it('B-ios-030 B-ios-032 the default accepts no certificate of an unknown authority', async () => {
    const { accepted, address } = await tlsServer()
    using expected = expectHandshakeFailure()
    const stream = new SSLIOStream()
    const error = await stream.connect(address).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      name: 'SSLCertVerificationError',
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      cause: { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    })
    expect(stream.error).toBe(error)
    expect(stream.closed()).toBe(true)
    expect(expected.seen).toBe(true)
    ;(await accepted.catch(() => null))?.close()
  })

  it('certificate errors are named: self-signed, expired, another authority', async () => {
    const selfSigned = await tlsServer({ certfile: caCerts, keyfile: testAuthority().keyfile })
    const expired = testAuthority().issue(['localhost'], { days: -1 })
    const expiredServer = await tlsServer(expired)
    const foreign = otherAuthority.issue(['localhost'])
    const foreignServer = await tlsServer(foreign)
    using _expected = expectHandshakeFailure()
    const attempts: [{ host: string; port: number }, SSLOptions, string][] = [
      [selfSigned.address, { caCerts: otherAuthority.certfile }, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
      [expiredServer.address, {}, 'CERT_HAS_EXPIRED'],
      [foreignServer.address, {}, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ]
    for (const [address, options, code] of attempts) {
      await expect(client(options).connect(address)).rejects.toMatchObject({
        name: 'SSLCertVerificationError',
        code,
        message: expect.stringContaining(code) as string,
      })
    }
    for (const { accepted } of [selfSigned, expiredServer, foreignServer]) {
      ;(await accepted.catch(() => null))?.close()
    }
  })

  it('B-ios-030 checks are off only when asked for', async () => {
    const unchecked = await tlsServer(otherAuthority.issue(['elsewhere']))
    const stream = client({ certReqs: 'none' })
    await stream.connect(unchecked.address)
    expect(stream.socket.authorized).toBe(false)
    stream.close()
    const otherName = await tlsServer(testAuthority().issue(['elsewhere']))
    const nameless = client({ checkHostname: false })
    await nameless.connect(otherName.address)
    expect(nameless.socket.authorized).toBe(true)
    nameless.close()
    const sslOptions = { certReqs: undefined } as unknown as SSLOptions
    const { address, accepted } = await tlsServer()
    using _expected = expectHandshakeFailure()
    await expect(new SSLIOStream(null, { sslOptions }).connect(address)).rejects.toMatchObject({
      name: 'SSLCertVerificationError',
    })
    ;(await accepted.catch(() => null))?.close()
  })

  it('B-ios-032 a peer that speaks no TLS makes an error of its own name, logged without a stack', async () => {
    const server = createServer((socket) =>
      socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    using expected = expectHandshakeFailure()
    const stream = client()
    const { port } = server.address() as AddressInfo
    await expect(stream.connect({ host: '127.0.0.1', port })).rejects.toMatchObject({
      name: 'SSLError',
      code: expect.stringMatching(/^ERR_SSL_/) as string,
    })
    expect(expected.loggedStack).toBe(false)
    server.close()
  })

  it('B-ios-032 a peer that only hangs up, or refuses, is no warning', async () => {
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const stream = client()
    const write = stream.connect({ host: '127.0.0.1', port })
    await expect(write).rejects.toMatchObject({ code: 'ECONNRESET' })
    server.close()
    await once(server, 'close')
    await expect(client().connect({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
    const closed = client()
    const connected = closed.connect({ host: '127.0.0.1', port })
    closed.close()
    await expect(connected).rejects.toMatchObject({ name: 'StreamClosedError', realError: null })
  })

  it('gives up on a handshake that takes too long', async () => {
    await using stalling = await stallingAddress()
    await expect(client().connect(stalling.address, { timeoutMs: 20 })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const accepted = once(silent, 'connection')
    const stream = client()
    await expect(stream.connect({ host: '127.0.0.1', port }, { timeoutMs: 50 })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    const [socket] = (await accepted) as [Socket]
    socket.destroy()
    silent.close()
  })

  it('needs a name to check over a Unix socket', () => {
    expect(() => client().connect('/tmp/some.sock')).toThrow(
      new TypeError('Cannot check the certificate of a server without serverHostname'),
    )
  })
})

describe('waitForHandshake', () => {
  it('B-ios-033 resolves when the handshake is done, and at once after it', async () => {
    const { accepted, address } = await tlsServer()
    const stream = client()
    const connected = stream.connect(address)
    const handshake = stream.waitForHandshake()
    expect(() => stream.waitForHandshake()).toThrow('Already waiting')
    expect(await handshake).toBe(stream)
    expect(await stream.waitForHandshake()).toBe(stream)
    const peer = await accepted
    expect(await peer.waitForHandshake()).toBe(peer)
    await connected
    stream.close()
    peer.close()
  })

  it('B-ios-032 rejects with what made it fail', async () => {
    const { accepted, address } = await tlsServer()
    using _expected = expectHandshakeFailure()
    const stream = new SSLIOStream()
    const connected = stream.connect(address)
    const handshake = stream.waitForHandshake()
    const error: unknown = await connected.catch((reason: unknown) => reason)
    expect(error).toBe(stream.error)
    await expect(handshake).rejects.toBe(error)
    await expect(stream.waitForHandshake()).rejects.toBe(stream.error)
    const closed = new SSLIOStream()
    closed.close()
    await expect(closed.waitForHandshake()).rejects.toMatchObject({ name: 'StreamClosedError' })
    ;(await accepted.catch(() => null))?.close()
  })
})

describe('startTls', () => {
  it('B-ios-031 converts both sides of a live stream, as SMTP does', async () => {
    const [server, other] = await tcpPair({ maxBufferSize: 5000 })
    await server.write('220 hello\r\n')
    expect(String(await other.readUntil('\r\n'))).toBe('220 hello\r\n')
    await other.write('STARTTLS\r\n')
    expect(String(await server.readUntil('\r\n'))).toBe('STARTTLS\r\n')
    await server.write('220 go ahead\r\n')
    await other.readUntil('\r\n')
    const closed = new Promise<void>((resolve) => server.setCloseCallback(resolve))
    const [secureServer, secureClient] = await Promise.all([
      server.startTls(true, { sslOptions: { certfile, keyfile } }),
      other.startTls(false, { sslOptions: { caCerts }, serverHostname: 'localhost' }),
    ])
    expect([server.closed(), other.closed()]).toEqual([true, true])
    expect(() => server.write('plain')).toThrow('Stream is closed')
    expect(secureServer.maxBufferSize).toBe(5000)
    await secureClient.write('EHLO\r\n')
    expect(String(await secureServer.readUntil('\r\n'))).toBe('EHLO\r\n')
    expect(secureClient.socket.encrypted).toBe(true)
    secureClient.close()
    await closed
    expect(secureServer.closed()).toBe(true)
  })

  it('B-ios-031 refuses a stream that is not idle', async () => {
    const notIdle = 'IOStream is not idle; cannot convert to SSL'
    const sslOptions = { certfile, keyfile }
    const [reading, peer] = await tcpPair()
    void reading.readBytes(1).catch(() => {})
    expect(() => reading.startTls(true, { sslOptions })).toThrow(notIdle)
    reading.close()
    expect(() => reading.startTls(true, { sslOptions })).toThrow('Stream is closed')
    const [writing, slow] = await tcpPair()
    slow.pause()
    void writing.write(Buffer.alloc(1 << 24))
    expect(() => writing.startTls(true, { sslOptions })).toThrow(notIdle)
    expect(() => new IOStream().startTls(false, { serverHostname: 'localhost' })).toThrow(notIdle)
    // What was injected behind STARTTLS must not be read as if it had come over TLS.
    const [injected, attacker] = await tcpPair()
    await attacker.write('STARTTLS\r\nRCPT TO: evil\r\n')
    await injected.readUntil('\r\n')
    expect(() => injected.startTls(true, { sslOptions })).toThrow(notIdle)
    for (const stream of [peer, writing, slow, injected, attacker]) stream.close()
  })

  it('needs a certificate as a server and a name as a client', async () => {
    const [stream, peer] = await tcpPair()
    expect(() => stream.startTls(true)).toThrow(
      new TypeError('A server needs the TLS option certfile, or cert'),
    )
    expect(() => stream.startTls(false)).toThrow('without serverHostname')
    expect(stream.closed()).toBe(false)
    stream.close()
    peer.close()
  })

  it('B-ios-032 a failed handshake rejects both sides and runs the close callbacks', async () => {
    const [server, other] = await tcpPair()
    using expected = expectHandshakeFailure()
    const closed = [server, other].map(
      (stream) => new Promise<void>((resolve) => stream.setCloseCallback(resolve)),
    )
    const results = await Promise.allSettled([
      server.startTls(true, { sslOptions: { certfile, keyfile } }),
      other.startTls(false, {
        sslOptions: { caCerts: otherAuthority.certfile },
        serverHostname: 'localhost',
      }),
    ])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect((results[1] as PromiseRejectedResult).reason).toMatchObject({ name: 'SSLCertVerificationError' })
    await Promise.all(closed)
    expect(expected.seen).toBe(true)
  })

  it('B-ios-032 a client that speaks no TLS fails the server', async () => {
    const [server, other] = await tcpPair()
    using expected = expectHandshakeFailure()
    const secured = server.startTls(true, { sslOptions: { certfile, keyfile } })
    await other.write('GET / HTTP/1.1\r\n\r\n')
    await expect(secured).rejects.toMatchObject({ name: 'SSLError', code: 'ERR_SSL_HTTP_REQUEST' })
    expect(expected.matched).toBe(1)
    other.close()
  })

  it('gives up when it takes too long, or when told to', async () => {
    for (const serverSide of [true, false]) {
      const sslOptions = serverSide ? { certfile, keyfile } : { caCerts }
      const [stream, peer] = await tcpPair()
      const secured = stream.startTls(serverSide, { sslOptions, serverHostname: 'localhost', timeoutMs: 30 })
      await expect(secured).rejects.toMatchObject({ name: 'TimeoutError' })
      peer.close()
      const [other, otherPeer] = await tcpPair()
      const controller = new AbortController()
      const { signal } = controller
      const pending = other.startTls(serverSide, { sslOptions, serverHostname: 'localhost', signal })
      controller.abort(new Error('stop'))
      await expect(pending).rejects.toThrow('stop')
      otherPeer.close()
    }
    const [slow, silent] = await tcpPair()
    const sslOptions = { certfile, keyfile, handshakeTimeoutMs: 30 }
    await expect(slow.startTls(true, { sslOptions })).rejects.toMatchObject({ name: 'TimeoutError' })
    silent.close()
  })
})

describe('between the two sides', () => {
  it('ALPN chooses the first of the server that the client knows', async () => {
    const { accepted, address } = await tlsServer({ alpnProtocols: ['h2', 'http/1.1'] })
    const stream = client({ alpnProtocols: ['http/1.1', 'h2'] })
    await stream.connect(address)
    const peer = await accepted
    expect([stream.alpnProtocol, peer.alpnProtocol]).toEqual(['h2', 'h2'])
    stream.close()
    const plain = await tlsServer()
    const unasked = client()
    await unasked.connect(plain.address)
    expect(unasked.alpnProtocol).toBeNull()
    unasked.close()
  })

  it('ALPN without a common protocol fails', async () => {
    const { accepted, address } = await tlsServer({ alpnProtocols: ['h2'] })
    using expected = expectHandshakeFailure()
    await expect(client({ alpnProtocols: ['spdy/3'] }).connect(address)).rejects.toMatchObject({
      code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL',
    })
    await expect(accepted).rejects.toMatchObject({ name: 'SSLError' })
    expect(expected.seen).toBe(true)
  })

  it('SNI chooses the certificate, by name, by wildcard, or the default', async () => {
    const chat = testAuthority().issue(['chat.example'])
    const any = testAuthority().issue(['*.wild.example'])
    const sniContexts = { 'Chat.example': chat, '*.wild.example': any }
    const names = {
      'chat.example': 'chat.example',
      'a.wild.example': '*.wild.example',
      localhost: 'localhost',
    }
    for (const [serverHostname, subject] of Object.entries(names)) {
      const { accepted, address } = await tlsServer({ sniContexts })
      const stream = client()
      await stream.connect(address, { serverHostname })
      expect(stream.socket.getPeerCertificate().subject.CN).toBe(subject)
      expect((await accepted).socket.servername).toBe(serverHostname)
      stream.close()
    }
    const { accepted, address } = await tlsServer({ sniContexts })
    using _expected = expectHandshakeFailure()
    await expect(client().connect(address, { serverHostname: 'a.b.wild.example' })).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    ;(await accepted.catch(() => null))?.close()
  })

  it('a server can demand a certificate of an authority it knows', async () => {
    const mine = testAuthority().issue(['someone'])
    const mutual = { certReqs: 'required', caCerts } as const
    const { accepted, address } = await tlsServer(mutual)
    const stream = client(mine)
    await stream.connect(address)
    const peer = await accepted
    expect(peer.socket.authorized).toBe(true)
    expect(peer.socket.getPeerCertificate().subject.CN).toBe('someone')
    stream.close()

    const none = await tlsServer(mutual)
    using expected = expectHandshakeFailure()
    await Promise.allSettled([
      client()
        .connect(none.address)
        .then((refused) => refused.readUntilClose()),
    ])
    await expect(none.accepted).rejects.toMatchObject({ name: 'SSLError' })

    const unknown = await tlsServer(mutual)
    const foreigner = client(otherAuthority.issue(['someone']))
    await Promise.allSettled([foreigner.connect(unknown.address).then((refused) => refused.readUntilClose())])
    await expect(unknown.accepted).rejects.toMatchObject({
      name: 'SSLCertVerificationError',
      code: expect.stringMatching(/^(UNABLE_TO_|DEPTH_)/) as string,
    })
    expect(expected.matched).toBe(2)

    const optional = await tlsServer({ certReqs: 'optional', caCerts })
    const anonymous = client()
    await anonymous.connect(optional.address)
    expect((await optional.accepted).socket.authorized).toBe(false)
    anonymous.close()
  })

  it('a server speaks the version it is told to', async () => {
    const { accepted, address } = await tlsServer({ sslVersion: 'TLSv1.2' })
    const stream = client()
    await stream.connect(address)
    expect(stream.socket.getProtocol()).toBe('TLSv1.2')
    await accepted
    stream.close()
    const modern = await tlsServer({ minVersion: 'TLSv1.3' })
    using _expected = expectHandshakeFailure()
    await expect(client({ maxVersion: 'TLSv1.2' }).connect(modern.address)).rejects.toMatchObject({
      name: 'SSLError',
      code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
    })
    await modern.accepted.catch(() => {})
  })

  it('an orderly close gives notice, a cut one does not', async () => {
    for (const isOrderly of [true, false]) {
      // The last version that does not hide what a record is about.
      const { accepted, address } = await tlsServer({ sslVersion: 'TLSv1.2' })
      const relay = await recordingRelay(address.port)
      const stream = client()
      await stream.connect({ host: 'localhost', port: relay.port })
      const peer = await accepted
      await peer.write('answer\n')
      await stream.readUntil('\n')
      if (!isOrderly) {
        stream.pause()
        void peer.write(Buffer.alloc(1 << 24))
      }
      peer.close()
      if (isOrderly) await stream.readUntilClose()
      else stream.close()
      const alert = 21
      expect((await relay.recordTypes()).at(-1) === alert).toBe(isOrderly)
    }
  })

  it('a stream over a socket of Node works, before and after its handshake', async () => {
    const server = createTlsServer({ cert: localhostCertificate().cert, key: localhostCertificate().key })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const [stream] = await Promise.all([
      client().connect({ host: 'localhost', port }),
      once(server, 'secureConnection'),
    ])
    expect(await new SSLIOStream(stream.socket).waitForHandshake()).toBeInstanceOf(SSLIOStream)
    stream.close()
    server.close()
  })

  it('large writes arrive whole, whatever the sizes of the records', async () => {
    const [stream, peer] = await tlsPair()
    const large = Buffer.alloc(8 << 20, 'tornado')
    const written = stream.write(large)
    expect((await peer.readBytes(large.length)).equals(large)).toBe(true)
    await written
    stream.close()
    peer.close()
  })

  it('B-net-012 a ready context is used as it is', async () => {
    const context = new SSLContext({ certfile, keyfile }, { serverSide: true })
    expect(sslOptionsToContext(context, { serverSide: true })).toBe(context)
    const [server, other] = await tcpPair()
    const [secure] = await Promise.all([
      server.startTls(true, { sslOptions: context }),
      other.startTls(false, { sslOptions: new SSLContext({ caCerts }), serverHostname: 'localhost' }),
    ])
    secure.close()
  })
})

import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../../scripts/vitest/certificates.ts'
import { Program } from '../../test/program.ts'
import { bindSockets } from './bind-sockets.ts'
import { bindUnixSocket } from './bind-unix-socket.ts'
import { IOStream, SSLIOStream } from '../stream/io-stream.ts'
import type { PeerAddress } from './peer-address.ts'
import { TCPServer, type TCPServerOptions } from './tcp-server.ts'

const { certfile, keyfile } = localhostCertificate()
const caCerts = testAuthority().certfile
const folder = mkdtempSync(join(tmpdir(), 'tcp-server-'))
afterAll(() => rmSync(folder, { recursive: true }))

type Handle = (stream: IOStream, address: PeerAddress) => void | Promise<void>

/** A server that does what it is told with each stream. */
class TestServer extends TCPServer {
  readonly #handle: Handle

  constructor(handle: Handle, options?: TCPServerOptions) {
    super(options)
    this.#handle = handle
  }

  override handleStream(stream: IOStream, address: PeerAddress): void | Promise<void> {
    return this.#handle(stream, address)
  }

  /** Listens on an unused port of loopback. */
  async open(): Promise<{ host: string; port: number }> {
    this.listen(0, { address: '127.0.0.1' })
    const { port } = await this.bound
    return { host: '127.0.0.1', port }
  }
}

const echo = async (stream: IOStream): Promise<void> => {
  for (;;) await stream.write(await stream.readUntil('\n'))
}

async function ask(where: { host: string; port: number } | string, question: string): Promise<string> {
  const stream = new IOStream()
  await stream.connect(where)
  await stream.write(`${question}\n`)
  const answer = String(await stream.readUntil('\n')).trimEnd()
  stream.close()
  return answer
}

describe('accepting', () => {
  it('B-tcp-009 handleStream gets each stream and the address of its peer, and may be async', async () => {
    const seen: PeerAddress[] = []
    await using server = new TestServer(async (stream, address) => {
      seen.push(address)
      await stream.write('hello')
      stream.close()
    })
    const where = await server.open()
    const stream = new IOStream()
    await stream.connect(where)
    expect(String(await stream.readUntilClose())).toBe('hello')
    expect(seen).toEqual([{ address: '127.0.0.1', port: stream.socket.localPort ?? seen[0]!.port }])
  })

  it('B-tcp-009 handleStream must be overridden', () => {
    expect(() => new TCPServer().handleStream(new IOStream(), { address: '', port: 0 })).toThrow(
      'handleStream must be overridden',
    )
  })

  it('B-tcp-010 an error that is thrown is logged, closes the stream, and the server goes on', async () => {
    using expected = expectLog('tornado.application', 'Error in connection callback')
    let calls = 0
    await using server = new TestServer((stream) => {
      if (++calls === 1) throw new Error('at once')
      void echo(stream).catch(() => {})
    })
    const where = await server.open()
    const failing = new IOStream()
    await failing.connect(where)
    expect((await failing.readUntilClose()).length).toBe(0)
    expect(expected.records[0]!.error).toMatchObject({ message: 'at once' })
    expect(await ask(where, 'still there?')).toBe('still there?')
  })

  it('B-tcp-010 an error that comes later is logged as well', async () => {
    using expected = expectLog('tornado.application', 'Exception in callback handleStream')
    await using server = new TestServer(async (stream) => {
      await stream.readUntil('\n')
      throw new Error('later')
    })
    const where = await server.open()
    await expect(ask(where, 'x')).rejects.toThrow('Stream is closed')
    expect(expected.records[0]!.error).toMatchObject({ message: 'later' })
  })

  it('B-tcp-010 that the peer has gone is no error of the handler', async () => {
    const handled = Promise.withResolvers<unknown>()
    await using server = new TestServer((stream) => {
      const result = echo(stream)
      result.catch(handled.resolve)
      return result
    })
    expect(await ask(await server.open(), 'hello')).toBe('hello')
    expect(await handled.promise).toMatchObject({ name: 'StreamClosedError' })
  })

  it('B-tcp-014 every stream gets the limits of the server', async () => {
    const accepted = Promise.withResolvers<IOStream>()
    const limits = { maxBufferSize: 1000, readChunkSize: 100, maxWriteBufferSize: 2000 }
    await using server = new TestServer((stream) => accepted.resolve(stream), limits)
    const stream = new IOStream()
    await stream.connect(await server.open())
    const peer = await accepted.promise
    expect(peer).toMatchObject(limits)
    expect(() => new TestServer(() => {}, { maxBufferSize: 0 })).toThrow(RangeError)
    stream.close()
    peer.close()
  })

  it('maxConnections are served, further ones closed', async () => {
    await using server = new TestServer(echo, { maxConnections: 2 })
    const where = await server.open()
    const streams = [new IOStream(), new IOStream(), new IOStream()]
    for (const stream of streams) await stream.connect(where)
    for (const stream of streams) void stream.write('x\n').catch(() => {})
    const answers = await Promise.allSettled(streams.map((stream) => stream.readUntil('\n')))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    for (const stream of streams) stream.close()
  })

  it('maxConnections counts all addresses together, and connections that are open', async () => {
    await using server = new TestServer(echo, { maxConnections: 1 })
    server.listen(0, { address: '127.0.0.1' })
    server.listen(0, { address: '127.0.0.1' })
    await server.bound
    const where = server.addresses().map(({ port }) => ({ host: '127.0.0.1', port }))
    expect(where[0]).not.toEqual(where[1])
    const first = new IOStream()
    await first.connect(where[0]!)
    await first.write('x\n')
    await first.readUntil('\n')
    const second = new IOStream()
    await second.connect(where[1]!)
    await expect(second.readUntilClose()).resolves.toHaveLength(0)
    first.close()
    for (let isServed = false; !isServed;) {
      const third = new IOStream()
      await third.connect(where[1]!)
      void third.write('x\n').catch(() => {})
      isServed = await third.readUntil('\n').then(
        () => true,
        () => false,
      )
      third.close()
    }
  })

  it('survives running out of descriptors, and serves again when there are some', async () => {
    await using program = new Program('few-descriptors', [], ['sh', '-c', 'ulimit -n 48; exec "$0" "$@"'])
    const port = Number(await program.line())
    const streams: IOStream[] = []
    for (let isRefused = false; !isRefused;) {
      const stream = new IOStream()
      await stream.connect({ host: '127.0.0.1', port })
      streams.push(stream)
      void stream.write('x\n').catch(() => {})
      isRefused = await stream.readUntil('\n').then(
        () => false,
        () => true,
      )
    }
    const open = streams[0]!
    await open.write('alive\n')
    expect(String(await open.readUntil('\n'))).toBe('alive\n')
    for (const stream of streams) stream.close()
    // The server needs a moment to see them go.
    for (;;) {
      const answer = await ask({ host: '127.0.0.1', port }, 'again').catch(() => null)
      if (answer !== null) {
        expect(answer).toBe('again')
        break
      }
    }
  })
})

describe('listening', () => {
  it('B-tcp-011 listen may be called several times, sockets can be added', async () => {
    await using server = new TestServer(echo)
    server.listen(0, { address: '127.0.0.1' })
    server.listen(0, { address: '127.0.0.2', backlog: 10 })
    server.addSockets(await bindSockets(0, { address: '127.0.0.3' }))
    const path = join(folder, 'added.sock')
    server.addSocket(await bindUnixSocket(path))
    const first = await server.bound
    const addresses = server.addresses()
    expect(addresses.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3', path])
    expect(first).toEqual(addresses[0])
    for (const { address, port, family } of addresses) {
      expect(await ask(family === 'Unix' ? path : { host: address, port }, address)).toBe(address)
    }
  })

  it('listens on both kinds of addresses with one socket, on one kind, or on all of a name', async () => {
    await using server = new TestServer(echo)
    server.listen(0)
    const everywhere = await server.bound
    expect(server.addresses()).toHaveLength(1)
    expect(await ask({ host: '127.0.0.1', port: everywhere.port }, 'over IPv4')).toBe('over IPv4')
    await using four = new TestServer(echo)
    four.listen(0, { family: 'IPv4' })
    expect(await four.bound).toMatchObject({ address: '0.0.0.0', family: 'IPv4' })
    await using named = new TestServer(echo)
    named.listen(0, { address: 'localhost' })
    const { port } = await named.bound
    for (const { address } of named.addresses()) expect(await ask({ host: address, port }, 'hi')).toBe('hi')
    await using exact = new TestServer(echo)
    exact.listen(0, { address: '127.0.0.1', family: 'IPv4', reusePort: true })
    expect((await exact.bound).address).toBe('127.0.0.1')
  })

  it('tells why it cannot listen', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    const server = new TestServer(echo)
    server.listen(port, { address: '127.0.0.1' })
    await expect(server.bound).rejects.toMatchObject({
      message: `Cannot listen on 127.0.0.1:${port}: address already in use`,
      cause: { code: 'EADDRINUSE' },
    })
    server.stop()
    other.close()
    expect(() => server.listen(-1)).toThrow(RangeError)
    expect(() => server.bind(1.5)).toThrow(RangeError)
    await expect(new TestServer(echo).bound).rejects.toThrow('Cannot be bound before listen')
  })

  it('ends the program when nobody looks at why it cannot listen', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as { port: number }
    await using program = new Program('unobserved-listen', [String(port)])
    expect(await program.ended()).toBe(1)
    expect(program.errors).toBe(`Cannot listen on 127.0.0.1:${port}: address already in use\n`)
    other.close()
  })

  it('B-tcp-011 B-tcp-012 bind waits for start, which may be called once', async () => {
    await using server = new TestServer(echo)
    server.bind(0, { address: '127.0.0.1' })
    server.bind(0, { address: '127.0.0.2' })
    await expect(server.bound).rejects.toThrow('Cannot be bound before listen')
    expect(server.addresses()).toEqual([])
    await server.start()
    const { port } = await server.bound
    expect(server.addresses()).toHaveLength(2)
    expect(await ask({ host: '127.0.0.1', port }, 'started')).toBe('started')
    await expect(server.start()).rejects.toThrow('Server is started already')
  })

  it('B-tcp-013 stop closes what listens, twice does no harm, connections go on', async () => {
    let stopInside = false
    const server = new TestServer(async (stream) => {
      if (stopInside) server.stop()
      await echo(stream)
    })
    const where = await server.open()
    const stream = new IOStream()
    await stream.connect(where)
    await stream.write('before\n')
    expect(String(await stream.readUntil('\n'))).toBe('before\n')
    server.stop()
    server.stop()
    expect(server.addresses()).toEqual([])
    await expect(new IOStream().connect(where)).rejects.toMatchObject({ realError: { code: 'ECONNREFUSED' } })
    await stream.write('after\n')
    expect(String(await stream.readUntil('\n'))).toBe('after\n')
    stream.close()
    // Also from inside a handler, and before what was asked for is bound.
    stopInside = true
    expect(await ask(await server.open(), 'last')).toBe('last')
    await expect(new IOStream().connect(where)).rejects.toMatchObject({ realError: { code: 'ECONNREFUSED' } })
    server.listen(0, { address: '127.0.0.1' })
    const { bound } = server
    server.stop()
    const late = await bound
    await expect(new IOStream().connect({ host: '127.0.0.1', port: late.port })).rejects.toMatchObject({
      realError: { code: 'ECONNREFUSED' },
    })
  })
})

describe('in several processes', () => {
  it.each(['bind', 'sockets', 'reuse'])('B-tcp-012 shares the port: %s', async (mode) => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as { port: number }
    probe.close()
    await once(probe, 'close')
    await using program = new Program('multi-server', [mode, String(port)])
    expect(await program.lines(2)).toEqual([`task 0 listens on ${port}`, `task 1 listens on ${port}`])
    const seen = new Set<string>()
    while (seen.size < 2) {
      const stream = new IOStream()
      await stream.connect({ host: '127.0.0.1', port })
      seen.add(String(await stream.readUntil('\n')))
    }
    expect([...seen].toSorted()).toEqual(['0\n', '1\n'])
    program.child.kill('SIGTERM')
    expect(await program.ended()).toBe(0)
  })

  it('B-tcp-012 one process is no fork', async () => {
    await using program = new Program('multi-server', ['listen'])
    expect(await program.line()).toMatch(/^task none listens on \d+$/)
  })
})

describe('over TLS', () => {
  async function askOverTls(port: number, question: string, serverHostname = 'localhost'): Promise<string> {
    const stream = new SSLIOStream(null, { sslOptions: { caCerts } })
    await stream.connect({ host: '127.0.0.1', port }, { serverHostname })
    await stream.write(`${question}\n`)
    const answer = String(await stream.readUntil('\n')).trimEnd()
    stream.close()
    return answer
  }

  it('hands out streams whose handshake is done', async () => {
    const handle: Handle = async (stream, address) => {
      expect(stream).toBeInstanceOf(SSLIOStream)
      expect(await (stream as SSLIOStream).waitForHandshake()).toBe(stream)
      expect(address.address).toBe('127.0.0.1')
      await echo(stream)
    }
    await using server = new TestServer(handle, { sslOptions: { certfile, keyfile } })
    const { port } = await server.open()
    expect(await askOverTls(port, 'secret')).toBe('secret')
    expect(server.sslContext!.options.certfile).toBe(certfile)
    expect(new TCPServer().sslContext).toBeNull()
  })

  it('what goes wrong in a handshake harms nobody else', async () => {
    using expected = expectLog('tornado.general', /^SSL Error on 127\.0\.0\.1 \d+: /, { level: 'warning' })
    let handled = 0
    const handle: Handle = (stream) => {
      handled++
      return echo(stream)
    }
    await using server = new TestServer(handle, {
      sslOptions: { certfile, keyfile, handshakeTimeoutMs: 1_000 },
    })
    const { host, port } = await server.open()
    const plain = connect(port, host)
    plain.on('error', () => {})
    plain.write('GET / HTTP/1.1\r\n\r\n')
    await new Promise((resolve) => plain.resume().once('close', resolve))
    const reset = connect(port, host)
    await once(reset, 'connect')
    reset.resetAndDestroy()
    const silent = connect(port, host)
    await new Promise((resolve) => silent.resume().once('close', resolve))
    expect(await askOverTls(port, 'fine')).toBe('fine')
    expect(handled).toBe(1)
    expect(expected.matched).toBe(1)
  })

  it('checks the options when it is made', () => {
    const make = (sslOptions: NonNullable<TCPServerOptions['sslOptions']>) => () =>
      new TestServer(echo, { sslOptions })
    expect(make({})).toThrow('A server needs the TLS option certfile, or cert')
    expect(make({ certfile: '/missing.pem' })).toThrow('Cannot read /missing.pem for TLS: ENOENT')
    expect(make({ certfile, keyfile: caCerts })).toThrow(`Cannot use the certificate ${certfile} and its key`)
    expect(make({ certFile: 'x' } as object)).toThrow(new TypeError('Unknown TLS option certFile'))
  })
})

describe('behind proxies', () => {
  const v1 = 'PROXY TCP4 192.0.2.1 192.0.2.2 5000 443\r\n'

  /** Sends text to a new connection and gives the answer until the end. */
  async function exchange(port: number, text: string | Buffer, pieceSize = Infinity): Promise<string> {
    const stream = new IOStream()
    await stream.connect({ host: '127.0.0.1', port })
    for (let at = 0; at < text.length; at += pieceSize) {
      void stream.write(text.slice(at, at + pieceSize)).catch(() => {})
      if (pieceSize < Infinity) await new Promise((resolve) => setImmediate(resolve))
    }
    return String(await stream.readUntilClose())
  }

  const tell: Handle = async (stream, { address, port, proxy }) => {
    const line = String(await stream.readUntil('\n')).trimEnd()
    await stream.write(`${line} from ${address} ${port}, version ${proxy?.version ?? 'none'}`)
    stream.close()
  }

  it('the address is what the trusted proxy says, however its header is cut', async () => {
    await using server = new TestServer(tell, { proxyProtocol: { trusted: ['127.0.0.0/8'] } })
    const { port } = await server.open()
    for (const pieceSize of [Infinity, 1, 7]) {
      expect(await exchange(port, `${v1}hello\n`, pieceSize)).toBe('hello from 192.0.2.1 5000, version 1')
    }
    const v2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000203c000020217701f90', 'hex')
    expect(await exchange(port, Buffer.concat([v2, Buffer.from('hi\n')]))).toBe(
      'hi from 192.0.2.3 6000, version 2',
    )
    const own = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex')
    expect(await exchange(port, Buffer.concat([own, Buffer.from('health\n')]))).toMatch(
      /^health from 127\.0\.0\.1 \d+, version 2$/,
    )
    expect(await exchange(port, 'PROXY UNKNOWN\r\nx\n')).toMatch(/^x from 127\.0\.0\.1 \d+, version 1$/)
  })

  it('nobody is believed by default, nor who is not trusted', async () => {
    await using plain = new TestServer(tell)
    expect(await exchange((await plain.open()).port, `${v1}x\n`)).toMatch(
      /^PROXY .* from 127\.0\.0\.1 \d+, version none$/,
    )
    let handled = 0
    await using strict = new TestServer(() => void handled++, {
      proxyProtocol: { trusted: ['192.0.2.0/24', '::1'] },
    })
    expect(await exchange((await strict.open()).port, `${v1}x\n`).catch(() => '')).toBe('')
    expect(handled).toBe(0)
    await using lenient = new TestServer(tell, {
      proxyProtocol: { trusted: ['192.0.2.0/24'], others: 'serve' },
    })
    expect(await exchange((await lenient.open()).port, 'x\n')).toMatch(
      /^x from 127\.0\.0\.1 \d+, version none$/,
    )
    await using unix = new TestServer(tell, { proxyProtocol: { trusted: ['unix'] } })
    const path = join(folder, 'proxy.sock')
    unix.addSocket(await bindUnixSocket(path))
    const stream = new IOStream()
    await stream.connect(path)
    await stream.write(`${v1}y\n`)
    expect(String(await stream.readUntilClose())).toBe('y from 192.0.2.1 5000, version 1')
  })

  it('a trusted proxy that sends none, a broken one, or takes too long is cut off', async () => {
    using expected = expectLog('tornado.general', /^No PROXY header from 127\.0\.0\.1: /, {
      level: 'warning',
    })
    let handled = 0
    await using server = new TestServer(() => void handled++, {
      proxyProtocol: { trusted: ['127.0.0.1'], timeoutMs: 50 },
    })
    const { port } = await server.open()
    for (const text of ['GET / HTTP/1.1\r\n\r\n', 'PROXY TCP4 nonsense\r\n', 'PROXY TC', '']) {
      await exchange(port, text).catch(() => '')
    }
    const gone = connect(port, '127.0.0.1')
    await once(gone, 'connect')
    gone.end('PRO')
    await new Promise((resolve) => gone.resume().once('close', resolve))
    expect(handled).toBe(0)
    expect(expected.records.map(({ message }) => message.replace(/^.*?: /, ''))).toEqual([
      'Connection does not begin with a PROXY header',
      'PROXY line is malformed: "PROXY TCP4 nonsense"',
      'none within 50 ms',
      'none within 50 ms',
      'connection ended before it',
    ])
    for (const source of ['example.com', '10.0.0.0/33', '1.2.3.4/', '::/129', '1.1.1.1/8/8']) {
      expect(() => new TestServer(tell, { proxyProtocol: { trusted: [source] } })).toThrow(TypeError)
    }
  })

  it('the header comes before the handshake of TLS', async () => {
    const options = { proxyProtocol: { trusted: ['127.0.0.1'] }, sslOptions: { certfile, keyfile } }
    await using server = new TestServer(tell, options)
    const { port } = await server.open()
    const stream = new IOStream()
    await stream.connect({ host: '127.0.0.1', port })
    await stream.write(v1)
    const secure = await stream.startTls(false, { sslOptions: { caCerts }, serverHostname: 'localhost' })
    await secure.write('hello\n')
    expect(String(await secure.readUntilClose())).toBe('hello from 192.0.2.1 5000, version 1')
  })
})

import { expectLog } from '@tornado-ts/log/testing'
import { createServer, Socket, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../../scripts/vitest/certificates.ts'
import { stallingAddress } from '../../test/stalling-address.ts'
import { interleaveFamilies } from './connection-race.ts'
import { IOStream, SSLIOStream } from '../stream/io-stream.ts'
import { Resolver, type ResolvedAddress, type ResolveOptions } from '../netutil/resolver.ts'
import { TCPClient } from './tcp-client.ts'
import { TCPServer } from './tcp-server.ts'

const { certfile, keyfile } = localhostCertificate()
const caCerts = testAuthority().certfile
const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1')

afterEach(() => {
  vi.restoreAllMocks()
})

/** Gives the same addresses for every host. */
class FixedResolver extends Resolver {
  readonly #addresses: readonly { host: string; port: number }[]
  isClosed = false
  asked: [string, number, ResolveOptions | undefined] | null = null

  constructor(...addresses: readonly { host: string; port: number }[]) {
    super()
    this.#addresses = addresses
  }

  override async resolve(host: string, port: number, options?: ResolveOptions): Promise<ResolvedAddress[]> {
    this.asked = [host, port, options]
    return this.#addresses.map((address) => ({
      family: address.host.includes(':') ? 'IPv6' : 'IPv4',
      address: address.host,
      port: address.port,
    }))
  }

  override close(): void {
    this.isClosed = true
  }
}

/** Says where it listens to whoever connects. */
class HelloServer extends TCPServer {
  override async handleStream(stream: IOStream): Promise<void> {
    await stream.write(`hello from ${stream.socket.localAddress}\n`)
    await stream.readUntilClose()
  }

  static async open(host: string, options: ConstructorParameters<typeof TCPServer>[0] = {}) {
    const server = new HelloServer(options)
    server.listen(0, { address: host })
    const { port } = await server.bound
    return { server, address: { host, port } }
  }
}

async function hello(stream: IOStream): Promise<string> {
  const line = String(await stream.readUntil('\n')).trimEnd()
  stream.close()
  return line
}

/** A port of this address that refuses. */
async function refusing(host: string): Promise<{ host: string; port: number }> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return { host, port }
}

describe('connect', () => {
  it('B-tcp-001 looks the host up and connects', async () => {
    const { server, address } = await HelloServer.open('127.0.0.1')
    using client = new TCPClient()
    const stream = await client.connect('localhost', address.port, { maxBufferSize: 5000, family: 'IPv4' })
    expect(stream).toBeInstanceOf(IOStream)
    expect(stream.maxBufferSize).toBe(5000)
    expect(await hello(stream)).toBe('hello from 127.0.0.1')
    expect(await hello(await client.connect('127.0.0.1', address.port))).toBe('hello from 127.0.0.1')
    server.stop()
  })

  it('B-tcp-001 the kind of address can be chosen', async () => {
    const resolver = new FixedResolver(await refusing('127.0.0.1'))
    const client = new TCPClient({ resolver })
    await expect(client.connect('some.host', 99, { family: 'IPv6' })).rejects.toThrow('Stream is closed')
    expect(resolver.asked).toMatchObject(['some.host', 99, { family: 'IPv6' }])
    if (hasIPv6) {
      const { server, address } = await HelloServer.open('::1')
      using own = new TCPClient()
      expect(await hello(await own.connect('::1', address.port))).toBe('hello from ::1')
      server.stop()
    }
  })

  it('B-tcp-004 a refused connection raises the last error', async () => {
    const resolver = new FixedResolver(await refusing('127.0.0.1'), await refusing('127.0.0.2'))
    await expect(new TCPClient({ resolver }).connect('some.host', 1)).rejects.toMatchObject({
      name: 'StreamClosedError',
      realError: { code: 'ECONNREFUSED', address: '127.0.0.2' },
    })
  })

  it('a host without addresses raises the error of the resolver', async () => {
    using client = new TCPClient()
    await expect(client.connect(`${'x'.repeat(64)}.invalid`, 1)).rejects.toMatchObject({
      name: 'ResolverError',
    })
  })

  it('B-tcp-006 connects from the address and the port that are asked for', async () => {
    const { server, address } = await HelloServer.open('127.0.0.1')
    using client = new TCPClient()
    const fromAddress = await client.connect('127.0.0.1', address.port, { sourceIp: '127.0.0.5' })
    expect(fromAddress.socket.localAddress).toBe('127.0.0.5')
    fromAddress.close()
    const { port: free } = await refusing('127.0.0.1')
    const fromPort = await client.connect('127.0.0.1', address.port, { sourcePort: free })
    expect([fromPort.socket.localAddress, fromPort.socket.localPort]).toEqual(['127.0.0.1', free])
    fromPort.close()
    server.stop()
  })

  it('B-tcp-006 a source that cannot be had raises the error of the system', async () => {
    const { server, address } = await HelloServer.open('127.0.0.1')
    using client = new TCPClient()
    await expect(client.connect('127.0.0.1', address.port, { sourceIp: '192.0.2.1' })).rejects.toMatchObject({
      code: 'EADDRNOTAVAIL',
      syscall: 'bind',
    })
    const options = { sourceIp: '127.0.0.1', sourcePort: address.port }
    await expect(client.connect('127.0.0.1', address.port, options)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    })
    server.stop()
  })

  it('B-tcp-007 TLS is checked against the host that was asked for', async () => {
    const { server, address } = await HelloServer.open('127.0.0.1', { sslOptions: { certfile, keyfile } })
    const client = new TCPClient({ resolver: new FixedResolver(address) })
    const stream = await client.connect('localhost', 443, { sslOptions: { caCerts }, maxBufferSize: 6000 })
    expect(stream).toBeInstanceOf(SSLIOStream)
    expect(stream.socket.authorized).toBe(true)
    expect(stream.maxBufferSize).toBe(6000)
    expect(await hello(stream)).toBe('hello from 127.0.0.1')
    const named = { sslOptions: { caCerts }, serverHostname: 'localhost' }
    expect(await hello(await client.connect('other.example', 443, named))).toBe('hello from 127.0.0.1')
    using expected = expectLog('tornado.general', /^SSL Error on 127\.0\.0\.1 \d+: /, { level: 'warning' })
    await expect(client.connect('other.example', 443, { sslOptions: { caCerts } })).rejects.toMatchObject({
      name: 'SSLCertVerificationError',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    })
    await expect(client.connect('localhost', 443, { sslOptions: true })).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    })
    expect(expected.seen).toBe(true)
    expect(() => client.connect('localhost', 443, { sslOptions: { cafile: 'x' } as object })).toThrow(
      TypeError,
    )
    server.stop()
  })

  it('B-tcp-008 closes the resolver only if it made it', () => {
    const resolver = new FixedResolver()
    new TCPClient({ resolver }).close()
    expect(resolver.isClosed).toBe(false)
    class OwnResolver extends Resolver {
      static closed = 0
      override close(): void {
        OwnResolver.closed++
      }
    }
    Resolver.configure(OwnResolver)
    new TCPClient().close()
    new TCPClient()[Symbol.dispose]()
    expect(OwnResolver.closed).toBe(2)
    Resolver.configure(null)
  })
})

describe('time', () => {
  it('B-tcp-005 timeoutMs covers looking up, connecting and the handshake', async () => {
    class SlowResolver extends Resolver {
      override resolve(): Promise<ResolvedAddress[]> {
        return new Promise(() => {})
      }
    }
    const options = { timeoutMs: 30 }
    await expect(
      new TCPClient({ resolver: new SlowResolver() }).connect('a', 1, options),
    ).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await using stalling = await stallingAddress()
    using client = new TCPClient()
    const connects = vi.spyOn(Socket.prototype, 'connect')
    await expect(client.connect('127.0.0.1', stalling.address.port, options)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect((connects.mock.instances as Socket[]).map(({ destroyed }) => destroyed)).toEqual([true])
    const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    await expect(client.connect('127.0.0.1', port, { sslOptions: true, ...options })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    silent.close()
    await once(silent, 'close')
  })

  it('B-tcp-005 nothing but a number of milliseconds is a time', async () => {
    const client = new TCPClient({ resolver: new FixedResolver() })
    for (const timeoutMs of ['1', null, { seconds: 1 }, new Date()] as unknown as number[]) {
      expect(() => client.connect('a', 1, { timeoutMs })).toThrow(TypeError)
    }
    expect(() => client.connect('a', 1, { timeoutMs: -1 })).toThrow(RangeError)
    expect(() => client.connect('a', 1, { staggerMs: NaN })).toThrow(RangeError)
  })

  it('a signal ends it at any stage', async () => {
    await using stalling = await stallingAddress()
    using client = new TCPClient()
    const controller = new AbortController()
    const { signal } = controller
    const connected = client.connect('127.0.0.1', stalling.address.port, { signal, timeoutMs: 60_000 })
    controller.abort(new Error('not needed'))
    await expect(connected).rejects.toThrow('not needed')
    await expect(client.connect('127.0.0.1', 1, { signal })).rejects.toThrow('not needed')
  })
})

describe('racing (RFC 8305)', () => {
  /** Notes which addresses are tried, as they are. */
  function watchAttempts(): { hosts: () => string[]; sockets: () => Socket[] } {
    const connects = vi.spyOn(Socket.prototype, 'connect')
    const isAttempt = (options: unknown): options is { host: string } =>
      typeof options === 'object' && options !== null
    return {
      hosts: () => connects.mock.calls.map(([options]) => (isAttempt(options) ? options.host : '')),
      sockets: () => connects.mock.instances as Socket[],
    }
  }

  it('B-tcp-003 the next address is tried when one takes too long; the loser is closed', async () => {
    await using stalling = await stallingAddress('127.0.0.2')
    const { server, address } = await HelloServer.open('127.0.0.3')
    const attempts = watchAttempts()
    const client = new TCPClient({ resolver: new FixedResolver(stalling.address, address) })
    const begun = performance.now()
    expect(await hello(await client.connect('some.host', 1, { staggerMs: 40 }))).toBe('hello from 127.0.0.3')
    expect(performance.now() - begun).toBeGreaterThanOrEqual(38)
    expect(attempts.hosts()).toEqual(['127.0.0.2', '127.0.0.3'])
    expect(attempts.sockets()[0]!.destroyed).toBe(true)
    server.stop()
  })

  it('B-tcp-003 the default is to wait 300 ms', async () => {
    const timeouts = vi.spyOn(globalThis, 'setTimeout')
    const { server, address } = await HelloServer.open('127.0.0.1')
    const client = new TCPClient({ resolver: new FixedResolver(address, address) })
    await hello(await client.connect('some.host', 1))
    expect(timeouts.mock.calls.map(([, delay]) => delay)).toContain(300)
    server.stop()
  })

  it('B-tcp-003 an address that fails makes room for the next at once', async () => {
    const { server, address } = await HelloServer.open('127.0.0.3')
    const resolver = new FixedResolver(await refusing('127.0.0.1'), await refusing('127.0.0.2'), address)
    const attempts = watchAttempts()
    const client = new TCPClient({ resolver })
    // With this stagger, an attempt that waited for its time would outlast the test.
    const stream = await client.connect('some.host', 1, { staggerMs: 3_600_000 })
    expect(await hello(stream)).toBe('hello from 127.0.0.3')
    expect(attempts.hosts()).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3'])
    server.stop()
  })

  it('B-tcp-004 the first success wins, and no further address is tried', async () => {
    const { server, address } = await HelloServer.open('127.0.0.1')
    const attempts = watchAttempts()
    const resolver = new FixedResolver(address, await refusing('127.0.0.2'))
    await hello(await new TCPClient({ resolver }).connect('some.host', 1, { staggerMs: 10_000 }))
    expect(attempts.hosts()).toEqual(['127.0.0.1'])
    server.stop()
  })

  it('an attempt goes on while others are made, and may still win', async () => {
    await using slow = await stallingAddress('127.0.0.2')
    await using never = await stallingAddress('127.0.0.3')
    const attempts = watchAttempts()
    const resolver = new FixedResolver(slow.address, never.address, never.address)
    const connected = new TCPClient({ resolver }).connect('some.host', 1, { staggerMs: 10 })
    while (attempts.hosts().length < 3) await new Promise((resolve) => setImmediate(resolve))
    // All that came to it in vain so far is asked again by the system, after a second.
    slow.release()
    const stream = await connected
    expect(stream.socket.remoteAddress).toBe('127.0.0.2')
    expect(attempts.sockets().map(({ destroyed }) => destroyed)).toEqual([false, true, true])
    stream.close()
  })

  it('what drops packets, one address after the other, ends with the time-out, all attempts closed', async () => {
    await using stalling = await stallingAddress('127.0.0.2')
    const attempts = watchAttempts()
    const resolver = new FixedResolver(stalling.address, stalling.address, stalling.address)
    const options = { staggerMs: 10, timeoutMs: 1_000 }
    await expect(new TCPClient({ resolver }).connect('some.host', 1, options)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect(attempts.sockets().map(({ destroyed }) => destroyed)).toEqual([true, true, true])
  })

  it('a failure after all have begun leaves the others in the race', async () => {
    await using slow = await stallingAddress('127.0.0.2')
    const resolver = new FixedResolver(slow.address, await refusing('127.0.0.3'))
    const attempts = watchAttempts()
    const connected = new TCPClient({ resolver }).connect('some.host', 1, { staggerMs: 0 })
    while (attempts.sockets()[1]?.destroyed !== true) await new Promise((resolve) => setImmediate(resolve))
    slow.release()
    const stream = await connected
    expect(stream.socket.remoteAddress).toBe('127.0.0.2')
    stream.close()
  })

  it.skipIf(!hasIPv6)('B-tcp-002 falls back from one kind of address to the other', async () => {
    const four = await HelloServer.open('127.0.0.1')
    const six = await HelloServer.open('::1')
    const fallback = new FixedResolver(await refusing('::1'), four.address)
    expect(await hello(await new TCPClient({ resolver: fallback }).connect('h', 1))).toBe(
      'hello from 127.0.0.1',
    )
    const preferred = new FixedResolver(six.address, four.address)
    expect(await hello(await new TCPClient({ resolver: preferred }).connect('h', 1))).toBe('hello from ::1')
    four.server.stop()
    six.server.stop()
  })

  it('B-tcp-002 the kind of the first address is tried first, then by turns', () => {
    const address = (text: string): ResolvedAddress => ({
      family: text.startsWith('6') ? 'IPv6' : 'IPv4',
      address: text,
      port: 1,
    })
    const order = (...texts: string[]): string[] => {
      return interleaveFamilies(texts.map(address)).map((each) => each.address)
    }
    expect(order('6a', '6b', '6c', '4a', '4b')).toEqual(['6a', '4a', '6b', '4b', '6c'])
    expect(order('4a', '6a', '6b', '6c')).toEqual(['4a', '6a', '6b', '6c'])
    expect(order('4a', '4b')).toEqual(['4a', '4b'])
    expect(order()).toEqual([])
  })
})

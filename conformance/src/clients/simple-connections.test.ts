import {
  ForbiddenAddressError,
  HTTPTimeoutError,
  SimpleAsyncHTTPClient,
  denyPrivateAddresses,
} from '@tornado-ts/httpclient'
import { Resolver, type ResolvedAddress } from '@tornado-ts/iostream/netutil'
import { mkdtemp, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { failureOf } from './engine-suite.ts'
import { HTTPProxy } from './http-proxy.ts'
import { SocksProxy } from './socks-proxy.ts'
import { answer, RawServer, redirect } from './raw-server.ts'

describe('kept connections', () => {
  it('a connection that the server closes is replaced', async () => {
    await using client = new SimpleAsyncHTTPClient()
    await using server = await RawServer.start((_request, socket) => void socket.end(answer('x')))
    for (let i = 0; i < 3; i++) expect((await client.fetch(server.url())).text()).toBe('x')
    expect(server.connections).toBe(3)
  })

  it('Connection: close, HTTP/1.0 and until-close responses end it', async () => {
    await using client = new SimpleAsyncHTTPClient()
    await using server = await RawServer.start(({ path }, socket) => {
      if (path === '/close') return answer('x', { fields: 'Connection: close\r\n' })
      if (path === '/old') return 'HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx'
      socket.end('HTTP/1.1 200 OK\r\n\r\nx')
      return undefined
    })
    for (const path of ['/close', '/old', '/end'])
      expect((await client.fetch(server.url(path))).text()).toBe('x')
    expect([server.connections, client.idleCount]).toEqual([3, 0])
  })

  it('a request that dies on a kept connection before a byte of the answer is sent again, once', async () => {
    await using client = new SimpleAsyncHTTPClient()
    // The second request of each connection meets its end.
    await using server = await RawServer.start(({ index }) => (index === 0 ? answer('x') : null))
    for (let i = 0; i < 4; i++) expect((await client.fetch(server.url())).text()).toBe('x')
    expect(server.connections).toBe(4)
    expect(server.requests).toHaveLength(7)
  })

  it('a PUT is sent again with its body, a POST is not', async () => {
    await using client = new SimpleAsyncHTTPClient()
    await using server = await RawServer.start(({ index, body }) => (index === 0 ? answer(body) : null))
    await client.fetch(server.url())
    expect((await client.fetch(server.url(), { method: 'PUT', body: 'again' })).text()).toBe('again')
    expect((await failureOf(client.fetch(server.url(), { method: 'POST', body: 'once' }))).name).toBe(
      'HTTPStreamClosedError',
    )
    expect(server.requests.filter(({ method }) => method === 'POST')).toHaveLength(1)
  })

  it('a request that dies on a new connection, or after a byte of the answer, is not sent again', async () => {
    await using client = new SimpleAsyncHTTPClient()
    await using server = await RawServer.start(({ index, path }, socket) => {
      if (path === '/new') return null
      if (index === 0) return answer('x')
      socket.end('H')
      return undefined
    })
    await failureOf(client.fetch(server.url('/new')))
    await client.fetch(server.url('/'))
    await failureOf(client.fetch(server.url('/')))
    expect(server.requests).toHaveLength(3)
  })

  it('a source that is used up is not sent again', async () => {
    await using client = new SimpleAsyncHTTPClient()
    await using server = await RawServer.start(({ index }) => (index === 0 ? answer('x') : null))
    await client.fetch(server.url())
    async function* pieces(): AsyncGenerator<string> {
      yield 'gone'
    }
    const failed = client.fetch(server.url(), { method: 'PUT', body: pieces() })
    expect((await failureOf(failed)).name).toBe('HTTPStreamClosedError')
  })

  it('the hint of the server says how long a connection is kept, less a margin', async () => {
    await using client = new SimpleAsyncHTTPClient({ keepAliveTimeoutMs: 60_000 })
    await using server = await RawServer.start(({ path }) =>
      answer('x', {
        fields: `Keep-Alive: ${path === '/1' ? 'timeout=1' : path === '/max' ? 'timeout=50, max=0' : 'timeout=50'}\r\n`,
      }),
    )
    await client.fetch(server.url('/50'))
    await client.fetch(server.url('/max'))
    await client.fetch(server.url('/1'))
    expect([server.connections, client.idleCount]).toEqual([2, 0])
  })

  it('keepAliveTimeoutMs 0 keeps none; maxIdleConnections limits them', async () => {
    await using server = await RawServer.start(() => answer('x'))
    await using other = await RawServer.start(() => answer('x'))
    await using none = new SimpleAsyncHTTPClient({ keepAliveTimeoutMs: 0 })
    await none.fetch(server.url())
    expect(none.idleCount).toBe(0)
    await using one = new SimpleAsyncHTTPClient({ maxIdleConnections: 1 })
    await one.fetch(server.url())
    await one.fetch(other.url())
    expect(one.idleCount).toBe(1)
    await one.fetch(other.url())
    expect(other.connections).toBe(1)
  })

  it('connections are not shared by requests that differ in what decides about safety', async () => {
    await using client = new SimpleAsyncHTTPClient()
    await using server = await RawServer.start((_request, socket) => answer(socket.remoteAddress!))
    expect((await client.fetch(server.url())).text()).toBe('127.0.0.1')
    expect((await client.fetch(server.url(), { networkInterface: '127.0.0.3' })).text()).toBe('127.0.0.3')
    expect((await client.fetch(server.url(), { networkInterface: '127.0.0.3' })).text()).toBe('127.0.0.3')
    expect((await client.fetch(server.url(), { allowIpv6: false })).text()).toBe('127.0.0.1')
    expect(server.connections).toBe(3)
  })

  it('a connection is looked at again after a while before it is used', async () => {
    await using client = new SimpleAsyncHTTPClient({ keepAliveTimeoutMs: 60_000 })
    await using server = await RawServer.start(({ body }) => answer(body))
    await client.fetch(server.url(), { method: 'POST', body: 'one' })
    for (const socket of server.sockets) socket.end()
    // The loop stands still: the end of the connection has come, and nobody has seen it yet.
    const until = performance.now() + 150
    while (performance.now() < until);
    expect((await client.fetch(server.url(), { method: 'POST', body: 'two' })).text()).toBe('two')
    expect(server.connections).toBe(2)
  })
})

describe('limits', () => {
  it('maxConnectionsPerOrigin holds up nobody else', async () => {
    await using client = new SimpleAsyncHTTPClient({ maxClients: 10, maxConnectionsPerOrigin: 2 })
    const held = Promise.withResolvers<void>()
    await using slow = await RawServer.start(async () => {
      await held.promise
      return answer('slow')
    })
    await using quick = await RawServer.start(() => answer('quick'))
    const waiting = Array.from({ length: 20 }, () => client.fetch(slow.url()))
    expect((await client.fetch(quick.url())).text()).toBe('quick')
    expect([client.activeCount, client.queueSize]).toEqual([2, 18])
    held.resolve()
    expect(new Set((await Promise.all(waiting)).map((response) => response.text()))).toEqual(
      new Set(['slow']),
    )
    expect(slow.connections).toBe(2)
  })

  it('a full queue refuses at once', async () => {
    await using client = new SimpleAsyncHTTPClient({ maxClients: 1, maxQueueSize: 1 })
    await using server = await RawServer.start(() => undefined)
    const abort = new AbortController()
    const first = failureOf(client.fetch(server.url(), { signal: abort.signal }))
    const second = failureOf(client.fetch(server.url(), { signal: abort.signal }))
    expect((await failureOf(client.fetch(server.url()))).name).toBe('HTTPQueueFullError')
    abort.abort()
    expect([(await first).name, (await second).name, client.queueSize]).toEqual([
      'AbortError',
      'AbortError',
      0,
    ])
  })

  it('the time in the queue counts against no other time-out', async () => {
    await using client = new SimpleAsyncHTTPClient({ maxClients: 1 })
    const held = Promise.withResolvers<void>()
    await using server = await RawServer.start(async ({ path }) => {
      if (path === '/held') await held.promise
      return answer(path)
    })
    const first = client.fetch(server.url('/held'))
    const second = client.fetch(server.url('/second'), { requestTimeoutMs: 600, connectTimeoutMs: 600 })
    await failureOf(client.fetch(server.url('/third'), { queueTimeoutMs: 700 }))
    held.resolve()
    const response = await second
    expect(response.timeInfo.queueMs! > 190 && response.timeInfo.totalMs! < response.timeInfo.queueMs!).toBe(
      true,
    )
    await first
  })

  it('a redirect releases its slot, and comes after those that wait', async () => {
    await using client = new SimpleAsyncHTTPClient({ maxClients: 1 })
    await using server = await RawServer.start(({ path }) =>
      path === '/first' ? redirect('/last') : answer(path),
    )
    await Promise.all([client.fetch(server.url('/first')), client.fetch(server.url('/second'))])
    expect(server.requests.map(({ path }) => path)).toEqual(['/first', '/second', '/last'])
  })

  it('a thousand that wait and give up leave no trace', async () => {
    await using client = new SimpleAsyncHTTPClient({ maxClients: 1 })
    const held = Promise.withResolvers<void>()
    await using server = await RawServer.start(async () => {
      await held.promise
      return answer('x')
    })
    const first = client.fetch(server.url())
    const abort = new AbortController()
    const others = Array.from({ length: 1000 }, () =>
      failureOf(client.fetch(server.url(), { signal: abort.signal })),
    )
    expect(client.queueSize).toBe(1000)
    abort.abort()
    await Promise.all(others)
    held.resolve()
    await first
    expect([client.queueSize, client.activeCount, server.requests.length]).toEqual([0, 0, 1])
  })

  it('B-client-021 connectTimeoutMs covers the handshake, and the error names the phase', async () => {
    await using client = new SimpleAsyncHTTPClient()
    // Accepts, and says nothing.
    await using server = await RawServer.start(() => undefined)
    const error = await failureOf(
      client.fetch(server.url().replace('http:', 'https:'), { connectTimeoutMs: 30 }),
    )
    expect([error.message, (error as HTTPTimeoutError).phase]).toEqual([
      'HTTP 599: Timeout while connecting',
      'connect',
    ])
    const late = failureOf(client.fetch(server.url().replace('http:', 'https:'), { requestTimeoutMs: 30 }))
    expect(((await late) as HTTPTimeoutError).phase).toBe('connect')
  })

  it('firstByteTimeoutMs is for the first byte alone', async () => {
    await using client = new SimpleAsyncHTTPClient()
    const rest = Promise.withResolvers<void>()
    await using server = await RawServer.start(async ({ path }, socket) => {
      if (path === '/silent') return
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
      await rest.promise
      socket.write('ok')
    })
    const slow = client.fetch(server.url('/slow'), { firstByteTimeoutMs: 800 })
    const error = await failureOf(client.fetch(server.url('/silent'), { firstByteTimeoutMs: 850 }))
    expect((error as HTTPTimeoutError).phase).toBe('first-byte')
    // By now the time of the other is over, too.
    rest.resolve()
    expect((await slow).text()).toBe('ok')
  })
})

describe('a request that is sent again', () => {
  it('has no time-out left of the first time', async () => {
    await using client = new SimpleAsyncHTTPClient()
    const rest = Promise.withResolvers<void>()
    await using server = await RawServer.start(async ({ path, index, connection }, socket) => {
      if (path === '/silent') return undefined
      if (index === 0 && connection === 0) return answer('x')
      if (connection === 0) return null
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
      await rest.promise
      return 'ok'
    })
    await client.fetch(server.url())
    const slow = client.fetch(server.url(), { firstByteTimeoutMs: 300 })
    const error = await failureOf(client.fetch(server.url('/silent'), { firstByteTimeoutMs: 350 }))
    expect((error as HTTPTimeoutError).phase).toBe('first-byte')
    // The time since the request was sent first is over by now.
    rest.resolve()
    expect((await slow).text()).toBe('ok')
  })

  it('SSRF: goes to the address that was allowed, by a proxy, too', async () => {
    await using socks = await SocksProxy.start()
    await using server = await RawServer.start(({ index, connection }) =>
      index > 0 && connection === 0 ? null : answer('x'),
    )
    class ChangingResolver extends Resolver {
      count = 0
      override resolve(host: string, port: number): Promise<ResolvedAddress[]> {
        const address = host !== 'changing.example' ? host : ++this.count <= 2 ? '127.0.0.2' : '127.0.0.1'
        return Promise.resolve([{ family: 'IPv4', address, port }])
      }
    }
    const resolver = new ChangingResolver()
    const addressGuard = ({ address }: ResolvedAddress): boolean => address === '127.0.0.2'
    await using client = new SimpleAsyncHTTPClient({ resolver, addressGuard })
    const options = { proxy: `socks5://127.0.0.1:${socks.port}` }
    const url = `http://changing.example:${server.port}/`
    for (let i = 0; i < 2; i++) expect((await client.fetch(url, options)).text()).toBe('x')
    expect([socks.seen, resolver.count, server.requests.length]).toEqual([
      ['5 127.0.0.2', '5 127.0.0.2'],
      2,
      3,
    ])
  })
})

describe('addresses', () => {
  class FixedResolver extends Resolver {
    override resolve(_host: string, port: number): Promise<ResolvedAddress[]> {
      return Promise.resolve([{ family: 'IPv4', address: '127.0.0.1', port }])
    }
  }

  it("a resolver of the program is the program's to close", () => {
    let closed = 0
    class Watched extends Resolver {
      override close(): void {
        closed++
      }
    }
    const resolver = new Watched()
    new SimpleAsyncHTTPClient({ resolver }).close()
    new SimpleAsyncHTTPClient({ resolver, hostnameMapping: {}, addressGuard: () => true }).close()
    expect(closed).toBe(0)
  })

  it('B-client-027 a resolver of the program is asked', async () => {
    await using client = new SimpleAsyncHTTPClient({ resolver: new FixedResolver() })
    await using server = await RawServer.start(() => answer('x'))
    expect((await client.fetch(`http://nowhere.invalid:${server.port}/`)).text()).toBe('x')
  })

  it('SSRF: an address guard refuses private addresses after the look-up, redirects included', async () => {
    await using server = await RawServer.start(({ path }) =>
      path === '/away' ? redirect('http://127.0.0.2/') : answer(),
    )
    await using client = new SimpleAsyncHTTPClient({
      resolver: new FixedResolver(),
      addressGuard: denyPrivateAddresses,
    })
    const error = await failureOf(client.fetch(`http://public.example:${server.port}/`))
    expect(error).toBeInstanceOf(ForbiddenAddressError)
    await using lenient = new SimpleAsyncHTTPClient({
      addressGuard: ({ address }) => address === '127.0.0.1',
    })
    expect(await failureOf(lenient.fetch(server.url('/away')))).toBeInstanceOf(ForbiddenAddressError)
    expect(server.requests).toHaveLength(1)
  })

  it('SSRF: however an address is written, and wherever its name leads the next time', async () => {
    await using server = await RawServer.start(() => answer('secret'))
    await using client = new SimpleAsyncHTTPClient({ addressGuard: denyPrivateAddresses })
    for (const host of [
      '127.0.0.1',
      '2130706433',
      '0x7f000001',
      '0177.0.0.1',
      '127.1',
      '0',
      '[::1]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[::127.0.0.1]',
      'localhost',
      'LOCALHOST',
      '１２７.0.0.1',
    ]) {
      const error = await failureOf(client.fetch(`http://${host}:${server.port}/`))
      expect([host, error.name]).toEqual([host, 'ForbiddenAddressError'])
    }
    class ChangingResolver extends Resolver {
      count = 0
      override resolve(_host: string, port: number): Promise<ResolvedAddress[]> {
        const address = this.count++ === 0 ? '127.0.0.2' : '127.0.0.1'
        return Promise.resolve([{ family: 'IPv4', address, port }])
      }
    }
    const resolver = new ChangingResolver()
    await using rebound = new SimpleAsyncHTTPClient({
      resolver,
      addressGuard: ({ address }) => address === '127.0.0.2',
    })
    // What was allowed is what is connected to: nobody is there, and nothing is looked up again.
    const url = `http://changing.example:${server.port}/`
    expect([(await failureOf(rebound.fetch(url))).code, resolver.count]).toEqual(['ECONNREFUSED', 1])
    expect((await failureOf(rebound.fetch(url))).name).toBe('ForbiddenAddressError')
    expect(server.requests).toHaveLength(0)
  })

  it('SSRF: a proxy leads to no private address either, and may itself be at one', async () => {
    await using http = await HTTPProxy.start()
    await using socks = await SocksProxy.start()
    await using server = await RawServer.start(() => answer('secret'))
    const names = new Map([
      ['public.example', '192.0.2.1'],
      ['inside.example', '10.0.0.1'],
    ])
    class NamesResolver extends Resolver {
      override resolve(host: string, port: number): Promise<ResolvedAddress[]> {
        return Promise.resolve([{ family: 'IPv4', address: names.get(host) ?? host, port }])
      }
    }
    await using client = new SimpleAsyncHTTPClient({
      resolver: new NamesResolver(),
      addressGuard: (address) => address.address === '192.0.2.1' || denyPrivateAddresses(address),
    })
    const proxies = [`http://127.0.0.1:${http.port}`, `socks5h://127.0.0.1:${socks.port}`]
    for (const proxy of [...proxies, `socks5://127.0.0.1:${socks.port}`]) {
      for (const host of ['127.0.0.1', 'inside.example']) {
        const error = await failureOf(client.fetch(`http://${host}:${server.port}/`, { proxy }))
        expect([proxy, host, error.name]).toEqual([proxy, host, 'ForbiddenAddressError'])
      }
      // A connection to the proxy that is kept is no way around it.
      expect((await client.fetch(`http://public.example:${server.port}/`, { proxy })).code).toBe(200)
      const again = client.fetch(`http://inside.example:${server.port}/`, { proxy })
      expect((await failureOf(again)).name).toBe('ForbiddenAddressError')
    }
    expect([...http.seen, ...socks.seen]).toEqual([
      `GET http://public.example:${server.port}/`,
      '5 public.example',
      '5 192.0.2.1',
    ])
    expect([client.activeCount, client.queueSize]).toEqual([0, 0])
  })

  it('SSRF: what counts as private', () => {
    const isAllowed = (address: string): boolean =>
      denyPrivateAddresses({ family: address.includes(':') ? 'IPv6' : 'IPv4', address, port: 80 })
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '0.0.0.0',
      '224.0.0.1',
      '255.255.255.255',
      '::1',
      '::',
      'fe80::1%eth0',
      'fd00::1',
      '::ffff:10.0.0.1',
      '::ffff:7f00:1',
      '::ffff:0:7f00:1',
      '64:ff9b::a00:1',
      '2002:a00:1::',
      'ff02::1',
    ])
      expect([address, isAllowed(address)]).toEqual([address, false])
    for (const address of ['8.8.8.8', '1.1.1.1', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])
      expect([address, isAllowed(address)]).toEqual([address, true])
  })

  it('a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'client-'))
    const path = join(folder, 's.sock')
    const server = createServer(
      (socket: Socket) => void socket.on('data', () => socket.write(answer('by file'))),
    )
    server.listen(path)
    await once(server, 'listening')
    {
      await using client = new SimpleAsyncHTTPClient()
      expect((await client.fetch('http://docker/info', { unixSocket: path })).text()).toBe('by file')
      expect((await client.fetch('http://docker/info', { unixSocket: path })).text()).toBe('by file')
    }
    server.close()
    await once(server, 'close')
    await rm(folder, { recursive: true })
  })
})

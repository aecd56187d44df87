import { connectOrigin, HTTPRequest, SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import { proxyFromEnvironment } from '@tornado-ts/iostream/proxy'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { describeEngines, failureOf } from './engine-suite.ts'
import { HTTPProxy } from './http-proxy.ts'
import { SocksProxy } from './socks-proxy.ts'
import { answer, RawServer, redirect } from './raw-server.ts'
import { serveTls } from './tls-server.ts'

/** A server over TLS that answers every request with its Proxy-Authorization, or `none`. */
function serveSecrets(): Promise<RawServer> {
  return serveTls(localhostCertificate(), ({ field }) => answer(field('Proxy-Authorization') ?? 'none'))
}

const sslOptions = { ca: testAuthority().cert }

describe('HTTP proxies', () => {
  it('B-client-006 a plain request is told to the proxy with its whole URL', async () => {
    await using proxy = await HTTPProxy.start()
    await using client = new SimpleAsyncHTTPClient()
    const options = { proxyHost: '127.0.0.1', proxyPort: proxy.port }
    expect((await client.fetch('http://a.example/x?y', options)).text()).toBe(
      'GET http://a.example/x?y for a.example',
    )
    // The same connection serves other origins.
    await client.fetch('http://b.example:81/', { proxy: `http://127.0.0.1:${proxy.port}` })
    expect(proxy.seen).toEqual(['GET http://a.example/x?y', 'GET http://b.example:81/'])
  })

  it('a request over TLS gets a tunnel, and CVE-2023-32681: its server does not see Proxy-Authorization', async () => {
    await using proxy = await HTTPProxy.start({ basic: 'u:p' })
    await using server = await serveSecrets()
    await using client = new SimpleAsyncHTTPClient({ defaults: { sslOptions } })
    const url = `https://localhost:${server.port}/`
    const options = { proxy: `http://u:p@127.0.0.1:${proxy.port}` }
    for (let i = 0; i < 2; i++) expect((await client.fetch(url, options)).text()).toBe('none')
    expect(proxy.seen).toEqual([`CONNECT localhost:${server.port} as Basic`])
  })

  it('an HTTPS proxy is spoken to over TLS, and TLS goes through it', async () => {
    await using proxy = await HTTPProxy.start({ tls: localhostCertificate() })
    await using server = await serveSecrets()
    await using client = new SimpleAsyncHTTPClient({ defaults: { sslOptions } })
    const options = {
      proxy: {
        protocol: 'https',
        host: '127.0.0.1',
        port: proxy.port,
        sslOptions: { ca: testAuthority().cert },
      },
    } as const
    expect((await client.fetch('http://a.example/x', options)).text()).toBe(
      'GET http://a.example/x for a.example',
    )
    for (let i = 0; i < 2; i++)
      expect((await client.fetch(`https://localhost:${server.port}/`, options)).text()).toBe('none')
    expect(proxy.seen).toEqual(['GET http://a.example/x', `CONNECT localhost:${server.port}`])
  })

  it('basic authentication at the proxy', async () => {
    await using proxy = await HTTPProxy.start({ basic: 'u:p' })
    await using client = new SimpleAsyncHTTPClient()
    const options = { proxyHost: '127.0.0.1', proxyPort: proxy.port }
    expect((await failureOf(client.fetch('http://a.example/', options))).message).toContain('HTTP 407')
    const right = { ...options, proxyUsername: 'u', proxyPassword: 'p' }
    expect((await client.fetch('http://a.example/', right)).code).toBe(200)
    const tunnel = await failureOf(client.fetch('https://a.example/', options))
    expect([tunnel.name, tunnel.code]).toEqual(['ProxyError', '407'])
  })

  it('digest authentication at the proxy, for tunnels and for whole URLs', async () => {
    await using proxy = await HTTPProxy.start({ digest: ['u', 'p'] })
    await using server = await serveSecrets()
    await using client = new SimpleAsyncHTTPClient({ defaults: { sslOptions } })
    const options = { proxyHost: '127.0.0.1', proxyPort: proxy.port, proxyAuthMode: 'digest' } as const
    const right = { ...options, proxyUsername: 'u', proxyPassword: 'p' }
    expect((await client.fetch('http://a.example/x', right)).text()).toContain('GET http://a.example/x')
    expect((await client.fetch(`https://localhost:${server.port}/`, right)).text()).toBe('none')
    const authority = `CONNECT localhost:${server.port}`
    expect(proxy.seen).toEqual([
      'GET http://a.example/x',
      'GET http://a.example/x as Digest',
      authority,
      `${authority} as Digest`,
    ])
    const wrong = { ...right, proxyPassword: 'q' }
    expect((await failureOf(client.fetch('http://a.example/x', wrong))).message).toContain('HTTP 407')
    expect((await failureOf(client.fetch('https://a.example/x', wrong))).name).toBe('ProxyError')
  })

  it('what a proxy answers instead of a tunnel is an error, whatever it is', async () => {
    await using client = new SimpleAsyncHTTPClient()
    for (const [reply, code] of [
      ['HTTP/1.1 502 Bad Gateway\r\nContent-Length: 5\r\n\r\nsorry', '502'],
      ['SSH-2.0-x\r\n\r\n', 'EPROTO'],
      ['HTTP/1.1 200', undefined],
    ] as const) {
      await using proxy = await RawServer.start((_request, socket) => void socket.end(reply))
      const error = await failureOf(client.fetch('https://a.example/', { proxy: `127.0.0.1:${proxy.port}` }))
      expect(error.code === '599' ? undefined : error.code).toBe(code ?? error.code)
      expect(['ProxyError', 'HTTPStreamClosedError']).toContain(error.name)
    }
  })

  it('proxy row: a CONNECT answer with a body is no tunnel to speak TLS through', async () => {
    await using proxy = await RawServer.start(() => 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody')
    await using client = new SimpleAsyncHTTPClient()
    const failed = client.fetch('https://a.example/', {
      proxy: `127.0.0.1:${proxy.port}`,
      connectTimeoutMs: 2_000,
    })
    expect((await failureOf(failed)).message).toContain('not idle')
    await proxy.settled(0)
    expect([proxy.sockets.size, client.activeCount]).toEqual([0, 0])
  })

  it('ws and wss go through the same proxies: connectOrigin always asks for a tunnel', async () => {
    await using proxy = await HTTPProxy.start()
    await using server = await RawServer.start(() => answer('tunnelled'))
    const request = new HTTPRequest(`ws://a.example:${server.port}/`, {
      proxy: `http://127.0.0.1:${proxy.port}`,
    })
    const { stream } = await connectOrigin(request)
    await stream.write('GET / HTTP/1.1\r\n\r\n')
    expect((await stream.readUntil('tunnelled')).toString()).toContain('200 OK')
    stream.close()
    expect(proxy.seen).toEqual([`CONNECT a.example:${server.port}`])
  })

  it('a redirect chooses its proxy anew', async () => {
    await using proxy = await HTTPProxy.start()
    await using server = await RawServer.start(() => redirect('http://far.example/'))
    await using client = new SimpleAsyncHTTPClient({
      defaults: {
        proxy: proxyFromEnvironment({ http_proxy: `127.0.0.1:${proxy.port}`, no_proxy: '127.0.0.1' }),
      },
    })
    expect((await client.fetch(server.url())).text()).toBe('GET http://far.example/ for far.example')
  })
})

describe('SOCKS proxies', () => {
  for (const [protocol, host, seen] of [
    ['socks5h', 'a.example', '5 a.example'],
    ['socks5', 'localhost', '5 127.0.0.1'],
    ['socks4a', 'a.example', '4 a.example'],
    ['socks4', 'localhost', '4 127.0.0.1'],
    ['socks5h', '127.0.0.9', '5 127.0.0.9'],
    ['socks5', '[::1]', '5 00000000000000000000000000000001'],
  ] as const) {
    it(`${protocol} to ${host}`, async () => {
      await using proxy = await SocksProxy.start()
      await using server = await RawServer.start(({ field }) => answer(field('Host')!))
      await using client = new SimpleAsyncHTTPClient({ hostnameMapping: { localhost: '127.0.0.1' } })
      const url = `http://${host}:${server.port}/`
      for (let i = 0; i < 2; i++)
        expect((await client.fetch(url, { proxy: `${protocol}://127.0.0.1:${proxy.port}` })).text()).toBe(
          `${host}:${server.port}`,
        )
      expect(proxy.seen).toEqual([seen])
    })
  }

  it('name and password', async () => {
    await using proxy = await SocksProxy.start('us:pw')
    await using server = await RawServer.start(() => answer('in'))
    await using client = new SimpleAsyncHTTPClient()
    const url = `http://a.example:${server.port}/`
    const at = `127.0.0.1:${proxy.port}`
    expect((await client.fetch(url, { proxy: `socks5h://us:pw@${at}` })).text()).toBe('in')
    expect((await client.fetch(url, { proxy: `socks4a://us@${at}` })).text()).toBe('in')
    for (const wrong of [`socks5h://us:no@${at}`, `socks5h://${at}`, `socks4a://other@${at}`])
      expect((await failureOf(client.fetch(url, { proxy: wrong }))).name).toBe('ProxyError')
  })

  it('what is refused behind the proxy, and what is no SOCKS', async () => {
    await using proxy = await SocksProxy.start()
    await using client = new SimpleAsyncHTTPClient()
    const refused = await failureOf(
      client.fetch('http://a.example:1/', { proxy: `socks5h://127.0.0.1:${proxy.port}` }),
    )
    expect([refused.name, refused.message]).toEqual([
      'ProxyError',
      expect.stringContaining('connection refused'),
    ])
    await using server = await RawServer.start(() => answer())
    const silent = client.fetch('http://a.example/', {
      proxy: `socks5h://127.0.0.1:${server.port}`,
      connectTimeoutMs: 50,
    })
    expect((await failureOf(silent)).name).toBe('HTTPTimeoutError')
  })

  it('TLS goes through SOCKS', async () => {
    await using proxy = await SocksProxy.start()
    await using server = await serveSecrets()
    await using client = new SimpleAsyncHTTPClient({ defaults: { sslOptions } })
    const options = { proxy: `socks5h://127.0.0.1:${proxy.port}` }
    expect((await client.fetch(`https://localhost:${server.port}/`, options)).text()).toBe('none')
    expect(proxy.seen).toEqual(['5 localhost'])
  })
})

describeEngines('which proxy is told what', (test, { create }) => {
  test('credentials for the proxy of the client are not told to that of a request', async () => {
    await using proxy = await RawServer.start(({ field }) => answer(field('Proxy-Authorization') ?? 'none'))
    const url = 'http://a.example/'
    const corporate = { proxyUsername: 'corporate', proxyPassword: 'secret' }
    await using client = create({ defaults: { proxyHost: '127.0.0.1', proxyPort: proxy.port, ...corporate } })
    expect((await client.fetch(url)).text()).toBe(`Basic ${btoa('corporate:secret')}`)
    expect((await client.fetch(url, { proxy: proxy.url() })).text()).toBe('none')
    const own = proxy.url().replace('//', '//me:mine@')
    expect((await client.fetch(url, { proxy: own })).text()).toBe(`Basic ${btoa('me:mine')}`)
    const host = { proxyHost: '127.0.0.1', proxyPort: proxy.port }
    expect((await client.fetch(url, host)).text()).toBe('none')
    // Where the client has no proxy, they are for those of its requests.
    await using other = create({ defaults: corporate })
    expect((await other.fetch(url, host)).text()).toBe(`Basic ${btoa('corporate:secret')}`)
    expect((await other.fetch(url, { proxy: own })).text()).toBe(`Basic ${btoa('me:mine')}`)
  })

  test('a Unix socket is spoken to directly, whatever the proxy', async () => {
    await using proxy = await RawServer.start(() => answer('by proxy'))
    const folder = await mkdtemp(join(tmpdir(), 'client-'))
    const unixSocket = join(folder, 's.sock')
    const heads: string[] = []
    const server = createServer((socket) =>
      socket.on('data', (data) => {
        heads.push(data.toString())
        socket.end(answer('by file'))
      }),
    )
    await once(server.listen(unixSocket), 'listening')
    {
      await using client = create({ defaults: { proxy: proxy.url().replace('//', '//u:p@') } })
      expect((await client.fetch('http://docker/info', { unixSocket })).text()).toBe('by file')
    }
    expect(heads.join('')).toMatch(/^GET \/info HTTP\/1\.1\r\n(?![^]*Proxy-Authorization)/)
    server.close()
    await once(server, 'close')
    await rm(folder, { recursive: true })
  })
})

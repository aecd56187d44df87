import { AsyncHTTPClient, HTTPRequest, type HTTPRequestOptions } from '@tornado-ts/httpclient'
import {
  addLogHandler,
  removeLogHandler,
  setLogLevel,
  type LogHandler,
  type LogRecord,
} from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { CurlAsyncHTTPClient } from './curl-async-http-client.ts'
import type { CurlHandle } from './curl-handle.ts'
import type { CurlTimeInfo } from './curl-exchange.ts'
import { feature } from './curl-constants.ts'
import { curlLog } from './curl-log.ts'
import { CurlError, LibcurlError } from './errors.ts'
import { libcurl, loadLibcurl } from './libcurl.ts'

const missing = ((): boolean => {
  try {
    libcurl()
    return false
  } catch {
    return true
  }
})()

/** A server, its requests, and a client; both are closed at the end. */
async function withServer(
  listener: RequestListener,
  run: (url: string, requests: IncomingMessage[], client: CurlAsyncHTTPClient) => Promise<void>,
  options: ConstructorParameters<typeof CurlAsyncHTTPClient>[0] = {},
): Promise<void> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new CurlAsyncHTTPClient(options)
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests, client)
  } finally {
    client.close()
    server.closeAllConnections()
    server.close()
  }
}

const echo: RequestListener = (request, response) => {
  response.setHeader('Content-Type', 'application/json')
  request.on('data', () => {})
  request.on('end', () => response.end(JSON.stringify(request.headers)))
}

describe.skipIf(missing)('CurlAsyncHTTPClient', () => {
  it('B-curl-001 a handle is used again without anything of the request before', async () => {
    await withServer(
      echo,
      async (url, requests, client) => {
        await client.fetch(url, {
          authUsername: 'u',
          authPassword: 'p',
          headers: { Cookie: 'a=1', 'X-Own': 'yes' },
          method: 'POST',
          body: 'secret',
          userAgent: 'first',
        })
        await client.fetch(url, { proxy: url, proxyUsername: 'pu', proxyPassword: 'pp' })
        await client.fetch(url, {
          prepareCurlCallback: (handle: CurlHandle) => handle.setopt(10_022, 'fromcallback=1'),
        })
        await client.fetch(url)
        expect(requests[0]!.headers.authorization).toBe(`Basic ${btoa('u:p')}`)
        expect(requests[1]!.headers['proxy-authorization']).toBe(`Basic ${btoa('pu:pp')}`)
        expect(requests[2]!.headers.cookie).toBe('fromcallback=1')
        expect(requests[3]!.method).toBe('GET')
        expect(Object.keys(requests[3]!.headers).sort()).toEqual(['accept-encoding', 'host', 'user-agent'])
      },
      { maxClients: 1 },
    )
  })

  it('B-curl-001 maxClients requests are under way at once', async () => {
    let most = 0
    let now = 0
    await withServer(
      (_request, response) => {
        most = Math.max(most, ++now)
        setImmediate(() => {
          now--
          response.end('x')
        })
      },
      async (url, _requests, client) => {
        await Promise.all(Array.from({ length: 12 }, async () => await client.fetch(url)))
        expect(most).toBeGreaterThan(0)
        expect(most).toBeLessThanOrEqual(2)
        expect([client.activeCount, client.queueSize]).toEqual([0, 0])
      },
      { maxClients: 2 },
    )
  })

  it('B-curl-002 only http and https are spoken, even when libcurl itself follows', async () => {
    await withServer(
      (_request, response) => {
        response.writeHead(302, { Location: 'ftp://127.0.0.1/' })
        response.end()
      },
      async (url, _requests, client) => {
        await expect(client.fetch('ftp://127.0.0.1/')).rejects.toThrow('Unsupported url scheme')
        const followed = client.fetch(url, {
          prepareCurlCallback: (handle: CurlHandle) => handle.setopt(52, true),
        })
        await expect(followed).rejects.toMatchObject({ cause: { errno: 1 } })
      },
    )
  })

  it('B-curl-003 Expect and Pragma are sent only when they are given', async () => {
    await withServer(echo, async (url, requests, client) => {
      await client.fetch(url, { method: 'POST', body: Buffer.alloc(2_000_000) })
      await client.fetch(url, { headers: { Pragma: 'no-cache' } })
      expect([requests[0]!.headers.expect, requests[0]!.headers.pragma]).toEqual([undefined, undefined])
      expect(requests[1]!.headers.pragma).toBe('no-cache')
      await client.fetch(url, { method: 'POST', body: 'x', headers: { Expect: '100-continue' } })
      expect(requests[2]!.headers.expect).toBe('100-continue')
    })
  })

  it('B-curl-004 the user agent is that of all clients, and a decoded encoding is told', async () => {
    const { gzipSync } = await import('node:zlib')
    await withServer(
      (_request, response) => {
        response.setHeader('Content-Encoding', 'gzip')
        response.end(gzipSync('plain'))
      },
      async (url, requests, client) => {
        const response = await client.fetch(url)
        expect(response.text()).toBe('plain')
        expect(response.headers.get('X-Consumed-Content-Encoding')).toBe('gzip')
        expect(requests[0]!.headers['user-agent']).toBe('tornado-ts')
        expect(requests[0]!.headers['accept-encoding']).toContain('deflate')
      },
    )
  })

  it('B-curl-005 proxies: basic and digest, no other mode, and never one of the environment', async () => {
    process.env['http_proxy'] = 'http://127.0.0.1:1'
    try {
      await withServer(
        (request, response) => {
          if (request.url!.startsWith('http:') && request.headers['proxy-authorization'] === undefined) {
            response.writeHead(407, { 'Proxy-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' })
            response.end('who?')
          } else response.end('in')
        },
        async (url, requests, client) => {
          const { hostname, port } = new URL(url)
          const proxy = {
            proxyHost: hostname,
            proxyPort: Number(port),
            proxyUsername: 'me',
            proxyPassword: 'x',
          }
          await client.fetch('http://example.test/a', proxy)
          const digest = await client.fetch('http://example.test/b', { ...proxy, proxyAuthMode: 'digest' })
          expect(digest.text()).toBe('in')
          const given = requests.map(({ headers }) => headers['proxy-authorization']?.split(' ')[0])
          expect(given).toEqual(['Basic', undefined, 'Digest'])
          const wrong = { ...proxy, proxyAuthMode: 'ntlm' as 'basic' }
          await expect(client.fetch(url, wrong)).rejects.toThrow('Unsupported proxyAuthMode')
          expect((await client.fetch(url)).text()).toBe('in')
        },
      )
    } finally {
      delete process.env['http_proxy']
    }
  })

  it('B-curl-006 authentication is basic, as UTF-8, or digest', async () => {
    await withServer(
      (request, response) => {
        if (request.headers.authorization === undefined) {
          response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' })
          response.end()
        } else response.end(request.headers.authorization)
      },
      async (url, _requests, client) => {
        const basic = await client.fetch(url, { authUsername: 'é', authPassword: '€' })
        expect(basic.text()).toBe(`Basic ${Buffer.from('é:€').toString('base64')}`)
        const digest = await client.fetch(url, { authUsername: 'é', authMode: 'digest' })
        expect(digest.text()).toMatch(/^Digest /)
        const wrong = client.fetch(url, { authUsername: 'a', authMode: 'ntlm' as 'basic' })
        await expect(wrong).rejects.toThrow('Unsupported authMode')
      },
    )
  })

  it('B-curl-007 a GET has no body in any case; other methods may', async () => {
    await withServer(
      (request, response) => {
        let body = ''
        request.on('data', (chunk: Buffer) => (body += chunk.toString()))
        request.on('end', () => response.end(`${request.method} ${body}`))
      },
      async (url, _requests, client) => {
        const allowNonstandardMethods = true
        await expect(client.fetch(url, { body: 'x', allowNonstandardMethods })).rejects.toThrow(
          'Body must not be given for method GET',
        )
        const text = async (method: string, body: string | null): Promise<string> =>
          (await client.fetch(url, { method, body, allowNonstandardMethods })).text()
        expect(await text('PATCH', 'p')).toBe('PATCH p')
        expect(await text('DELETE', 'd')).toBe('DELETE d')
        expect(await text('DELETE', null)).toBe('DELETE ')
        expect(await text('PURGE', null)).toBe('PURGE ')
        await expect(client.fetch(url, { method: 'PURGE' })).rejects.toThrow('Unknown method')
        await expect(client.fetch(url, { method: 'A B', allowNonstandardMethods })).rejects.toThrow(
          'Invalid method',
        )
      },
    )
  })

  it('B-curl-008 async callbacks and bodies that are produced work; sslOptions are refused', async () => {
    await withServer(
      (request, response) => {
        request.pipe(response)
      },
      async (url, _requests, client) => {
        let running = 0
        const sizes: number[] = []
        await client.fetch(url, {
          method: 'PUT',
          expect100Continue: true,
          requestTimeoutMs: 60_000,
          bodyProducer: async (write) => {
            for (let i = 0; i < 40; i++) await write(Buffer.alloc(50_000, i))
          },
          streamingCallback: async (chunk) => {
            expect(++running).toBe(1)
            await new Promise((resolve) => setImmediate(resolve))
            sizes.push(chunk.length)
            running--
          },
        })
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2_000_000)
        const secure = client.fetch(url.replace('http:', 'https:'), { sslOptions: {} })
        await expect(secure).rejects.toThrow('sslOptions is not supported')
      },
    )
  })

  it('B-curl-009 callbacks are not called from within libcurl: they may fetch, close and throw', async () => {
    await withServer(
      (_request, response) => response.end('x'),
      async (url, _requests, client) => {
        const inner: Promise<unknown>[] = []
        await client.fetch(url, { streamingCallback: () => void inner.push(client.fetch(url)) })
        expect(inner).toHaveLength(1)
        await Promise.all(inner)
        const thrown = client.fetch(url, {
          headerCallback: () => {
            throw new Error('enough')
          },
        })
        await expect(thrown).rejects.toThrow('enough')
        await expect(client.fetch(url, { headerCallback: () => client.close() })).rejects.toThrow('closed')
      },
    )
  })

  it('B-curl-010 the reason phrase is a header, too', async () => {
    await withServer(
      (_request, response) => {
        response.writeHead(200, 'Fine by me')
        response.end()
      },
      async (url, _requests, client) => {
        const response = await client.fetch(url)
        expect([response.reason, response.headers.get('X-Http-Reason')]).toEqual(['Fine by me', 'Fine by me'])
      },
    )
  })

  it('B-curl-011 a failure of libcurl is a CurlError 599 with its number', async () => {
    await withServer(echo, async (url, _requests, client) => {
      const error = await client.fetch('http://127.0.0.1:1/').catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(CurlError)
      expect(error).toMatchObject({ name: 'CurlError', code: 599, errno: 7 })
      const setUp = await new Promise<unknown>((resolve) => {
        client.fetchImpl(
          new HTTPRequest(url, {
            prepareCurlCallback: () => {
              throw new Error('set-up')
            },
          }),
          resolve as never,
        )
      })
      expect(setUp).toMatchObject({ code: 599, error: { message: 'set-up' } })
    })
  })

  it('B-curl-012 timeInfo has the times of libcurl', async () => {
    await withServer(echo, async (url, _requests, client) => {
      const info = (await client.fetch(url)).timeInfo as CurlTimeInfo
      expect(Object.keys(info).sort()).toEqual([
        'appConnectMs',
        'connectMs',
        'firstByteMs',
        'nameLookupMs',
        'preTransferMs',
        'queueMs',
        'redirectMs',
        'startTransferMs',
        'totalMs',
      ])
      expect(info.startTransferMs).toBeGreaterThanOrEqual(info.preTransferMs)
      expect(info.preTransferMs).toBeGreaterThan(0)
    })
  })

  it('B-curl-013 networkInterface may be a name; prepareCurlCallback runs last', async () => {
    const loopback = Object.entries(networkInterfaces()).find(([, list]) => list?.[0]?.internal === true)![0]
    await withServer(echo, async (url, requests, client) => {
      await client.fetch(url, {
        networkInterface: loopback,
        userAgent: 'before',
        prepareCurlCallback: (handle: CurlHandle) => {
          expect(handle.pointer).not.toBe(0n)
          handle.setopt(10_023, ['X-Last: yes', 'User-Agent: after'])
          handle.setopt(213, 1)
          expect(() => handle.setopt(20_011, 0)).toThrow('does not take this value')
          expect(() => handle.setopt(213, 'text')).toThrow('does not take this value')
        },
      } satisfies HTTPRequestOptions)
      expect(requests[0]!.headers).toMatchObject({ 'x-last': 'yes', 'user-agent': 'after' })
      await expect(client.fetch(url, { networkInterface: 'nosuch0' })).rejects.toThrow('nosuch0')
    })
  })

  it('B-curl-014 at level debug the log has what goes over the wire, without secrets', async () => {
    const records: LogRecord[] = []
    const handler: LogHandler = { handle: (record) => void records.push(record) }
    addLogHandler(handler)
    setLogLevel('debug')
    try {
      await withServer(echo, async (url, _requests, client) => {
        await client.fetch(url, { authUsername: 'me', authPassword: 'secret' })
      })
    } finally {
      setLogLevel('info')
      removeLogHandler(handler)
    }
    const lines = records
      .filter(({ logger }) => logger === curlLog.name)
      .map(({ message }) => String(message))
    expect(lines).toContain('> GET / HTTP/1.1')
    expect(lines).toContain('< HTTP/1.1 200 OK')
    expect(lines).toContain('> Authorization: [hidden]')
    expect(lines.join()).not.toContain(btoa('me:secret'))
  })

  it('may be chosen for the whole program', () => {
    AsyncHTTPClient.configure(CurlAsyncHTTPClient, { maxClients: 3 })
    const client = new AsyncHTTPClient()
    expect(client).toBeInstanceOf(CurlAsyncHTTPClient)
    client.close()
    AsyncHTTPClient.configure(null)
  })

  it('options that it does not have are refused, not ignored', () => {
    for (const options of [
      { resolver: {} },
      { addressGuard: () => true },
      { maxConnectionsPerOrigin: 1 },
      { maxIdleConnections: 1 },
      { maxFieldCount: 1 },
      { maxBufferSize: 1 },
    ])
      expect(() => new CurlAsyncHTTPClient(options as object)).toThrow('has no option')
    expect(() => new CurlAsyncHTTPClient({ maxClients: 0 })).toThrow(RangeError)
  })

  it('a callback of fetchImpl that throws is logged', async () => {
    await withServer(echo, async (url, _requests, client) => {
      using _expected = expectLog('tornado.application', /Exception in callback thrower/)
      await new Promise<void>((resolve) => {
        client.fetchImpl(new HTTPRequest(url), function thrower() {
          setImmediate(resolve)
          throw new Error('in callback')
        })
      })
    })
  })

  it('tells which libcurl and features there are', () => {
    expect(libcurl().version).toMatch(/^[78]\./)
    expect(libcurl().has(feature.ssl)).toBe(true)
  })
})

it('without libcurl the error names what to install', () => {
  expect(() => loadLibcurl(['libnosuch.so.4'])).toThrow(LibcurlError)
  expect(() => loadLibcurl([])).toThrow(/apt install libcurl4.*apk add libcurl/)
})

import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import type { RequestListener } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { authority, clientCertificate, localhostCertificate } from '../../fixtures/certificates.ts'
import { answer, answerJson, QuietDelegate } from '../../fixtures/delegates.ts'
import { hosted, listen, post } from '../../fixtures/hosted.ts'
import { RawClient } from '../../fixtures/raw-client.ts'
import type { HostedOptions } from './hosted-options.ts'
import { toNodeListener } from './node-listener.ts'
import { RuleRouter } from '../routing.ts'

describe('requests', () => {
  it('come whole to a function', async () => {
    const target = answerJson(({ method, uri, version, host, headers, body, remoteIp, protocol }) => ({
      method,
      uri,
      version,
      host,
      remoteIp,
      protocol,
      body: body.toString(),
      cookies: headers.getList('Cookie'),
    }))
    await hosted(target, async (client) => {
      client.send(post('hello', 'cookie: a=1\r\nCookie: b=2\r\n'))
      expect(JSON.parse((await client.response()).body)).toEqual({
        method: 'POST',
        uri: '/path?q=1',
        version: 'HTTP/1.1',
        host: 'x',
        remoteIp: '127.0.0.1',
        protocol: 'http',
        body: 'hello',
        cookies: ['a=1', 'b=2'],
      })
      client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(JSON.parse((await client.response()).body)).toMatchObject({ method: 'GET', body: '' })
    })
  })

  it('come to routers, chunked bodies too', async () => {
    const router = new RuleRouter([['/path', ({ body, connection }) => answer(connection!, body.toString())]])
    await hosted(router, async (client) => {
      client.send('PUT /path HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n')
      expect((await client.response()).body).toBe('abc')
      expect((await client.get('/other')).status).toBe(404)
    })
  })

  it('with a body of several pieces wait for the delegate at each', async () => {
    let pending = 0
    const sizes: number[] = []
    await hosted(
      {
        startRequest: (_, connection) =>
          new (class extends QuietDelegate {
            override async headersReceived(): Promise<void> {
              await new Promise((resolve) => setImmediate(resolve))
            }
            override async dataReceived(chunk: Buffer): Promise<void> {
              expect(++pending).toBe(1)
              await new Promise((resolve) => setImmediate(resolve))
              sizes.push(chunk.length)
              pending--
            }
            override finish(): void {
              answer(connection, String(sizes.reduce((sum, size) => sum + size)))
            }
          })(),
      },
      async (client) => {
        client.send(post('x'.repeat(1_000_000)))
        expect((await client.response()).body).toBe('1000000')
        expect(sizes.length).toBeGreaterThan(3)
      },
    )
  })

  it('bring their trailers', async () => {
    const trailers: string[] = []
    await hosted(
      {
        startRequest: (_, connection) =>
          new (class extends QuietDelegate {
            trailersReceived(fields: HTTPHeaders): void {
              trailers.push(fields.toString())
            }
            override finish(): void {
              answer(connection, trailers.join())
            }
          })(),
      },
      async (client) => {
        client.send('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTrailer: X-A\r\n\r\n')
        client.send('1\r\na\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n')
        expect((await client.response()).body).toBe('X-A: 1\nX-B: 2\n')
      },
    )
  })

  it('are answered with trailers where there is room for them', async () => {
    const target = ({ connection, path }: HTTPServerRequest): void => {
      const headers = new HTTPHeaders({ Trailer: 'X-Sum', 'Content-Type': 'text/plain' })
      if (path === '/sized') headers.set('Content-Length', '4')
      void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, 'body')
      const trailers = new HTTPHeaders([
        ['X-Sum', '1'],
        ['X-Sum', '2'],
      ])
      expect(() => connection!.finish(new HTTPHeaders({ 'Content-Length': '4' }))).toThrow(
        'cannot be a trailer',
      )
      connection!.finish(trailers)
    }
    await hosted(target, async (client) => {
      client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await client.until('\r\n\r\n')).toMatch(/^Trailer: X-Sum\r$/m)
      expect(await client.until('\r\n\r\n')).toBe('4\r\nbody\r\n0\r\nx-sum: 1\r\nx-sum: 2\r\n\r\n')
      client.send('GET /sized HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await client.until('\r\n\r\nbody')).not.toContain('railer')
      client.send('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await client.until('\r\n\r\n')).not.toContain('railer')
      client.send('GET / HTTP/1.0\r\n\r\n')
      expect(await client.until('body')).not.toContain('railer')
      expect(await client.closed).toBeNull()
      expect(client.waiting).toBe('')
    })
  })

  it('are decompressed, and of clients behind proxies, with the options', async () => {
    const target = answerJson(({ body, remoteIp, protocol }) => [body.toString(), remoteIp, protocol])
    const options: HostedOptions = { decompressRequest: true, xheaders: true, protocol: 'https' }
    await hosted(
      target,
      async (client) => {
        const body = gzipSync('plain again').toString('latin1')
        client.send(post(body, 'Content-Encoding: gzip\r\nX-Real-Ip: 4.4.4.4\r\n'))
        expect(JSON.parse((await client.response()).body)).toEqual(['plain again', '4.4.4.4', 'https'])
      },
      options,
    )
  })

  it('over TLS know the certificate of the client', async () => {
    const target = answerJson((request) => [request.protocol, request.getSslCertificate()?.subject.CN])
    const server = createHttpsServer(
      { ...localhostCertificate, ca: authority, requestCert: true },
      toNodeListener(target),
    )
    const port = await listen(server)
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority, ...clientCertificate })
    await using client = new RawClient(socket)
    expect(JSON.parse((await client.get('/')).body)).toEqual(['https', 'A client'])
    server.close()
  })

  it('whose bytes something before has read come from rawBody, or are refused', async () => {
    using _log = expectLog(appLog, 'Uncaught exception')
    const reading =
      (keeps: boolean) =>
      (listener: RequestListener): RequestListener =>
      async (request, response) => {
        const parts: Buffer[] = await request.toArray()
        if (keeps) Object.assign(request, { rawBody: Buffer.concat(parts) })
        listener(request, response)
      }
    const target = ({ body, connection }: HTTPServerRequest): void => answer(connection!, body.toString())
    const run =
      (expected: Partial<Awaited<ReturnType<RawClient['response']>>>) =>
      async (client: RawClient): Promise<void> => {
        client.send(post('hello'))
        expect(await client.response()).toMatchObject(expected)
      }
    await hosted(target, run({ status: 200, body: 'hello' }), {}, reading(true))
    await hosted(target, run({ status: 500 }), {}, reading(false))
  })

  it('by HTTP/2 work too', async () => {
    const server = createHttp2Server(
      toNodeListener(({ host, method, version, body, connection }) =>
        answer(connection!, `${method} ${host} ${version} ${body.toString()}`, { Connection: 'close' }),
      ) as unknown as Parameters<typeof createHttp2Server>[1] & object,
    )
    const port = await listen(server)
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    const stream = session.request({ ':method': 'POST', ':path': '/' })
    stream.end('hello')
    let body = ''
    for await (const chunk of stream.setEncoding('utf8')) body += chunk
    expect(body).toBe(`POST 127.0.0.1:${port} HTTP/2.0 hello`)
    session.close()
    server.close()
  })
})

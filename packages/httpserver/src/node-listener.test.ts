import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { authority, clientCertificate, localhostCertificate } from '../fixtures/certificates.ts'
import { answer, answerJson, QuietDelegate } from '../fixtures/delegates.ts'
import { RawClient } from '../fixtures/raw-client.ts'
import type { HostedOptions } from './hosted-options.ts'
import { toNodeListener } from './node-listener.ts'
import type { RequestTarget } from './request-target.ts'
import { RuleRouter } from './routing.ts'

/** Runs with a client of a server of `node:http`. */
async function hosted(
  target: RequestTarget,
  run: (client: RawClient, port: number) => Promise<void>,
  options: HostedOptions = {},
  wrap: (listener: RequestListener) => RequestListener = (listener) => listener,
): Promise<void> {
  const server = createServer(wrap(toNodeListener(target, options)))
  const port = await listen(server)
  try {
    await using client = await RawClient.open(port)
    await run(client, port)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

const post = (body: string, more = ''): string =>
  `POST /path?q=1 HTTP/1.1\r\nHost: x\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`

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

describe('answers', () => {
  it('keep the order and the number of fields, and the reason', async () => {
    const target = ({ connection }: HTTPServerRequest): void => {
      const headers = new HTTPHeaders([
        ['Set-Cookie', 'a=1'],
        ['X-B', '2'],
        ['Set-Cookie', 'c=3'],
        ['Content-Length', '2'],
      ])
      void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 202, 'As You Like'), headers, 'hi')
      connection!.finish()
    }
    // Express sets a field of its own before.
    const express =
      (listener: RequestListener): RequestListener =>
      (request, response) => {
        response.setHeader('X-Powered-By', 'something')
        listener(request, response)
      }
    await hosted(
      target,
      async (client) => {
        const response = await client.get('/')
        expect(response).toMatchObject({ status: 202, reason: 'As You Like', body: 'hi' })
        expect(response.headers.get('set-cookie')).toBe('a=1, c=3')
        expect(response.headers.get('x-powered-by')).toBe('something')
      },
      {},
      express,
    )
  })

  it('may be streamed, and wait for a peer that does not read', async () => {
    const size = 8 * 1024 * 1024
    let sent = 0
    const target = async ({ connection }: HTTPServerRequest): Promise<void> => {
      await connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), new HTTPHeaders())
      while (sent < size) {
        await connection!.write(Buffer.alloc(65_536, 'x'))
        sent += 65_536
      }
      connection!.finish()
    }
    await hosted(
      (request) => void target(request),
      async (client) => {
        client.socket.pause()
        client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
        let before = -1
        // The writer stands still once the buffers are full.
        while (before !== sent || sent === 0) {
          before = sent
          for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
        }
        expect(sent).toBeLessThan(size)
        client.socket.resume()
        expect((await client.response()).body.length).toBe(size)
      },
    )
  })

  it('to HEAD, and 204 and 304, have no body', async () => {
    const target = ({ connection, path }: HTTPServerRequest): void => {
      const code = path === '/' ? 200 : Number(path.slice(1))
      const headers = new HTTPHeaders(code === 200 ? { 'Content-Length': '5' } : {})
      void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', code, 'X'), headers, 'hello')
      connection!.finish()
    }
    await hosted(target, async (client) => {
      client.send('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n')
      const head = await client.response({ method: 'HEAD' })
      expect(head.headers.get('content-length')).toBe('5')
      for (const code of [204, 304]) expect((await client.get(`/${code}`)).status).toBe(code)
      expect(client.waiting).toBe('')
    })
  })

  it('may be preceded by Early Hints', async () => {
    const target = ({ connection }: HTTPServerRequest): void => {
      const hints = new HTTPHeaders({ Link: '</a.css>; rel=preload; as=style' })
      void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 103, 'Early Hints'), hints)
      answer(connection!, 'hello')
    }
    await hosted(target, async (client) => {
      client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await client.until('\r\n\r\n')).toContain(
        '103 Early Hints\r\nLink: </a.css>; rel=preload; as=style',
      )
      expect((await client.response()).body).toBe('hello')
    })
  })

  it('end the connection when told to, and when broken off', async () => {
    const target = ({ connection, path }: HTTPServerRequest): void => {
      if (path === '/close') answer(connection!, 'bye', { Connection: 'close' })
      else {
        void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), new HTTPHeaders(), 'par')
        connection!.abort()
      }
    }
    await hosted(target, async (client, port) => {
      expect((await client.get('/close')).body).toBe('bye')
      expect(await client.rest()).toBe('')
      await using other = await RawClient.open(port)
      other.send('GET /abort HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await other.rest()).not.toContain('0\r\n\r\n')
    })
  })
})

describe('errors', () => {
  it('of the application are answered with 500 and logged', async () => {
    using _log = expectLog(appLog, 'Uncaught exception')
    const target = (): void => {
      throw new Error('of the application')
    }
    await hosted(target, async (client) => {
      expect(await client.get('/')).toMatchObject({ status: 500, body: 'Internal Server Error\n' })
    })
  })

  it('of the client are answered with their status', async () => {
    using _log = expectLog(genLog, /Malformed HTTP message|Body is too large|Timeout reading body/)
    const target = answerJson(({ bodyArguments }) => bodyArguments.size)
    const options: HostedOptions = { maxBodySize: 100, bodyTimeoutMs: 20 }
    const form = 'Content-Type: application/x-www-form-urlencoded\r\n'
    const run = async (client: RawClient, port: number): Promise<void> => {
      client.send(post('a=1', `${form}Content-Encoding: gzip\r\n`))
      expect((await client.response()).status).toBe(400)
      await using large = await RawClient.open(port)
      large.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 101\r\n\r\n')
      expect(await large.response()).toMatchObject({
        status: 413,
        body: 'Request Entity Too Large: Body is too large\n',
      })
      await using chunked = await RawClient.open(port)
      chunked.send(
        `POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n${'x'.repeat(101)}\r\n`,
      )
      expect((await chunked.response()).status).toBe(413)
      await using slow = await RawClient.open(port)
      slow.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab')
      expect((await slow.response()).status).toBe(408)
    }
    await hosted(target, run, options)
  })

  it.each<[what: string, error: string, write: (request: HTTPServerRequest) => void]>([
    [
      'more than was announced',
      'Tried to write more data than Content-Length',
      ({ connection }) => {
        const headers = new HTTPHeaders({ 'Content-Length': '2' })
        void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, 'abc')
      },
    ],
    [
      'less than was announced',
      'Tried to write 1 bytes less than Content-Length',
      ({ connection }) => {
        const headers = new HTTPHeaders({ 'Content-Length': '4' })
        void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, 'abc')
        connection!.finish()
      },
    ],
  ])('of an answer: %s ends the connection', async (_, message, write) => {
    using log = expectLog(genLog, 'Cannot complete a response')
    using _uncaught = expectLog(appLog, 'Uncaught exception')
    await hosted(write, async (client) => {
      client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      await client.rest()
      expect(String(log.records[0]!.error)).toContain(message)
    })
  })

  it.each<[what: string, write: (request: HTTPServerRequest) => void]>([
    ['a length that is none', ({ connection }) => answer(connection!, '', { 'Content-Length': '+5' })],
    [
      'another protocol',
      ({ connection }) => {
        void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 101, 'X'), new HTTPHeaders())
      },
    ],
    ['a body without a head', ({ connection }) => void connection!.write('x')],
    ['an end without a head', ({ connection }) => connection!.finish()],
  ])('of an answer: %s is refused before anything is sent', async (_, write) => {
    using _uncaught = expectLog(appLog, 'Uncaught exception')
    await hosted(write, async (client) => {
      expect((await client.get('/')).status).toBe(500)
    })
  })
})

describe('the end', () => {
  it('tells the application once when the client goes before its request is complete', async () => {
    const calls: string[] = []
    const over = Promise.withResolvers<void>()
    const target: RequestTarget = {
      startRequest: (_, connection) =>
        new (class extends QuietDelegate {
          override headersReceived(): void {
            connection.signal.addEventListener('abort', () => calls.push('aborted'))
            connection.setCloseCallback(() => {
              calls.push('callback')
              over.resolve()
            })
          }
          override finish(): void {
            calls.push('finish')
          }
          override onConnectionClose(): void {
            calls.push('onConnectionClose')
          }
        })(),
    }
    await hosted(target, async (client) => {
      client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab')
      await new Promise((resolve) => setImmediate(resolve))
      client.socket.destroy()
      await over.promise
    })
    expect(calls).toEqual(['aborted', 'onConnectionClose', 'callback'])
  })

  it('writing behind it rejects', async () => {
    const gone = Promise.withResolvers<unknown>()
    const target = ({ connection, signal }: HTTPServerRequest): void => {
      signal.addEventListener('abort', () => {
        const headers = new HTTPHeaders()
        gone.resolve(connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers))
      })
    }
    await hosted(target, async (client) => {
      client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      client.end()
      client.socket.destroy()
      await expect(gone.promise).rejects.toMatchObject({ name: 'StreamClosedError' })
    })
  })

  it('of a connection is told to the delegate', async () => {
    const closed = Promise.withResolvers<object>()
    const began: object[] = []
    const target: RequestTarget = {
      startRequest(serverConnection, connection) {
        began.push(serverConnection)
        return new (class extends QuietDelegate {
          override finish(): void {
            answer(connection)
          }
        })()
      },
      onClose: closed.resolve,
    }
    await hosted(target, async (client) => {
      await client.get('/')
      await client.get('/')
      client.end()
      expect(await closed.promise).toBe(began[0])
      expect(began[1]).toBe(began[0])
    })
  })
})

it('works without a request target or method, as a listener may be called by hand', async () => {
  const request = Object.assign(
    { socket: {}, headers: {}, rawHeaders: [], httpVersion: '1.1', httpVersionMajor: 1 },
    {},
  ) as unknown as IncomingMessage
  const ended = Promise.withResolvers<string>()
  const written: string[] = []
  const response = {
    once: () => response,
    on: () => response,
    setHeader: () => response,
    writeHead: () => response,
    write: (chunk: Buffer) => written.push(chunk.toString()) > 0,
    end: () => ended.resolve(written.join('')),
  }
  const listener = toNodeListener(({ method, uri, connection }) => answer(connection!, `${method} ${uri}`))
  listener(request, response as unknown as ServerResponse)
  expect(await ended.promise).toBe('GET /')
})

it('bad options are thrown at once', () => {
  expect(() => toNodeListener(() => {}, { maxBodySize: 0 })).toThrow(RangeError)
  expect(() => toNodeListener(() => {}, { xheaders: ['junk'] })).toThrow(RangeError)
})

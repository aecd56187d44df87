import {
  HTTPHeaders,
  HTTPServerRequest,
  ResponseStartLine,
  type HTTPConnection,
  type HTTPMessageDelegate,
} from '@tornado-ts/httputil'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answer, answerJson, QuietDelegate } from '../fixtures/delegates.ts'
import { listening } from '../fixtures/listening.ts'
import { RawClient } from '../fixtures/raw-client.ts'
import { HTTPServer } from './http-server.ts'
import type { RequestCallback } from './request-target.ts'
import { ReversibleRuleRouter, Router } from './routing.ts'

const hello: RequestCallback = (request) => answer(request.connection!, 'Hello, world')

describe('what a server serves', () => {
  it('B-server-001 a function that is called with the complete request, its form parsed', async () => {
    const { server, port } = await listening(
      answerJson(({ method, path, query, body, bodyArguments }) => ({
        method,
        path,
        query,
        body: body.toString(),
        names: [...bodyArguments],
      })),
    )
    await using _ = server
    await using client = await RawClient.open(port)
    client.send('POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n')
    client.send('Transfer-Encoding: chunked\r\n\r\n4\r\na=1&\r\n')
    client.send('7\r\na=2&b=3\r\n0\r\n\r\n')
    const { status, body } = await client.response()
    expect(status).toBe(200)
    expect(JSON.parse(body)).toEqual({
      method: 'POST',
      path: '/a/b',
      query: 'c=d',
      body: 'a=1&a=2&b=3',
      names: [
        ['a', ['1', '2']],
        ['b', ['3']],
      ],
    })
  })

  it('B-server-001 a router', async () => {
    const { server, port } = await listening(new ReversibleRuleRouter([['/hello', hello]]))
    await using _ = server
    await using client = await RawClient.open(port)
    expect((await client.get('/hello')).body).toBe('Hello, world')
    expect((await client.get('/other')).status).toBe(404)
  })

  it('B-server-001 a delegate, whose onClose is called once with the connection of its requests', async () => {
    const began: object[] = []
    const { promise: closed, resolve } = Promise.withResolvers<object>()
    const { server, port } = await listening({
      startRequest(serverConnection: object, connection: HTTPConnection): HTTPMessageDelegate {
        began.push(serverConnection)
        return new (class extends QuietDelegate {
          override finish(): void {
            answer(connection, String(began.length))
          }
        })()
      },
      onClose: resolve,
    })
    await using _ = server
    await using client = await RawClient.open(port)
    expect((await client.get('/')).body).toBe('1')
    expect((await client.get('/')).body).toBe('2')
    client.end()
    expect([await closed, began[1]]).toEqual([began[0], began[0]])
    expect(began[1]).toBe(began[0])
  })

  it('answers 400 to a form that is none, and 500 to an error of the function', async () => {
    using _log = expectLog(appLog, 'Uncaught exception')
    const { server, port } = await listening(() => {
      throw new Error('of the application')
    })
    await using _ = server
    await using bad = await RawClient.open(port)
    bad.send(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 4\r\n\r\njunk',
    )
    expect(await bad.response()).toMatchObject({ status: 400 })
    await using good = await RawClient.open(port)
    expect(await good.get('/')).toMatchObject({ status: 500, body: 'Internal Server Error\n' })
  })

  it('B-server-006 tells http as the protocol, or what the option says', async () => {
    for (const [options, told] of [
      [{}, 'http'],
      [{ protocol: 'https' }, 'https'],
    ] as const) {
      const { server, port } = await listening(
        answerJson(({ protocol, remoteIp }) => [protocol, remoteIp]),
        options,
      )
      await using _ = server
      await using client = await RawClient.open(port)
      expect(JSON.parse((await client.get('/')).body)).toEqual([told, '127.0.0.1'])
    }
  })

  it('shows an IPv4 peer of a socket for both families as IPv4', async () => {
    await using server = new HTTPServer(answerJson(({ remoteIp }) => remoteIp))
    server.listen(0)
    const { port } = await server.bound
    await using four = await RawClient.open(port, '127.0.0.1')
    expect((await four.get('/')).body).toBe('"127.0.0.1"')
    await using six = await RawClient.open(port, '::1')
    expect((await six.get('/')).body).toBe('"::1"')
  })

  it('hands out requests of the documented class', async () => {
    const { server, port } = await listening(
      answerJson((request) => request instanceof HTTPServerRequest && request.version),
    )
    await using _ = server
    await using client = await RawClient.open(port)
    expect((await client.get('/')).body).toBe('"HTTP/1.1"')
  })
})

describe('listening', () => {
  it('resolves bound with the address, and url with what a browser takes', async () => {
    await using four = new HTTPServer(hello)
    four.listen(0, { address: '127.0.0.1' })
    const { address, port, family } = await four.bound
    expect([address, family]).toEqual(['127.0.0.1', 'IPv4'])
    expect(await four.url()).toBe(`http://127.0.0.1:${port}`)

    await using six = new HTTPServer(hello, { protocol: 'https' })
    six.listen(0, { address: '::1' })
    expect(await six.url()).toBe(`http://[::1]:${(await six.bound).port}`)

    await using both = new HTTPServer(hello)
    both.listen(0)
    expect(await both.url()).toBe(`http://localhost:${(await both.bound).port}`)
  })

  it('may listen on several ports', async () => {
    await using server = new HTTPServer(hello)
    server.listen(0, { address: '127.0.0.1' })
    server.listen(0, { address: '127.0.0.1' })
    await server.bound
    const ports = server.addresses().map(({ port }) => port)
    expect(new Set(ports).size).toBe(2)
    for (const port of ports) {
      await using client = await RawClient.open(port)
      expect((await client.get('/')).status).toBe(200)
    }
  })

  it('rejects bound when the port is taken, and lets the reader go on', async () => {
    const { server, port } = await listening(hello)
    await using _ = server
    const second = new HTTPServer(hello)
    second.listen(port, { address: '127.0.0.1' })
    await expect(second.bound).rejects.toThrow(`Cannot listen on 127.0.0.1:${port}: address already in use`)
  })

  it.each([-1, 65_536, 1.5, NaN])('throws a RangeError for port %s', (port) => {
    expect(() => new HTTPServer(hello).listen(port)).toThrow(RangeError)
  })

  it.each([
    { maxHeaderSize: 0 },
    { maxBodySize: -1 },
    { chunkSize: NaN },
    { idleConnectionTimeoutMs: 0 },
    { headerTimeoutMs: -5 },
    { bodyTimeoutMs: 0 },
    { maxFieldCount: 0 },
    { maxBufferSize: 0 },
    { maxConnections: 0 },
    { maxRequestsPerConnection: NaN },
    { minBodyRate: -1 },
  ])('throws a RangeError that names the option: %j', (options) => {
    const make = (): unknown => new HTTPServer(hello, options)
    expect(make).toThrow(RangeError)
    expect(make).toThrow(Object.keys(options)[0])
  })
})

describe('connections', () => {
  it('counts those that are open', async () => {
    let closed!: () => void
    const { server, port } = await listening(
      new (class extends Router {
        override findHandler(): null {
          return null
        }
        onClose(): void {
          closed()
        }
      })(),
    )
    await using _ = server
    expect(server.connectionCount).toBe(0)
    await using first = await RawClient.open(port)
    await first.get('/')
    await using second = await RawClient.open(port)
    await second.get('/')
    expect(server.connectionCount).toBe(2)
    const gone = new Promise<void>((resolve) => (closed = resolve))
    first.end()
    await gone
    expect(server.connectionCount).toBe(1)
  })

  it('B-server-011 closeAllConnections closes them all and resolves when they are closed; the server still accepts', async () => {
    const { server, port } = await listening(hello)
    await using _ = server
    await using first = await RawClient.open(port)
    await using second = await RawClient.open(port)
    await Promise.all([first.get('/'), second.get('/')])
    await server.closeAllConnections()
    expect(server.connectionCount).toBe(0)
    await Promise.all([first.closed, second.closed])
    await using third = await RawClient.open(port)
    expect((await third.get('/')).status).toBe(200)
  })

  it('B-server-011 closeAllConnections leaves alone what was detached', async () => {
    const { server, port } = await listening((request) => {
      const connection = request.connection as HTTPConnection & { detach(): { write(data: string): unknown } }
      answerUpgrade(connection)
      void connection.detach().write('another protocol')
    })
    await using _ = server
    await using client = await RawClient.open(port)
    expect((await client.get('/', { Connection: 'Upgrade', Upgrade: 'test' })).status).toBe(101)
    await client.until('another protocol')
    await server.closeAllConnections()
    expect([server.connectionCount, client.socket.readyState]).toEqual([0, 'open'])
  })

  it('B-server-011 stop only stops accepting: a connection goes on, a new one is refused', async () => {
    const { server, port } = await listening(hello)
    await using _ = server
    await using client = await RawClient.open(port)
    await client.get('/')
    server.stop()
    server.stop()
    expect((await client.get('/')).status).toBe(200)
    await expect(RawClient.open(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('is disposed of with its connections', async () => {
    let client: RawClient
    {
      const { server, port } = await listening(hello)
      await using _ = server
      client = await RawClient.open(port)
      await client.get('/')
    }
    await client.closed
    expect(client.waiting).toBe('')
  })

  it('tells the application when the peer goes while it is at work', async () => {
    const gone = Promise.withResolvers<unknown>()
    const { server, port } = await listening(({ signal }) => {
      signal.addEventListener('abort', () => gone.resolve(signal.reason))
    })
    await using _ = server
    await using client = await RawClient.open(port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    client.end()
    expect(await gone.promise).toMatchObject({ name: 'StreamClosedError' })
  })
})

describe('limits', () => {
  it('answers 431, 413 and 408 and closes', async () => {
    using _log = expectLog(genLog, /Malformed HTTP message|Timeout reading head/)
    const { server, port } = await listening(hello, {
      maxHeaderSize: 1000,
      maxBodySize: 10,
      headerTimeoutMs: 20,
    })
    await using _ = server
    await using head = await RawClient.open(port)
    head.send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(1000)}\r\n\r\n`)
    expect((await head.response()).status).toBe(431)
    await using body = await RawClient.open(port)
    body.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n')
    expect((await body.response()).status).toBe(413)
    await using slow = await RawClient.open(port)
    slow.send('GET / HTTP/1.1\r\nHo')
    expect((await slow.response()).status).toBe(408)
    for (const client of [head, body, slow]) expect(await client.rest()).toBe('')
  })

  it('closes an idle connection, before the first request and after one', async () => {
    const { server, port } = await listening(hello, { idleConnectionTimeoutMs: 20 })
    await using _ = server
    await using unused = await RawClient.open(port)
    expect(await unused.rest()).toBe('')
    await using used = await RawClient.open(port)
    expect((await used.get('/')).status).toBe(200)
    expect(await used.rest()).toBe('')
  })

  it('closes after each response with noKeepAlive, and says so', async () => {
    const { server, port } = await listening(hello, { noKeepAlive: true })
    await using _ = server
    await using client = await RawClient.open(port)
    expect((await client.get('/')).headers.get('connection')).toBe('close')
    expect(await client.rest()).toBe('')
  })

  it('hands out bodies in pieces of at most chunkSize', async () => {
    const sizes: number[] = []
    const { server, port } = await listening(
      {
        startRequest: (_, connection) =>
          new (class extends QuietDelegate {
            override dataReceived(chunk: Buffer): void {
              sizes.push(chunk.length)
            }
            override finish(): void {
              answer(connection)
            }
          })(),
      },
      { chunkSize: 16 },
    )
    await using _ = server
    await using client = await RawClient.open(port)
    client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n${'x'.repeat(100)}`)
    await client.response()
    expect(Math.max(...sizes)).toBeLessThanOrEqual(16)
    expect(sizes.reduce((sum, size) => sum + size)).toBe(100)
  })

  it('answers so many requests on a connection', async () => {
    const { server, port } = await listening(hello, { maxRequestsPerConnection: 2 })
    await using _ = server
    await using client = await RawClient.open(port)
    const closes: (string | undefined)[] = []
    for (let i = 0; i < 2; i++) closes.push((await client.get('/')).headers.get('connection'))
    expect([closes, await client.rest()]).toEqual([[undefined, 'close'], ''])
  })

  it('gives up a body that comes too slowly', async () => {
    using _log = expectLog(genLog, 'Body arrives too slowly', { level: 'info' })
    const { server, port } = await listening(hello, { minBodyRate: 1000, bodyRateWindowMs: 20 })
    await using _ = server
    await using client = await RawClient.open(port)
    client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab')
    expect((await client.response()).status).toBe(408)
  })

  it('closes connections beyond maxConnections', async () => {
    const { server, port } = await listening(hello, { maxConnections: 1 })
    await using _ = server
    await using first = await RawClient.open(port)
    await first.get('/')
    await using second = await RawClient.open(port)
    await second.closed
    expect((await first.get('/')).status).toBe(200)
  })
})

describe('compressed requests', () => {
  const names = answerJson(({ bodyArguments, headers }) => [
    [...bodyArguments.keys()],
    headers.get('X-Consumed-Content-Encoding') ?? null,
  ])
  const form = (body: string): string =>
    'POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n' +
    `Content-Encoding: GZIP\r\nContent-Length: ${body.length}\r\n\r\n${body}`

  it('B-server-010 are not decompressed by default: a form is then answered with 400', async () => {
    using _log = expectLog(genLog, 'Malformed HTTP message', { level: 'info' })
    const { server, port } = await listening(names)
    await using _ = server
    await using client = await RawClient.open(port)
    client.send(form(gzipSync('a=1&b=2').toString('latin1')))
    expect((await client.response()).status).toBe(400)
  })

  it('B-server-010 are with decompressRequest', async () => {
    const { server, port } = await listening(names, { decompressRequest: true })
    await using _ = server
    await using client = await RawClient.open(port)
    client.send(form(gzipSync('a=1&b=2').toString('latin1')))
    expect(JSON.parse((await client.response()).body)).toEqual([['a', 'b'], 'GZIP'])
  })

  it('may grow to maxBodySize', async () => {
    using _log = expectLog(genLog, 'Decompressed body is too large', { level: 'info' })
    const { server, port } = await listening(names, { decompressRequest: true, maxBodySize: 5000 })
    await using _ = server
    await using client = await RawClient.open(port)
    client.send(form(gzipSync(`a=${'1'.repeat(5000)}`).toString('latin1')))
    expect((await client.response()).status).toBe(413)
  })
})

function answerUpgrade(connection: HTTPConnection): void {
  const headers = new HTTPHeaders({ Upgrade: 'test', Connection: 'Upgrade' })
  void connection.writeHeaders(new ResponseStartLine('HTTP/1.1', 101, 'Switching Protocols'), headers)
}

import { HTTPHeaders, HTTPOutputError, ResponseStartLine } from '@tornado-ts/httputil'
import { StreamClosedError } from '@tornado-ts/iostream'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import {
  Client,
  responsesIn,
  serve,
  statusesIn,
  talk,
  type Exchange,
  type Handlers,
} from '../test/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const get10 = 'GET / HTTP/1.0\r\n\r\n'
const keepAlive10 = 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'
const head = 'HEAD / HTTP/1.1\r\nHost: h\r\n\r\n'

async function answered(raw: string, finish: (exchange: Exchange) => void): Promise<string> {
  const { port } = await serve({ finish })
  return talk(port, raw)
}

describe('how a response is framed', () => {
  it.each(['GET', 'POST'])('B-http1-008 with a length as given, to %s', async (method) => {
    const raw = `${method} / HTTP/1.1\r\nHost: h\r\n\r\n`
    const received = await answered(raw, (exchange) => exchange.answer('hello', { fields: { Server: 'x' } }))
    expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nServer: x\r\n\r\nhello')
  })

  it('B-http1-008 in chunks when there is no length, one for each write', async () => {
    const received = await answered(get, ({ connection, ...exchange }) => {
      void connection.writeHeaders(new ResponseStartLine('', 200, 'OK'), new HTTPHeaders(), 'a')
      void connection.write('bc')
      void connection.write('')
      void connection.write(new Uint8Array())
      void connection.write(Buffer.from([0, 255]))
      void connection.write('ü€')
      connection.finish()
      expect(exchange.calls).toEqual(['head', 'finish'])
    })
    expect(received).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '1\r\na\r\n2\r\nbc\r\n2\r\n\0\xff\r\n5\r\n\xc3\xbc\xe2\x82\xac\r\n0\r\n\r\n',
    )
  })

  it('B-http1-010 to HTTP/1.0 until the close when there is no length', async () => {
    const received = await answered(get10, (exchange) => {
      void exchange.head(200)
      void exchange.connection.write('hello')
      exchange.connection.finish()
    })
    expect(received).toBe('HTTP/1.1 200 OK\r\n\r\nhello')
  })

  it('B-http1-009 to an HTTP/1.0 client that would keep the connection, too', async () => {
    const { port, exchanges } = await serve({
      finish(exchange) {
        void exchange.head(200, {}, 'hello')
        exchange.connection.finish()
      },
    })
    const client = new Client(port).send(keepAlive10 + keepAlive10)
    expect(await client.closed).toBe('HTTP/1.1 200 OK\r\n\r\nhello')
    expect(exchanges).toHaveLength(1)
  })

  it('B-http1-004 B-http1-007 says HTTP/1.1 and Keep-Alive to an HTTP/1.0 client that asks to be kept', async () => {
    const { port } = await serve()
    const received = await talk(port, keepAlive10 + keepAlive10 + get10 + get10)
    const kept = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: Keep-Alive\r\n\r\nGET /'
    expect(received).toBe(`${kept}${kept}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nGET /`)
  })

  it('B-http1-007 says close to an HTTP/1.1 client that asks for it', async () => {
    const { port, exchanges } = await serve()
    const received = await new Client(port).send(
      'GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n' + get,
    ).closed
    expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nGET /')
    expect(exchanges).toHaveLength(1)
  })

  it('B-http1-007 ends the connection when the application says close', async () => {
    const { port, exchanges } = await serve({
      finish: (exchange) => exchange.answer('x', { fields: { Connection: 'close' } }),
    })
    const received = await new Client(port).send(get + get).closed
    expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx')
    expect(exchanges).toHaveLength(1)
  })

  it('says close besides another Connection option of the application', async () => {
    const { port } = await serve(
      { finish: (exchange) => exchange.answer('x', { fields: { Connection: 'X-Hop' } }) },
      { noKeepAlive: true },
    )
    const received = await new Client(port).send(get).closed
    expect(received).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: X-Hop\r\nConnection: close\r\n\r\nx',
    )
  })

  it('B-http1-006 with noKeepAlive every response is the last', async () => {
    const { port, exchanges } = await serve({}, { noKeepAlive: true })
    for (const raw of [get + get, keepAlive10 + keepAlive10]) {
      expect(await new Client(port).send(raw).closed).toContain('GET /')
    }
    expect(exchanges).toHaveLength(2)
  })

  it.each([
    ['HEAD', head, 200, { 'Content-Length': '5' }, 'Content-Length: 5\r\n'],
    ['HEAD without a length', head, 200, {}, ''],
    ['304', get, 304, { 'Content-Length': '5' }, 'Content-Length: 5\r\n'],
    ['304 without a length', get, 304, {}, ''],
    ['204', get, 204, {}, ''],
  ] as const)('B-http1-008 sends no body for %s', async (_what, raw, code, fields, sent) => {
    const { port } = await serve({
      finish(exchange) {
        void exchange.head(code, fields, 'hello')
        void exchange.connection.write('hello')
        exchange.connection.finish()
      },
    })
    const received = await talk(port, raw + raw)
    const { first } = responsesIn(received, [raw.slice(0, raw.indexOf(' ')), 'HEAD'])[0]!
    expect(received).toBe(`${first}\r\n${sent}\r\n`.repeat(2))
  })

  it('a body of length 0 is sent as such', async () => {
    expect(await answered(get + get, (exchange) => exchange.answer(''))).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'.repeat(2),
    )
  })

  it('text goes out as UTF-8 and its length counts bytes', async () => {
    expect(await answered(get, (exchange) => exchange.answer('ü'))).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xc3\xbc',
    )
    expect(await answered(get, (exchange) => exchange.answer('\ud800'))).toContain(
      'Content-Length: 3\r\n\r\n\xef\xbf\xbd',
    )
  })

  it('leaves a Transfer-Encoding of the application to the application, and the end of the body to the close', async () => {
    const { port } = await serve({
      finish(exchange) {
        void exchange.head(200, { 'Transfer-Encoding': 'gzip, chunked' }, '1\r\na\r\n0\r\n\r\n')
        exchange.connection.finish()
      },
    })
    expect(await new Client(port).send(get + get).closed).toBe(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n1\r\na\r\n0\r\n\r\n',
    )
  })

  it('a 2xx to CONNECT has neither body nor framing', async () => {
    const raw = 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n'
    const { port } = await serve({
      finish(exchange) {
        void exchange.head(200)
        exchange.connection.detach().close()
      },
    })
    expect(await new Client(port).send(raw).closed).toBe('HTTP/1.1 200 OK\r\n\r\n')
    expect(await answered(raw, (exchange) => exchange.answer('no', { code: 417 }))).toBe(
      'HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno',
    )
  })
})

describe('informational responses', () => {
  it('103 precedes the response, more than once', async () => {
    const received = await answered(get + get, (exchange) => {
      void exchange.head(103, { Link: '</a.css>; rel=preload' })
      void exchange.head(103)
      exchange.answer('x')
    })
    const one =
      'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx'
    expect(received).toBe(one + one)
  })

  it('is not sent to HTTP/1.0', async () => {
    const received = await answered(get10, (exchange) => {
      void exchange.head(103)
      exchange.answer('x')
    })
    expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
  })

  it('cannot follow the head of the response, nor carry the framing of a body', async () => {
    const received = await answered(get, (exchange) => {
      expect(() => exchange.head(103, { 'Content-Length': '0' })).toThrow(HTTPOutputError)
      expect(() => exchange.head(103, { 'Transfer-Encoding': 'chunked' })).toThrow(HTTPOutputError)
      void exchange.head(200, { 'Content-Length': '1' })
      expect(() => exchange.head(103)).toThrow(HTTPOutputError)
      void exchange.connection.write('x')
      exchange.connection.finish()
      expect(() => exchange.head(103)).toThrow(HTTPOutputError)
    })
    expect(statusesIn(received)).toEqual([200])
  })
})

describe('misuse', () => {
  it('a second head, a write before the head, a finish before the head', async () => {
    const received = await answered(get, ({ connection, ...exchange }) => {
      expect(() => void connection.write('x')).toThrow('Headers are not written yet')
      expect(() => connection.finish()).toThrow('Headers are not written yet')
      const ok = new ResponseStartLine('', 200, 'OK')
      void connection.writeHeaders(ok, new HTTPHeaders({ 'Content-Length': '1' }))
      expect(() => void connection.writeHeaders(ok, new HTTPHeaders())).toThrow('Headers are already written')
      void connection.write('x')
      connection.finish()
      expect(exchange.calls).toEqual(['head', 'finish'])
    })
    expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx')
  })

  it.each(['five', '+5', '-5', '5,5', ' 5', '0x5', '5.0', '', '9007199254740992'])(
    'B-http1-032 a Content-Length of %j is refused before anything is sent',
    async (length) => {
      const received = await answered(get, (exchange) => {
        expect(() => exchange.head(200, { 'Content-Length': length })).toThrow(HTTPOutputError)
        exchange.answer('after')
      })
      expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nafter')
    },
  )

  it.each([99, 1000, 200.5])(
    'a status of %d, a reason with CR LF, and two framings are refused likewise',
    async (code) => {
      const received = await answered(get, (exchange) => {
        expect(() => exchange.head(code)).toThrow(HTTPOutputError)
        const injected = new ResponseStartLine('', 200, 'OK\r\nX: y')
        expect(() => exchange.connection.writeHeaders(injected, new HTTPHeaders())).toThrow(HTTPOutputError)
        expect(() => exchange.head(200, { 'Content-Length': '1', 'Transfer-Encoding': 'chunked' })).toThrow(
          HTTPOutputError,
        )
        exchange.answer('after')
      })
      expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nafter')
    },
  )

  it('B-http1-032 when nobody catches it, the peer gets a 500', async () => {
    const logged = expectLog('tornado.application', /Uncaught exception/)
    const received = await answered(
      get + get,
      (exchange) => void exchange.head(200, { 'Content-Length': 'x' }),
    )
    expect(statusesIn(received)).toEqual([500])
    logged[Symbol.dispose]()
  })

  it('more than Content-Length closes the connection, throws, and is logged', async () => {
    const logged = expectLog('tornado.general', /Cannot complete a response/)
    const thrown: unknown[] = []
    const { port, exchanges } = await serve({
      finish(exchange) {
        void exchange.head(200, { 'Content-Length': '4' }, 'ab')
        try {
          void exchange.connection.write('cde')
        } catch (error) {
          thrown.push(error)
        }
      },
    })
    expect(await new Client(port).send(get + get).closed).toBe(
      'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab',
    )
    expect(thrown).toEqual([
      expect.objectContaining({
        name: 'HTTPOutputError',
        message: 'Tried to write more data than Content-Length',
      }),
    ])
    // The request behind it was not begun: its answer could not have been sent.
    expect(exchanges).toHaveLength(1)
    logged[Symbol.dispose]()
  })

  it('less than Content-Length closes the connection, throws, and is logged', async () => {
    const logged = expectLog('tornado.general', /Cannot complete a response/)
    const { port } = await serve({
      finish(exchange) {
        void exchange.head(200, { 'Content-Length': '4' }, 'ab')
        expect(() => exchange.connection.finish()).toThrow('Tried to write 2 bytes less than Content-Length')
      },
    })
    expect(await new Client(port).send(get).closed).toBe('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab')
    logged[Symbol.dispose]()
  })

  it('a first piece longer than Content-Length sends nothing at all', async () => {
    const logged = expectLog('tornado.general', /Cannot complete a response/)
    const { port } = await serve({
      finish(exchange) {
        expect(() => exchange.head(200, { 'Content-Length': '1' }, 'ab')).toThrow(HTTPOutputError)
      },
    })
    expect(await new Client(port).send(get).closed).toBe('')
    logged[Symbol.dispose]()
  })

  it('a Content-Length is not counted where no body is sent', async () => {
    const received = await answered(head, (exchange) => {
      void exchange.head(200, { 'Content-Length': '2' }, 'longer than that')
      exchange.connection.finish()
    })
    expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
  })
})

describe('after the end', () => {
  it('B-http1-025 a write after the close rejects with StreamClosedError and nothing else', async () => {
    const { port, exchange } = await late()
    const first = await exchange
    await first.over
    for (const rejected of [
      first.connection.write('x'),
      first.connection.writeHeaders(new ResponseStartLine('', 200, 'OK'), new HTTPHeaders()),
    ]) {
      await expect(rejected).rejects.toBeInstanceOf(StreamClosedError)
    }
    first.connection.finish()
    expect(port).toBeGreaterThan(0)
  })

  it('nothing of a complete exchange reaches the next one', async () => {
    const earlier: Exchange[] = []
    const { port } = await serve({
      head() {
        for (const old of earlier) {
          old.connection.write('x')?.catch(() => {})
          expect(() => old.head(200)).toThrow(HTTPOutputError)
          expect(() => old.head(103)).toThrow(HTTPOutputError)
          old.connection.finish()
          old.connection.setMaxBodySize(1)
          old.connection.setBodyTimeout(1)
          expect(() => old.connection.detach()).toThrow(StreamClosedError)
        }
      },
      finish(exchange) {
        earlier.push(exchange)
        exchange.answer(exchange.body)
      },
    })
    const post = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello'
    const received = await talk(port, post + post, post)
    expect(received).toBe('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'.repeat(3))
  })

  it('a write to a complete exchange rejects', async () => {
    const results: unknown[] = []
    await answered(get, (exchange) => {
      exchange.answer('x')
      results.push(exchange.connection.write('y'))
    })
    await expect(results[0]).rejects.toBeInstanceOf(StreamClosedError)
  })

  async function late(): Promise<{ port: number; exchange: Promise<Exchange> }> {
    const server = await serve({ finish() {}, head: () => {} })
    const client = new Client(server.port).send(
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhello',
    )
    const exchange = server.exchange(0).then((first) => {
      client.socket.resetAndDestroy()
      return first
    })
    return { port: server.port, exchange }
  }
})

describe('signal and close callback', () => {
  function waiting(): { handlers: Handlers; said: string[] } {
    const said: string[] = []
    return {
      said,
      handlers: {
        finish(exchange) {
          exchange.connection.setCloseCallback(() => said.push('callback'))
          exchange.connection.signal.addEventListener('abort', () => said.push('abort'))
        },
      },
    }
  }

  it('fire once when the peer is gone before the answer', async () => {
    const { handlers, said } = waiting()
    const server = await serve(handlers)
    const client = new Client(server.port).send(get)
    const { connection } = await server.exchange(0)
    client.socket.destroy()
    await server.until(() => server.closedCount === 1)
    expect(said).toEqual(['abort', 'callback'])
    expect(connection.signal.reason).toBeInstanceOf(StreamClosedError)
  })

  it('do not fire after the answer, nor when taken back', async () => {
    const said: string[] = []
    const server = await serve({
      finish(exchange) {
        exchange.connection.setCloseCallback(() => said.push('callback'))
        exchange.connection.signal.addEventListener('abort', () => said.push('abort'))
        if (exchange.path === '/back') exchange.connection.setCloseCallback(null)
        else exchange.answer('x')
      },
    })
    const client = new Client(server.port).send(get)
    await client.until('\r\n\r\nx')
    client.socket.destroy()
    await server.until(() => server.closedCount === 1)
    expect(said).toEqual([])
    const second = new Client(server.port).send('GET /back HTTP/1.1\r\nHost: h\r\n\r\n')
    await server.exchange(1)
    second.socket.destroy()
    await server.until(() => server.closedCount === 2)
    expect(said).toEqual(['abort'])
  })

  it('a signal asked for after the close has fired already', async () => {
    const server = await serve({ finish() {} })
    const client = new Client(server.port).send(get)
    const { connection } = await server.exchange(0)
    client.socket.destroy()
    await server.until(() => server.closedCount === 1)
    expect(connection.signal.aborted).toBe(true)
  })
})

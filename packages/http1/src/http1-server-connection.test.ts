import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { Client, responsesIn, serve, statusesIn, talk, turns, type Exchange } from '../test/serving.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const post = 'POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello'
const chunked =
  'POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'

/** A request of a body that is larger than what both ends buffer. */
const hugeSize = 50_000_000

function summaries(exchanges: readonly Exchange[]): string[] {
  return exchanges.map(({ method, path, body, calls }) => `${method} ${path} ${body} ${calls.join(',')}`)
}

describe('requests', () => {
  it('B-http1-029 reach the delegate in order: head, data, finish', async () => {
    const { port, exchanges } = await serve()
    const received = await talk(port, get + post + chunked)
    expect(responsesIn(received).map(({ body }) => body)).toEqual(['GET /', 'POST /p hello', 'POST /c abcde'])
    expect(summaries(exchanges)).toEqual([
      'GET /  head,finish',
      'POST /p hello head,data,finish',
      'POST /c abcde head,data,finish',
    ])
  })

  it('answers to what came in one chunk leave in one write', async () => {
    const server = await serve()
    const client = new Client(server.port)
    let chunks = 0
    client.socket.on('data', () => chunks++)
    client.send(get.repeat(16))
    client.end()
    expect(statusesIn(await client.closed)).toHaveLength(16)
    expect(chunks).toBe(1)
  })

  it('B-http1-029 tell the close once, when the peer goes at any byte of a request', async () => {
    const server = await serve()
    for (const raw of [post, chunked]) {
      const headSize = raw.indexOf('\r\n\r\n') + 4
      for (let size = 0; size < raw.length; size++) {
        const before = server.exchanges.length
        const closed = server.closedCount
        const client = new Client(server.port).send(raw.slice(0, size))
        await server.until(() => server.connections.length > closed)
        if (size >= headSize) await server.exchange(before)
        client.socket.destroy()
        await server.until(() => server.closedCount > closed)
        const calls = server.exchanges
          .slice(before)
          .map((exchange) => exchange.calls.join().replace(',data', ''))
        expect(calls).toEqual(size >= headSize ? ['head,close'] : [])
      }
    }
  })

  it('B-http1-029 tell the close once, when the peer resets in the middle of a body', async () => {
    const server = await serve()
    const client = new Client(server.port).send(post.slice(0, -1))
    const exchange = await server.exchange(0)
    client.socket.resetAndDestroy()
    expect(await exchange.over).toBe('close')
    await server.until(() => server.closedCount === 1)
    expect(exchange.calls.filter((call) => call !== 'data')).toEqual(['head', 'close'])
  })

  it('are still answered when the peer ends its side behind them', async () => {
    const { port } = await serve()
    expect(statusesIn(await talk(port, get + get))).toEqual([200, 200])
    expect(await talk(port)).toBe('')
    expect(await talk(port, '\r\n')).toBe('')
    expect(statusesIn(await talk(port, `${get}\r\n`))).toEqual([200])
  })

  it('are abandoned when the peer ends its side while they are worked on', async () => {
    const server = await serve({ finish() {} })
    const client = new Client(server.port).send(get)
    const { connection } = await server.exchange(0)
    client.end()
    expect(await client.closed).toBe('')
    expect(connection.signal.aborted).toBe(true)
  })

  it('a body whose delegate is slow is completed after the peer has ended its side', async () => {
    const gate = Promise.withResolvers<void>()
    const server = await serve({ data: () => gate.promise })
    const client = new Client(server.port).send(post).end()
    await server.exchange(0)
    await turns(3)
    gate.resolve()
    expect(statusesIn(await client.closed)).toEqual([200])
  })
})

describe('an answer before the request is complete', () => {
  const upload = `POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${hugeSize}\r\n\r\n`

  it('B-http1-020 to a large upload can be read by the client, which is still sending', async () => {
    const server = await serve({ head: (exchange) => exchange.answer('too much', { code: 417 }) })
    const client = new Client(server.port).send(upload).send(Buffer.alloc(hugeSize - 10))
    const received = await client.closed
    expect(responsesIn(received)).toMatchObject([
      { first: 'HTTP/1.1 417 Expectation Failed', body: 'too much' },
    ])
    expect(client.ended).toBe(true)
    const [exchange] = server.exchanges
    expect(exchange!.calls).toEqual(['head', 'close'])
  })

  it('B-http1-020 in the middle of the body ends the connection, and the rest is not delivered', async () => {
    const server = await serve({ data: (exchange) => exchange.answer('enough') })
    const client = new Client(server.port).send(upload).send(Buffer.alloc(300_000)).send(get)
    expect(statusesIn(await client.closed)).toEqual([200])
    const [exchange] = server.exchanges
    expect(exchange!.calls).toEqual(['head', 'data', 'close'])
    expect(exchange!.pieces).toBe(1)
  })

  it('says that it is the last of the connection, unless only the end of the request is left', async () => {
    const early = await serve({ head: (exchange) => exchange.answer('no') })
    expect(await new Client(early.port).send(upload).closed).toContain('Connection: close\r\n')
    const late = await serve({
      data(exchange) {
        if (exchange.body === 'hello') exchange.answer('yes')
      },
      finish() {},
    })
    expect(await talk(late.port, post)).not.toContain('Connection')
  })

  it('is a common one when nothing of the request is left', async () => {
    const server = await serve({
      head(exchange) {
        if (exchange.method === 'GET') exchange.answer('early')
      },
      data(exchange) {
        if (exchange.body === 'hello') exchange.answer('early')
      },
      finish() {},
    })
    expect(statusesIn(await talk(server.port, get + post + get))).toEqual([200, 200, 200])
    expect(server.exchanges.map(({ calls }) => calls.join())).toEqual([
      'head,finish',
      'head,data,finish',
      'head,finish',
    ])
  })

  it('does not bring the rest of a request while the promise of a delegate is pending', async () => {
    const gate = Promise.withResolvers<void>()
    const server = await serve({
      head(exchange) {
        exchange.answer('early')
        return gate.promise
      },
      finish() {},
    })
    const client = new Client(server.port).send(get + get)
    await client.until('early')
    expect(server.exchanges.map(({ calls }) => calls.join())).toEqual(['head'])
    gate.resolve()
    client.end()
    expect(statusesIn(await client.closed)).toEqual([200, 200])
    expect(server.exchanges.map(({ calls }) => calls.join())).toEqual(['head,finish', 'head,finish'])
  })

  it('an exception in onConnectionClose of such a request is logged and brings no second answer', async () => {
    const logged = expectLog('tornado.application', /Uncaught exception/)
    const server = await serve({
      head: (exchange) => exchange.answer('early'),
      close() {
        throw new Error('in close')
      },
    })
    expect(statusesIn(await talk(server.port, post.slice(0, -1)))).toEqual([200])
    expect(logged.matched).toBe(1)
    logged[Symbol.dispose]()
  })
})

describe('limits', () => {
  it.each([
    ['431', `GET / HTTP/1.1\r\nHost: h\r\nA: ${'a'.repeat(500)}\r\n\r\n`],
    ['414', `GET /${'a'.repeat(500)} HTTP/1.1\r\nHost: h\r\n\r\n`],
    ['431', `GET / HTTP/1.1\r\nHost: h\r\n${'A: b\r\n'.repeat(10)}\r\n`],
    ['413', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n'],
    ['413', 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n'],
    ['505', 'GET / HTTP/2.0\r\nHost: h\r\n\r\n'],
    ['400', 'GET / HTTP/1.1\r\n\r\n'],
  ])('B-http1-003 beyond one the peer reads %s, in full, and the connection ends', async (status, raw) => {
    const { port, exchanges } = await serve({}, { maxHeaderSize: 400, maxFieldCount: 5, maxBodySize: 100 })
    const client = new Client(port).send(raw + get)
    const [response, ...more] = responsesIn(await client.closed)
    expect(more).toEqual([])
    expect(response!.first.split(' ')[1]).toBe(status)
    expect(response!.keepAlive).toBe(false)
    expect(response!.fields.map(([name]) => name)).toEqual(['Content-Type', 'Content-Length', 'Connection'])
    expect(response!.body).toMatch(/^[A-Z][^\n]*\n$/)
    expect(exchanges.every(({ calls }) => calls.join() === 'head,close')).toBe(true)
  })

  it('B-http1-012 B-http1-022 the largest body can be changed for one request', async () => {
    const server = await serve(
      {
        head: ({ path, connection }) => {
          if (path === '/p') connection.setMaxBodySize(5)
        },
      },
      { maxBodySize: 4 },
    )
    const big = 'POST /q HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello'
    expect(statusesIn(await talk(server.port, post + post + big))).toEqual([200, 200, 413])
  })

  it('B-http1-003 the answer is logged in one line at level info', async () => {
    const logged = expectLog(
      'tornado.general',
      /^Malformed HTTP message from 127\.0\.0\.1: Missing Host header$/,
      { level: 'info' },
    )
    const { port } = await serve()
    await talk(port, 'GET / HTTP/1.1\r\n\r\n')
    expect(logged.matched).toBe(1)
    expect(logged.loggedStack).toBe(false)
    logged[Symbol.dispose]()
  })
})

describe('100 Continue', () => {
  const expecting = 'POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n'

  it('B-http1-019 is sent once the head is received, and the body follows', async () => {
    const server = await serve()
    const client = new Client(server.port).send(expecting)
    expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    client.send('hello').end()
    expect(statusesIn(await client.closed)).toEqual([100, 200])
  })

  it('B-http1-019 waits for the promise of headersReceived', async () => {
    const gate = Promise.withResolvers<void>()
    const server = await serve({ head: () => gate.promise })
    const client = new Client(server.port).send(expecting)
    await server.exchange(0)
    await turns(3)
    expect(client.received).toBe('')
    gate.resolve()
    await client.until('100 Continue')
    client.send('hello').end()
    expect(statusesIn(await client.closed)).toEqual([100, 200])
  })

  it.each([417, 413])('B-http1-019 is not sent when the delegate has answered %i', async (code) => {
    const server = await serve({ head: (exchange) => exchange.answer('no', { code }) })
    const client = new Client(server.port).send(expecting)
    expect(statusesIn(await client.closed)).toEqual([code])
  })

  it('is not sent for what is too large anyway, nor without a body, nor to HTTP/1.0, nor by a name that is only like it', async () => {
    const { port } = await serve({}, { maxBodySize: 4 })
    expect(statusesIn(await new Client(port).send(expecting).closed)).toEqual([413])
    expect(statusesIn(await talk(port, expecting.replace('5', '0')))).toEqual([200])
    expect(
      statusesIn(await talk(port, `${expecting.replace('5', '1').replace('HTTP/1.1', 'HTTP/1.0')}x`)),
    ).toEqual([200])
    expect(statusesIn(await talk(port, `${expecting.replace('5', '1').replace('100-c', '100_c')}x`))).toEqual(
      [200],
    )
  })

  it('is sent for chunks, and when the largest body was raised', async () => {
    const { port } = await serve(
      { head: ({ connection }) => connection.setMaxBodySize(5) },
      { maxBodySize: 4 },
    )
    const raw = expecting.replace('Content-Length: 5', 'Transfer-Encoding: chunked')
    expect(statusesIn(await talk(port, raw, '5\r\nhello\r\n0\r\n\r\n'))).toEqual([100, 200])
    expect(statusesIn(await talk(port, expecting, 'hello'))).toEqual([100, 200])
  })
})

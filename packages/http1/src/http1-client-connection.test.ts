import { HTTPInputError, HTTPOutputError } from '@tornado-ts/httputil'
import { IOStream, StreamClosedError } from '@tornado-ts/iostream'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { serve, turns } from '../test/serving.ts'
import { HTTP1ClientConnection } from './http1-client-connection.ts'
import { Answer, begin, connected, exchange } from '../test/asking.ts'

describe('requests', () => {
  const head = (method: string, more = ''): string => `${method} / HTTP/1.1\r\nHost: h\r\n${more}\r\n`
  const chunkedField = 'Transfer-Encoding: chunked\r\n'

  it.each(['POST', 'PUT', 'PATCH'])('B-http1-031 %s without a length is chunked', async (method) => {
    const { client, peer } = connected()
    void begin(client, method, {}, 'hello')
    void client.write(Buffer.from([0xff, 0xfe]))
    void client.write('é')
    void client.write('')
    client.finish()
    const sent = `${head(method, chunkedField)}5\r\nhello\r\n2\r\n\xff\xfe\r\n2\r\n\xc3\xa9\r\n0\r\n\r\n`
    expect(await peer.receivedUntil(sent.length)).toBe(sent)
  })

  it('with a length have that many bytes', async () => {
    const { client, peer } = connected()
    void begin(client, 'POST', { 'Content-Length': '5' }, 'he')
    void client.write(Buffer.from('llo'))
    client.finish()
    const sent = `${head('POST', 'Content-Length: 5\r\n')}hello`
    expect(await peer.receivedUntil(sent.length)).toBe(sent)
  })

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS'])('%s without a length have no body', async (method) => {
    const { client, peer } = connected()
    void begin(client, method)
    client.finish()
    await turns(2)
    expect(peer.receivedText).toBe(head(method))
  })

  it('of any method may ask for chunks', async () => {
    const { client, peer } = connected()
    void begin(client, 'DELETE', { 'Transfer-Encoding': 'Chunked' }, 'x')
    client.finish()
    const sent = `${head('DELETE', 'Transfer-Encoding: Chunked\r\n')}1\r\nx\r\n0\r\n\r\n`
    expect(await peer.receivedUntil(sent.length)).toBe(sent)
  })

  it.each([
    ['both framings', { 'Content-Length': '1', 'Transfer-Encoding': 'chunked' }],
    ['another coding', { 'Transfer-Encoding': 'gzip, chunked' }],
    ['a sign', { 'Content-Length': '+1' }],
    ['a text', { 'Content-Length': 'x' }],
  ])('with %s are refused, and nothing is sent', async (_, fields) => {
    const { client, peer } = connected()
    expect(() => begin(client, 'POST', fields)).toThrow(HTTPOutputError)
    await turns(2)
    expect([peer.receivedText, client.reusable]).toEqual(['', true])
  })

  it.each([
    ['longer', (client: HTTP1ClientConnection) => void client.write('xyz')],
    [
      'shorter',
      (client: HTTP1ClientConnection) => {
        void client.write('x')
        client.finish()
      },
    ],
  ])('%s than announced end the connection', async (_, write) => {
    const { client, peer } = connected()
    void begin(client, 'POST', { 'Content-Length': '2' })
    const answer = new Answer()
    const response = client.readResponse(answer)
    expect(() => write(client)).toThrow(HTTPOutputError)
    await expect(response).rejects.toThrow(HTTPOutputError)
    await peer.closed
    expect([answer.calls, client.reusable]).toEqual([['close'], false])
  })

  it('come one after another, never two at once', async () => {
    const { client, peer } = connected()
    expect(() => client.readResponse(new Answer())).toThrow('no request')
    expect(() => client.write('x')).toThrow(HTTPOutputError)
    expect(() => client.finish()).toThrow(HTTPOutputError)
    void begin(client)
    expect(() => begin(client)).toThrow(HTTPOutputError)
    client.finish()
    client.finish()
    expect(() => begin(client)).toThrow(HTTPOutputError)
    const response = client.readResponse(new Answer())
    expect(() => client.readResponse(new Answer())).toThrow('Already reading')
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    expect(await response).toBe(true)
    void begin(client)
  })

  it('wait for a slow server', async () => {
    const { client, peer } = connected()
    peer.pause()
    void begin(client, 'POST')
    let written = client.write(Buffer.alloc(200_000))
    for (let i = 0; i < 5 && written === undefined; i++) written = client.write(Buffer.alloc(200_000))
    expect(written).toBeInstanceOf(Promise)
    peer.resume()
    await written
    const next = client.write(Buffer.alloc(1_000_000))
    peer.pause()
    peer.close()
    await expect(next).rejects.toThrow(StreamClosedError)
    await expect(client.write('more')).rejects.toThrow(StreamClosedError)
  })
})

describe('responses', () => {
  const cases: [what: string, method: string, raw: string, calls: string[], body: string, keeps: boolean][] =
    [
      [
        'of a length',
        'GET',
        '200 OK\r\nContent-Length: 5\r\n\r\nhello',
        ['200', 'data', 'finish'],
        'hello',
        true,
      ],
      ['B-http1-018 to HEAD', 'HEAD', '200 OK\r\nContent-Length: 5\r\n\r\n', ['200', 'finish'], '', true],
      ['B-http1-018 with 304', 'GET', '304 x\r\nContent-Length: 5\r\n\r\n', ['304', 'finish'], '', true],
      ['with 204', 'GET', '204 No Content\r\n\r\n', ['204', 'finish'], '', true],
      [
        'in chunks with trailers',
        'GET',
        '200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 1\r\n\r\n',
        ['200', 'data', 'trailers X-Sum,1', 'finish'],
        'hello',
        true,
      ],
      [
        'that end the connection',
        'GET',
        '200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi',
        ['200', 'data', 'finish'],
        'hi',
        false,
      ],
      [
        'B-http1-018 behind informational ones',
        'GET',
        '100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
        ['100', '103', '200', 'data', 'finish'],
        'x',
        true,
      ],
      [
        'with bytes nobody asked for behind',
        'GET',
        '200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 200 OK\r\n\r\n',
        ['200', 'data', 'finish'],
        'x',
        false,
      ],
    ]
  it.each(cases)('%s', async (_, method, raw, calls, body, keeps) => {
    const got = await exchange(`HTTP/1.1 ${raw}`, { method })
    expect([got.answer.calls, got.answer.body, got.outcome]).toEqual([calls, body, keeps])
    expect(got.client.reusable).toBe(keeps)
  })

  it.each(cases.slice(0, 7))('%s, byte by byte', async (_, method, raw, calls, body, keeps) => {
    const got = await exchange(`HTTP/1.1 ${raw}`, { method, pieceSize: 1 })
    expect([got.answer.calls, got.answer.body, got.outcome]).toEqual([calls, body, keeps])
  })

  it('B-http1-016 without a length last until the close', async () => {
    const { answer, outcome } = await exchange(['HTTP/1.1 200 OK\r\n\r\nhel', 'lo'], { end: true })
    expect([answer.body, answer.calls.at(-1), outcome]).toEqual(['hello', 'finish', false])
  })

  it.each([
    ['a body shorter than its length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell'],
    ['a chunk broken off', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell'],
    ['chunks without the last', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n'],
    ['half a head', 'HTTP/1.1 200 OK\r\nConte'],
    ['B-http1-018 a 204 with a length', 'HTTP/1.1 204 x\r\nContent-Length: 5\r\n\r\n'],
    ['B-http1-018 a 204 in chunks', 'HTTP/1.1 204 x\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['B-http1-018 a 100 with a length', 'HTTP/1.1 100 x\r\nContent-Length: 5\r\n\r\n'],
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['no end of informational ones', 'HTTP/1.1 100 x\r\n\r\n'.repeat(11)],
  ])('%s is an error', async (_, raw) => {
    const { answer, outcome, client } = await exchange(raw, { end: true })
    expect(outcome).toBeInstanceOf(HTTPInputError)
    expect([answer.calls.at(-1), client.reusable]).toEqual(['close', false])
    expect(answer.calls).not.toContain('finish')
  })

  it('a break in a body that lasts until the close is an error', async () => {
    const { client, peer } = connected()
    void begin(client)
    client.finish()
    const answer = new Answer()
    const response = client.readResponse(answer)
    await peer.send('HTTP/1.1 200 OK\r\n\r\nhell')
    peer.reset()
    await expect(response).rejects.toThrow(StreamClosedError)
    expect(answer.calls).toEqual(['200', 'data', 'close'])
  })

  it('a close before the first byte can be told from one behind it', async () => {
    const none = await exchange([], { end: true })
    expect([none.outcome instanceof StreamClosedError, none.client.responseBegun]).toEqual([true, false])
    const some = await exchange('H', { end: true })
    expect([some.outcome instanceof HTTPInputError, some.client.responseBegun]).toEqual([true, true])
  })

  it('limits hold', async () => {
    const large = 'HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n'
    for (const params of [{ maxBodySize: 10 }, { maxHeaderSize: 20 }, { maxFieldCount: 1 }]) {
      const { outcome } = await exchange(large.replace('\r\n\r\n', '\r\nX: y\r\n\r\n'), { params })
      expect(outcome, JSON.stringify(params)).toBeInstanceOf(HTTPInputError)
    }
  })

  it.each(['before the head', 'with the head'])('setMaxBodySize %s bounds the body', async (when) => {
    const { client, peer } = connected()
    const raw = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'
    void begin(client)
    client.finish()
    if (when === 'before the head') client.setMaxBodySize(4)
    const answer = new Answer({
      headersReceived: () => {
        if (when === 'with the head') client.setMaxBodySize(4)
      },
    })
    const outcome = expect(client.readResponse(answer)).rejects.toThrow('Body exceeds 4 bytes')
    await peer.send(raw)
    await outcome
  })

  it('the server waits while a delegate does', async () => {
    const taken = Promise.withResolvers<void>()
    const { client, peer } = connected()
    void begin(client)
    client.finish()
    let waiting = 0
    const answer = new Answer({
      dataReceived: async () => {
        expect(++waiting).toBe(1)
        await taken.promise
        waiting--
      },
    })
    const response = client.readResponse(answer)
    const size = 2_000_000
    const sent = peer.send(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`, {
      pieceSize: 50_000,
    })
    await turns(100)
    expect(answer.body.length).toBeLessThanOrEqual(65_536)
    taken.resolve()
    expect(await response).toBe(true)
    await sent
    expect(answer.body.length).toBe(size)
  })

  it.each(['headersReceived', 'dataReceived', 'finish'] as const)(
    'an error of the delegate in %s is the outcome',
    async (name) => {
      const { client, peer } = connected()
      void begin(client)
      client.finish()
      const failing = (): never => {
        throw new RangeError('of the application')
      }
      const response = client.readResponse(new Answer({ [name]: failing }))
      const outcome = expect(response).rejects.toThrow('of the application')
      await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')
      await outcome
      expect(client.reusable).toBe(false)
    },
  )

  it('an early one to a request that is still being written ends the connection', async () => {
    const { client, peer } = connected()
    void begin(client, 'POST')
    const response = client.readResponse(new Answer())
    await peer.send('HTTP/1.1 413 x\r\nContent-Length: 0\r\n\r\n')
    expect(await response).toBe(false)
    await expect(client.write('x')).rejects.toThrow(StreamClosedError)
    client.finish()
    await peer.closed
  })

  it('that nobody asked for ends the connection', async () => {
    const { client, peer } = connected()
    await peer.send('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n')
    await peer.closed
    expect(client.reusable).toBe(false)
    const answer = new Answer()
    await expect(client.readResponse(answer)).rejects.toThrow(StreamClosedError)
    expect(answer.calls).toEqual(['close'])
  })

  it('may have come before they are read', async () => {
    const { client, peer } = connected()
    void begin(client)
    client.finish()
    await peer.send('HTTP/1.1 200 OK\r\n\r\nhello')
    peer.end()
    await turns(2)
    const answer = new Answer()
    expect(await client.readResponse(answer)).toBe(false)
    expect(answer.body).toBe('hello')
  })

  it('finish may begin the next exchange', async () => {
    const { client, peer } = connected()
    const second = Promise.withResolvers<boolean>()
    const get = (answer: Answer): Promise<boolean> => {
      void begin(client)
      client.finish()
      return client.readResponse(answer)
    }
    const first = get(new Answer({ finish: () => second.resolve(get(new Answer())) }))
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    expect(await first).toBe(true)
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    expect(await second.promise).toBe(true)
  })
})

it('exchanges with a server over one connection', async () => {
  const server = await serve()
  const stream = new IOStream(connect(server.port, '127.0.0.1'))
  await using client = new HTTP1ClientConnection(stream)
  for (const method of ['GET', 'POST', 'HEAD', 'PUT', 'DELETE']) {
    const answer = new Answer()
    void begin(client, method)
    if (method === 'POST' || method === 'PUT') {
      void client.write('some ')
      void client.write('words')
    }
    client.finish()
    expect(await client.readResponse(answer)).toBe(true)
    const sent = method === 'POST' || method === 'PUT' ? ' some words' : ''
    expect(answer.body).toBe(method === 'HEAD' ? '' : `${method} /${sent}`)
  }
  expect(server.connections).toHaveLength(1)
})

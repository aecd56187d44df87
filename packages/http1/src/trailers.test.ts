import { HTTPHeaders, ResponseStartLine } from '@tornado-ts/httputil'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { gzipSync } from 'node:zlib'
import { Client, serve, statusesIn, talk, turns } from '../test/serving.ts'

const head = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n'

describe('trailers', () => {
  it('are delivered once, between the body and its end', async () => {
    const server = await serve()
    const answer = await talk(
      server.port,
      `${head}2\r\nhi\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\nX-Other: 3\r\n\r\n`,
    )
    expect(statusesIn(answer, ['POST'])).toEqual([200])
    const [exchange] = server.exchanges
    expect(exchange!.calls).toEqual(['head', 'data', 'trailers', 'finish'])
    expect([...exchange!.trailers!.getAll()]).toEqual([
      ['X-Sum', '1'],
      ['X-Sum', '2'],
      ['X-Other', '3'],
    ])
    expect(exchange!.headers.has('X-Sum')).toBe(false)
  })

  it('are not told of when there are none', async () => {
    const server = await serve()
    await talk(server.port, `${head}2\r\nhi\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n`)
    expect(server.exchanges.map(({ calls }) => calls)).toEqual([
      ['head', 'data', 'finish'],
      ['head', 'finish'],
    ])
  })

  it('wait until a delegate has taken the body', async () => {
    const taken = Promise.withResolvers<void>()
    const server = await serve({ data: () => taken.promise })
    const client = new Client(server.port).send(`${head}2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n`)
    const exchange = await server.exchange(0)
    await turns(3)
    expect(exchange.calls).not.toContain('trailers')
    taken.resolve()
    expect(await exchange.over).toBe('finish')
    expect(exchange.calls).toEqual(['head', 'data', 'trailers', 'finish'])
    client.end()
    await client.closed
  })

  it('follow a decompressed body', async () => {
    const body = gzipSync('Hello, world')
    const server = await serve({}, { decompressRequest: true })
    const client = new Client(server.port)
      .send(head.replace('\r\n\r\n', '\r\nContent-Encoding: gzip\r\n\r\n'))
      .send(`${body.length.toString(16)}\r\n`)
      .send(body)
      .send('\r\n0\r\nX-Sum: 1\r\n\r\n')
    await client.until('Hello, world')
    const [exchange] = server.exchanges
    expect(exchange!.calls).toEqual(['head', 'data', 'trailers', 'finish'])
    expect(exchange!.trailers!.get('X-Sum')).toBe('1')
  })

  it('follow a body in no coding that is known, with decompression', async () => {
    const server = await serve({}, { decompressRequest: true })
    await talk(server.port, `${head}2\r\nhi\r\n0\r\nX-Sum: 1\r\n\r\n`)
    expect(server.exchanges[0]!.calls).toEqual(['head', 'data', 'trailers', 'finish'])
  })

  it('an error of the delegate there is answered with 500', async () => {
    using _log = expectLog('tornado.application', 'Uncaught exception')
    const server = await serve({
      trailers() {
        throw new Error('of the application')
      },
    })
    const answer = await talk(server.port, `${head}0\r\nX-Sum: 1\r\n\r\n`)
    expect(statusesIn(answer, ['POST'])).toEqual([500])
    expect(server.exchanges[0]!.calls).toEqual(['head', 'trailers'])
  })
})

describe('trailers of an answer', () => {
  const answerWith = async (request: string, trailers: HTTPHeaders, length?: string): Promise<string> => {
    const server = await serve({
      finish: ({ connection }) => {
        const headers = new HTTPHeaders(length === undefined ? {} : { 'Content-Length': length })
        void connection.writeHeaders(new ResponseStartLine('', 200, 'OK'), headers, 'hi')
        connection.finish(trailers)
      },
    })
    return await talk(server.port, request)
  }
  const trailers = new HTTPHeaders([
    ['X-Sum', '1'],
    ['X-Sum', '2'],
  ])

  it('follow the last chunk (RFC 9112 §7.1.2)', async () => {
    const answer = await answerWith('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', trailers)
    expect(answer.split('\r\n\r\n').slice(1).join('\r\n\r\n')).toBe(
      '2\r\nhi\r\n0\r\nX-Sum: 1\r\nX-Sum: 2\r\n\r\n',
    )
  })

  it('are not sent where there are no chunks', async () => {
    for (const [request, length] of [
      ['GET / HTTP/1.0\r\n\r\n', undefined],
      ['GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', '2'],
      ['HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n', undefined],
    ] as const) {
      expect(await answerWith(request, trailers, length)).not.toContain('X-Sum')
    }
  })

  it('that must not be some end the connection before it is told that the body is whole (RFC 9110 §6.5.1)', async () => {
    using logged = expectLog('tornado', /./)
    const forbidden = new HTTPHeaders({ 'Content-Length': '2' })
    const answer = await answerWith('GET / HTTP/1.1\r\nHost: h\r\n\r\n', forbidden)
    expect(answer).not.toContain('0\r\n')
    expect(logged.seen).toBe(true)
  })
})

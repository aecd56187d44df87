import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { answer, answerJson, QuietDelegate } from '../../fixtures/delegates.ts'
import { toFetchHandler } from './fetch-handler.ts'
import { RuleRouter } from '../routing.ts'

const url = 'http://test:8888/path?q=1'
const ok = new ResponseStartLine('HTTP/1.1', 200, 'OK')

it('trailers are neither announced nor sent', async () => {
  const fetch = toFetchHandler(({ connection }) => {
    void connection!.writeHeaders(ok, new HTTPHeaders({ Trailer: 'X-Sum' }), 'body')
    connection!.finish(new HTTPHeaders({ 'X-Sum': '1' }))
  })
  const response = await fetch(new Request(url))
  expect([response.headers.has('Trailer'), await response.text()]).toEqual([false, 'body'])
})

describe('requests', () => {
  it('come whole to a function', async () => {
    const fetch = toFetchHandler(
      answerJson(({ method, uri, version, host, headers, body, remoteIp, protocol }) => ({
        method,
        uri,
        version,
        host,
        remoteIp,
        protocol,
        body: body.toString(),
        type: headers.get('Content-Type'),
      })),
    )
    const response = await fetch(new Request(url, { method: 'POST', body: 'hello' }))
    expect([response.status, response.statusText]).toEqual([200, 'OK'])
    expect(await response.json()).toEqual({
      method: 'POST',
      uri: '/path?q=1',
      version: 'HTTP/1.1',
      host: 'test:8888',
      remoteIp: '0.0.0.0',
      protocol: 'http',
      body: 'hello',
      type: 'text/plain;charset=UTF-8',
    })
  })

  it('come to routers', async () => {
    const fetch = toFetchHandler(
      new RuleRouter([['/path', ({ connection }) => answer(connection!, 'found')]]),
    )
    expect(await (await fetch(new Request(url))).text()).toBe('found')
    expect((await fetch(new Request('http://test/other'))).status).toBe(404)
  })

  it('may tell the peer, of a proxy or of the runtime', async () => {
    const target = answerJson(({ remoteIp, protocol }) => `${protocol} ${remoteIp}`)
    const remoteIp = (_: Request, info: { address: string }): string => info.address
    const direct = toFetchHandler(target, { remoteIp })
    const request = new Request('https://test/', { headers: { 'X-Real-Ip': '4.4.4.4', 'X-Scheme': 'http' } })
    expect(await (await direct(request, { address: '::ffff:5.5.5.5' })).json()).toBe('https 5.5.5.5')
    const behind = toFetchHandler(target, { remoteIp, xheaders: ['5.5.5.5'] })
    expect(await (await behind(request, { address: '5.5.5.5' })).json()).toBe('http 4.4.4.4')
    expect(await (await behind(request, { address: '6.6.6.6' })).json()).toBe('https 6.6.6.6')
  })

  it('with streamed bodies wait for the delegate at each piece', async () => {
    let waiting = 0
    const fetch = toFetchHandler({
      startRequest: (_, connection) => {
        let size = 0
        return new (class extends QuietDelegate {
          override async dataReceived(chunk: Buffer): Promise<void> {
            expect(++waiting).toBe(1)
            await new Promise((resolve) => setImmediate(resolve))
            size += chunk.length
            waiting--
          }
          override finish(): void {
            answer(connection, String(size))
          }
        })()
      },
    })
    const body = new ReadableStream({
      start(controller) {
        for (let i = 0; i < 10; i++) controller.enqueue(new Uint8Array(1000))
        controller.close()
      },
    })
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    expect(await (await fetch(new Request(url, init))).text()).toBe('10000')
  })

  it('are decompressed with the option', async () => {
    const fetch = toFetchHandler(({ body, connection }) => answer(connection!, body.toString()), {
      decompressRequest: true,
    })
    const headers = { 'Content-Encoding': 'gzip' }
    const request = new Request(url, { method: 'POST', body: gzipSync('plain again'), headers })
    expect(await (await fetch(request)).text()).toBe('plain again')
  })
})

describe('answers', () => {
  it('keep their fields, and none of the connection', async () => {
    const fetch = toFetchHandler(({ connection }) => {
      const headers = new HTTPHeaders([
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['Connection', 'close'],
        ['Content-Length', '2'],
      ])
      void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 202, 'As You Like'), headers, 'hi')
      connection!.finish()
    })
    const response = await fetch(new Request(url))
    expect([response.status, response.statusText, await response.text()]).toEqual([202, 'As You Like', 'hi'])
    expect([...response.headers]).toEqual([
      ['content-length', '2'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ])
  })

  it('may be streamed, and wait for a peer that does not read', async () => {
    let sent = 0
    const write = async ({ connection }: HTTPServerRequest): Promise<void> => {
      await connection!.writeHeaders(ok, new HTTPHeaders(), 'first ')
      for (; sent < 100; sent++) await connection!.write(Buffer.alloc(10_000, 'x'))
      connection!.finish()
    }
    const fetch = toFetchHandler((request) => void write(request))
    const response = await fetch(new Request(url))
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
    expect(sent).toBeLessThan(20)
    expect(await response.text()).toBe(`first ${'x'.repeat(1_000_000)}`)
  })

  it('may use the memory of what they have written again', async () => {
    const fetch = toFetchHandler(({ connection }) => {
      const bytes = Buffer.from('one')
      void connection!.writeHeaders(ok, new HTTPHeaders(), bytes)
      bytes.write('two')
      void connection!.write(bytes)
      connection!.finish()
    })
    expect(await (await fetch(new Request(url))).text()).toBe('onetwo')
  })

  it.each([204, 205, 304])('with status %i have no body', async (code) => {
    const fetch = toFetchHandler(({ connection }) => {
      void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', code, 'X'), new HTTPHeaders())
      connection!.finish()
    })
    const response = await fetch(new Request(url))
    expect([response.status, response.body]).toEqual([code, null])
  })

  it('to HEAD have no body, but its length', async () => {
    const fetch = toFetchHandler(({ connection }) => answer(connection!, 'hello'))
    const response = await fetch(new Request(url, { method: 'HEAD' }))
    expect([response.headers.get('Content-Length'), response.body]).toEqual(['5', null])
  })

  it('of HEAD are there before the application is done', async () => {
    const fetch = toFetchHandler(({ connection }) => void connection!.writeHeaders(ok, new HTTPHeaders()))
    expect((await fetch(new Request(url, { method: 'HEAD' }))).body).toBeNull()
  })

  it('leave interim ones out', async () => {
    const fetch = toFetchHandler(({ connection }) => {
      const early = new ResponseStartLine('HTTP/1.1', 103, 'Early Hints')
      void connection!.writeHeaders(early, new HTTPHeaders({ Link: '</a>' }))
      answer(connection!, 'hello')
    })
    expect(await (await fetch(new Request(url))).text()).toBe('hello')
  })
})

describe('errors', () => {
  it('of the application are answered with 500 and logged', async () => {
    using _log = expectLog(appLog, 'Uncaught exception')
    const fetch = toFetchHandler(() => {
      throw new Error('of the application')
    })
    const response = await fetch(new Request(url))
    expect([response.status, await response.text()]).toEqual([500, 'Internal Server Error\n'])
  })

  it('of the client are answered with their status', async () => {
    using _log = expectLog(genLog, /Malformed HTTP message/)
    const fetch = toFetchHandler(() => {}, { maxBodySize: 10 })
    const large = await fetch(new Request(url, { method: 'POST', body: 'x'.repeat(11) }))
    expect(large.status).toBe(413)
    const headers = new Headers({ 'X-A': 'a\x01b' })
    expect((await fetch(new Request(url, { headers }))).status).toBe(400)
  })

  it('behind the head break the body off', async () => {
    using _log = expectLog(genLog, 'Cannot complete a response')
    using _uncaught = expectLog(appLog, 'Uncaught exception')
    const fail = Promise.withResolvers<void>()
    const fetch = toFetchHandler({
      startRequest: (_, connection) =>
        new (class extends QuietDelegate {
          override async headersReceived(): Promise<void> {
            void connection.writeHeaders(ok, new HTTPHeaders({ 'Content-Length': '5' }), 'par')
            await fail.promise
            connection.finish()
          }
        })(),
    })
    const response = await fetch(new Request(url))
    fail.resolve()
    await expect(response.text()).rejects.toThrow('2 bytes less than Content-Length')
  })

  it('of a status that a Response cannot have reject', async () => {
    const fetch = toFetchHandler(({ connection }) => {
      void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 700, 'X'), new HTTPHeaders())
      connection!.finish()
    })
    await expect(fetch(new Request(url))).rejects.toThrow(RangeError)
  })

  it('an answer that is broken off rejects', async () => {
    const fetch = toFetchHandler(({ connection }) => connection!.abort())
    await expect(fetch(new Request(url))).rejects.toMatchObject({ name: 'StreamClosedError' })
  })
})

describe('the end', () => {
  it('of the request by its signal is told to the application', async () => {
    const client = new AbortController()
    const told = Promise.withResolvers<unknown>()
    const fetch = toFetchHandler(({ signal }) => {
      signal.addEventListener('abort', () => told.resolve(signal.reason))
    })
    const response = fetch(new Request(url, { signal: client.signal }))
    client.abort()
    expect(await told.promise).toMatchObject({ name: 'StreamClosedError' })
    await expect(response).rejects.toThrow('Connection was closed before it was answered')
  })

  it('that came before the request ends it', async () => {
    const fetch = toFetchHandler(() => {})
    const request = new Request(url, { signal: AbortSignal.abort() })
    await expect(fetch(request)).rejects.toThrow('Connection was closed')
  })

  it('of the body by its reader is told to the application', async () => {
    const told = Promise.withResolvers<void>()
    const fetch = toFetchHandler(({ connection }) => {
      connection!.setCloseCallback(told.resolve)
      void connection!.writeHeaders(ok, new HTTPHeaders(), 'data: 1\n\n')
    })
    const response = await fetch(new Request(url))
    await response.body!.cancel()
    await expect(told.promise).resolves.toBeUndefined()
  })

  it('of a request that is read no further is told to its delegate', async () => {
    const calls: string[] = []
    const fetch = toFetchHandler({
      startRequest: (_, connection) =>
        new (class extends QuietDelegate {
          override headersReceived(): void {
            answer(connection, 'enough')
          }
          override finish(): void {
            calls.push('finish')
          }
          override onConnectionClose(): void {
            calls.push('onConnectionClose')
          }
        })(),
    })
    const response = await fetch(new Request(url, { method: 'POST', body: 'hello' }))
    expect([await response.text(), calls]).toEqual(['enough', ['onConnectionClose']])
  })
})

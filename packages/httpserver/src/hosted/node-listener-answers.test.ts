import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import type { RequestListener } from 'node:http'
import { describe, expect, it } from 'vitest'
import { answer, answerJson } from '../../fixtures/delegates.ts'
import { hosted, post } from '../../fixtures/hosted.ts'
import { RawClient } from '../../fixtures/raw-client.ts'
import type { HostedOptions } from './hosted-options.ts'

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

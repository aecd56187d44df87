import { HTTPClientError, HTTPRequest, HTTPTimeoutError } from '@tornado-ts/httpclient'
import { StreamClosedError } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { RequestHandler } from '@tornado-ts/web'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { accepted, hostile } from '../test/hostile.ts'
import { serve } from '../test/serve.ts'
import { websocketConnect, WebSocketError, WebSocketHandler } from './index.ts'

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(message)
  }
}

describe('connecting', () => {
  it('B-ws-054 only ws and wss', async () => {
    for (const url of ['http://127.0.0.1/', 'https://127.0.0.1/', 'ftp://127.0.0.1/', 'nonsense'])
      await expect(websocketConnect(url)).rejects.toThrow(TypeError)
  })

  it('B-ws-055 what the request carries', async () => {
    const heads: string[] = []
    const url = await hostile((socket, head, key) => {
      heads.push(head)
      socket.write(accepted(key))
    })
    const plain = await websocketConnect(url)
    const full = await websocketConnect(url, { subprotocols: ['one', 'two'], compressionOptions: {} })
    expect(heads[0]).toMatch(/^GET \/ HTTP\/1\.1\r\n/)
    for (const line of ['Upgrade: websocket', 'Connection: Upgrade', 'Sec-Websocket-Version: 13'])
      expect(heads[0]).toContain(`\r\n${line}\r\n`)
    const keys = heads.map((head) => /Sec-Websocket-Key: (\S+)/.exec(head)![1]!)
    expect(keys.map((key) => Buffer.from(key, 'base64').length)).toEqual([16, 16])
    expect(keys[0]).not.toBe(keys[1])
    expect(heads[0]).not.toMatch(/Extensions|Protocol:/)
    expect(heads[1]).toContain('\r\nSec-Websocket-Protocol: one,two\r\n')
    expect(heads[1]).toContain('\r\nSec-Websocket-Extensions: permessage-deflate; client_max_window_bits\r\n')
    plain.getWebsocketProtocol().abort()
    full.getWebsocketProtocol().abort()
  })

  it('B-ws-035 frames are masked with four bytes of chance', async () => {
    const received: Buffer[] = []
    const all = Promise.withResolvers<void>()
    const url = await hostile((socket, _head, key) => {
      socket.write(accepted(key))
      socket.on('data', (chunk: Buffer) => {
        received.push(chunk)
        if (Buffer.concat(received).length >= 20 * 11) all.resolve()
      })
    })
    const connection = await websocketConnect(url)
    for (let index = 0; index < 20; index++) void connection.writeMessage('Hello')
    await all.promise
    const bytes = Buffer.concat(received)
    const keys = new Set<string>()
    for (let at = 0; at < bytes.length; at += 11) {
      expect(bytes.subarray(at, at + 2).toString('hex')).toBe('8185')
      const [mask, payload] = [bytes.subarray(at + 2, at + 6), bytes.subarray(at + 6, at + 11)]
      keys.add(mask.toString('hex'))
      expect(Buffer.from(payload.map((byte, index) => byte ^ mask[index % 4]!)).toString()).toBe('Hello')
    }
    expect([bytes.length, keys.size]).toEqual([220, 20])
    connection.getWebsocketProtocol().abort()
  })

  it('B-ws-056 redirects are not followed unless one asks for it, and tell no credentials to another origin', async () => {
    const heads: string[] = []
    const other = await hostile((socket, head, key) => {
      heads.push(head)
      socket.write(accepted(key))
    })
    const url = await hostile((socket) =>
      socket.end(
        `HTTP/1.1 302 Found\r\nLocation: ${other.replace('ws:', 'http:')}moved\r\nContent-Length: 0\r\n\r\n`,
      ),
    )
    await expect(websocketConnect(url)).rejects.toMatchObject({ name: 'HTTPClientError', code: 302 })
    const request = new HTTPRequest(url, {
      headers: { Authorization: 'Bearer secret', Cookie: 'a=b', 'X-Other': 'kept' },
    })
    const connection = await websocketConnect(request, { followRedirects: true })
    expect(heads[0]).toMatch(/^GET \/moved /)
    expect(heads[0]).toContain('X-Other: kept')
    expect(heads[0]).not.toMatch(/secret|Cookie/)
    connection.getWebsocketProtocol().abort()
  })

  it('the cookie jar of a request is asked and told, on each hop, as for http', async () => {
    const heads: string[] = []
    const other = await hostile((socket, head, key) => {
      heads.push(head)
      socket.write(accepted(key, 'Set-Cookie: second=2\r\n'))
    })
    const url = await hostile((socket, head) => {
      heads.push(head)
      socket.end(
        `HTTP/1.1 302 Found\r\nLocation: ${other}\r\nSet-Cookie: first=1\r\nSet-Cookie: bad\r\nContent-Length: 0\r\n\r\n`,
      )
    })
    const kept: string[] = []
    const urls: string[] = []
    const cookieJar = {
      getCookieString: (from: string): string => {
        urls.push(from)
        return kept.join('; ')
      },
      setCookie: async (cookie: string): Promise<void> => {
        if (cookie === 'bad') throw new Error('refused')
        kept.push(cookie)
      },
    }
    const request = new HTTPRequest(url, { cookieJar, headers: { Cookie: 'own=0' } })
    const connection = await websocketConnect(request, { followRedirects: true })
    expect(heads.map((head) => /^Cookie: (.*)$/m.exec(head)?.[1]?.trim())).toEqual(['own=0', 'first=1'])
    expect(urls.map((each) => each.replace(/\d+\/.*$/, ''))).toEqual([
      'http://127.0.0.1:',
      'http://127.0.0.1:',
    ])
    expect(kept).toEqual(['first=1', 'second=2'])
    connection.getWebsocketProtocol().abort()
  })

  it('B-ws-057 other answers reject: HTTPClientError, WebSocketError, the error of the connection, StreamClosedError', async () => {
    class Refusing extends RequestHandler {
      override get(status: string): void {
        this.setStatus(Number(status))
        void this.finish('why')
      }
    }
    const { url } = await serve([
      ['/(\\d+)', Refusing],
      ['/ws', Echo],
    ])
    for (const code of [401, 403, 404, 500]) {
      const error = await websocketConnect(`${url}/${code}`).catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(HTTPClientError)
      expect((error as HTTPClientError).code).toBe(code)
      expect((error as HTTPClientError).response?.body.toString()).toBe('why')
    }
    await expect(websocketConnect(`${url}/200`)).rejects.toThrow(/Non-websocket response/)
    const closing = await hostile((socket) => socket.destroy())
    await expect(websocketConnect(closing)).rejects.toThrow(StreamClosedError)
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    server.close()
    await once(server, 'close')
    await expect(websocketConnect(`ws://127.0.0.1:${port}/`)).rejects.toMatchObject({
      realError: expect.objectContaining({ code: 'ECONNREFUSED' }),
    })
  })

  it('B-ws-058 B-ws-059 a wrong 101 fails: accept value, upgrade, connection, extension and subprotocol that were not asked for', async () => {
    const wrong: ((key: string) => string)[] = [
      () => accepted('another'),
      (key) => accepted(key).replace('Upgrade: websocket', 'Upgrade: h2c'),
      (key) => accepted(key).replace('Connection: Upgrade', 'Connection: close'),
      (key) => accepted(key, 'Sec-WebSocket-Extensions: permessage-deflate\r\n'),
      (key) => accepted(key, 'Sec-WebSocket-Protocol: other\r\n'),
    ]
    for (const make of wrong) {
      const url = await hostile((socket, _head, key) => socket.write(make(key)))
      await expect(websocketConnect(url)).rejects.toThrow(WebSocketError)
    }
  })

  it('CVE-2026-2229 compression answered with what is not valid fails with 1010, without a crash', async () => {
    for (const answer of [
      'permessage-deflate; server_max_window_bits=99',
      'permessage-deflate; server_max_window_bits=7',
      'permessage-deflate; server_max_window_bits',
      'permessage-deflate; server_max_window_bits=',
      'permessage-deflate; server_max_window_bits=10; server_max_window_bits=10',
      'permessage-deflate; client_max_window_bits',
      'permessage-deflate; server_no_context_takeover=1',
      'permessage-deflate; unknown',
      'permessage-deflate, permessage-deflate',
      'x-webkit-deflate-frame',
    ]) {
      const url = await hostile((socket, _head, key) =>
        socket.write(accepted(key, `Sec-WebSocket-Extensions: ${answer}\r\n`)),
      )
      await expect(websocketConnect(url, { compressionOptions: {} }), answer).rejects.toThrow(WebSocketError)
    }
  })

  it('a 1xx before the 101 is skipped, and frames in the packet of the 101 are delivered', async () => {
    const url = await hostile((socket, _head, key) =>
      socket.write(
        Buffer.concat([
          Buffer.from(`HTTP/1.1 103 Early Hints\r\n\r\n${accepted(key)}`),
          Buffer.from('810548656c6c6f', 'hex'),
        ]),
      ),
    )
    const connection = await websocketConnect(url)
    expect(await connection.readMessage()).toBe('Hello')
    connection.getWebsocketProtocol().abort()
  })

  it('B-ws-030 a masked frame from a server fails with 1002', async () => {
    const url = await hostile((socket, _head, key) =>
      socket.write(Buffer.concat([Buffer.from(accepted(key)), Buffer.from('818537fa213d7f9f4d5158', 'hex')])),
    )
    const connection = await websocketConnect(url)
    expect(await connection.readMessage()).toBeNull()
    expect(connection.closeCode).toBe(1002)
  })

  it('B-ws-060 an HTTPRequest brings headers and credentials; connectTimeoutMs goes with a URL only', async () => {
    const heads: string[] = []
    const url = await hostile((socket, head, key) => {
      heads.push(head)
      socket.write(accepted(key))
    })
    const request = new HTTPRequest(url, {
      headers: { 'X-Own': '1' },
      authUsername: 'ada',
      authPassword: 'pass',
    })
    const connection = await websocketConnect(request)
    expect(heads[0]).toContain('\r\nX-Own: 1\r\n')
    expect(heads[0]).toContain(`\r\nAuthorization: Basic ${Buffer.from('ada:pass').toString('base64')}\r\n`)
    await expect(websocketConnect(request, { connectTimeoutMs: 1 })).rejects.toThrow(TypeError)
    connection.getWebsocketProtocol().abort()
  })

  it('B-ws-060 gives up after connectTimeoutMs, of a request too, and by a signal', async () => {
    const silent = await hostile(() => {})
    const request = new HTTPRequest(silent, { connectTimeoutMs: 30 })
    await expect(websocketConnect(request)).rejects.toThrow(HTTPTimeoutError)
    await expect(websocketConnect(silent, { connectTimeoutMs: 30 })).rejects.toThrow(HTTPTimeoutError)
    const giveUp = new AbortController()
    const connecting = websocketConnect(silent, { signal: giveUp.signal })
    giveUp.abort(new Error('enough'))
    await expect(connecting).rejects.toThrow('enough')
    await expect(websocketConnect(silent, { signal: giveUp.signal })).rejects.toThrow('enough')
  })
})

describe('messages', () => {
  it('B-ws-062 readMessage answers the next message, then null; one is kept, and the server waits', async () => {
    const { url } = await serve([['/ws', Echo]])
    const connection = await websocketConnect(`${url}/ws`)
    const first = connection.readMessage()
    const second = connection.readMessage()
    void connection.writeMessage('one')
    void connection.writeMessage(Buffer.from('two'))
    expect(await Promise.all([first, second])).toEqual(['one', Buffer.from('two')])
    for (const text of ['three', 'four']) void connection.writeMessage(text)
    connection.close()
    expect(await connection.readMessage()).toBe('three')
    expect(await connection.readMessage()).toBe('four')
    expect(await connection.readMessage()).toBeNull()
    expect(await connection.readMessage()).toBeNull()
  })

  it('B-ws-062 a server that sends more than is read is made to wait', async () => {
    const opened = Promise.withResolvers<WebSocketHandler>()
    class Flood extends WebSocketHandler {
      override open(): void {
        opened.resolve(this)
        for (let index = 0; index < 400; index++) void this.writeMessage(Buffer.alloc(50_000, index & 0xff))
      }
    }
    const { url } = await serve([['/ws', Flood]], { websocketMaxQueuedSize: 100_000_000 })
    const connection = await websocketConnect(`${url}/ws`)
    await connection.readMessage()
    await new Promise((resolve) => setImmediate(resolve))
    expect((await opened.promise).bufferedAmount).toBeGreaterThan(1_000_000)
    for (let index = 1; index < 400; index++)
      expect(((await connection.readMessage()) as Buffer)[49_999]).toBe(index & 0xff)
    await connection[Symbol.asyncDispose]()
  })

  it('iterates until the WebSocket is over, and await using closes it', async () => {
    const closes: unknown[] = []
    class Counting extends WebSocketHandler {
      override open(): void {
        for (const text of ['a', 'b', 'c']) void this.writeMessage(text)
        if (this.getArgument('end', '') === 'yes') this.close(4000, 'over')
      }
      override onClose(code: number | null): void {
        closes.push(code)
        closed.resolve()
      }
    }
    const closed = Promise.withResolvers<void>()
    const { url } = await serve([['/ws', Counting]])
    const connection = await websocketConnect(`${url}/ws?end=yes`)
    const messages: unknown[] = []
    for await (const message of connection) messages.push(message)
    expect(messages).toEqual(['a', 'b', 'c'])
    expect([connection.closeCode, connection.closeReason]).toEqual([4000, 'over'])
    const other = await websocketConnect(`${url}/ws`)
    await other[Symbol.asyncDispose]()
    expect(other.closeCode).toBe(1000)
    expect(other.signal.aborted).toBe(true)
  })

  it('B-ws-063 onMessageCallback gets each message, then null, one at a time', async () => {
    const { url } = await serve([['/ws', Echo]])
    const received: unknown[] = []
    let busy = false
    const over = Promise.withResolvers<void>()
    const connection = await websocketConnect(`${url}/ws`, {
      async onMessageCallback(message) {
        expect(busy).toBe(false)
        busy = true
        await Promise.resolve()
        received.push(message)
        busy = false
        if (received.length === 2) connection.close(1000)
        if (message === null) over.resolve()
      },
    })
    void connection.writeMessage('one')
    void connection.writeMessage('two')
    await over.promise
    expect(received).toEqual(['one', 'two', null])
  })

  it('B-ws-014 B-ws-064 headers, subprotocol, close code and reason can be read', async () => {
    class Choosing extends Echo {
      override setDefaultHeaders(): void {
        this.setHeader('X-Custom', 'yes')
      }
      override selectSubprotocol(subprotocols: string[]): string | null {
        return subprotocols[1] ?? null
      }
      override onMessage(): void {
        this.close(4001, 'goodbye')
      }
    }
    const { url } = await serve([['/ws', Choosing]])
    const connection = await websocketConnect(`${url}/ws`, { subprotocols: ['one', 'two'] })
    expect(connection.selectedSubprotocol).toBe('two')
    expect(connection.headers.get('X-Custom')).toBe('yes')
    expect([connection.closeCode, connection.closeReason]).toEqual([null, null])
    void connection.writeMessage('x')
    expect(await connection.readMessage()).toBeNull()
    expect([connection.closeCode, connection.closeReason]).toEqual([4001, 'goodbye'])
    const plain = await websocketConnect(`${url}/ws`)
    expect(plain.selectedSubprotocol).toBeNull()
    plain.close()
  })

  it('B-ws-065 pings, their time-out and the largest message are as on the server', async () => {
    class Silent extends WebSocketHandler {
      override open(): void {
        const { stream } = this.wsConnection!
        stream.pause()
      }
    }
    class Big extends WebSocketHandler {
      override open(): void {
        void this.writeMessage('x'.repeat(101))
      }
      override onClose(code: number | null): void {
        told.resolve(code)
      }
    }
    const told = Promise.withResolvers<number | null>()
    const { url } = await serve([
      ['/silent', Silent],
      ['/big', Big],
    ])
    const deaf = await websocketConnect(`${url}/silent`, { pingIntervalMs: 20, pingTimeoutMs: 20 })
    expect(await deaf.readMessage()).toBeNull()
    expect([deaf.closeCode, deaf.closeReason]).toEqual([1000, 'ping timed out'])
    deaf.getWebsocketProtocol().abort()
    const small = await websocketConnect(`${url}/big`, { maxMessageSize: 100 })
    expect(await small.readMessage()).toBeNull()
    expect(small.closeCode).toBe(1009)
    expect(await told.promise).toBe(1009)
  })

  it('a callback that throws is logged and closes with 1011', async () => {
    const { url } = await serve([['/ws', Echo]])
    using _logged = expectLog(appLog, /Uncaught exception in a WebSocket client/)
    const connection = await websocketConnect(`${url}/ws`, {
      onMessageCallback(message) {
        if (message !== null) throw new Error('failed')
      },
    })
    void connection.writeMessage('x')
    await once(connection.signal, 'abort')
    expect(connection.closeCode).toBe(1011)
  })
})

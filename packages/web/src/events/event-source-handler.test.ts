import { expectLog } from '@tornado-ts/log/testing'
import { EventEmitter, once } from 'node:events'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { createGunzip } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { serve, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { HTTPError } from '../errors.ts'
import { EventSourceHandler } from './event-source-handler.ts'
import { Heartbeat } from './heartbeat.ts'
import { formatComment, formatServerSentEvent } from './server-sent-event.ts'
import type { ApplicationSettings } from '../settings.ts'

type EventSourceClass = new (...args: never[]) => EventSourceHandler

const serveEvents = (handler: EventSourceClass, settings: ApplicationSettings = {}): Promise<Served> =>
  serve(
    new Application([['/(.*)', handler as unknown as typeof EventSourceHandler]], {
      logFunction: () => {},
      ...settings,
    }),
  )

const request = (port: number, headers: Record<string, string> = {}, path = '/'): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    httpGet({ port, host: '127.0.0.1', path, headers, agent: false }, resolve).on('error', reject)
  })

/** Reads text until it holds `end`. */
async function readUntil(stream: AsyncIterable<Buffer> & NodeJS.EventEmitter, end: string): Promise<string> {
  let text = ''
  while (!text.includes(end)) {
    const [chunk] = (await once(stream, 'data')) as [Buffer]
    text += chunk.toString()
  }
  return text
}

afterEach(() => vi.useRealTimers())

describe('the text of an event', () => {
  it.each([
    [{ data: 'x' }, 'data: x\n\n'],
    [{ data: '' }, 'data: \n\n'],
    [{ data: 'a\nb\r\nc\rd\n' }, 'data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n'],
    [{ data: 'event: forged\n\ndata: y' }, 'data: event: forged\ndata: \ndata: data: y\n\n'],
    [{ data: { a: '</x>' } }, 'data: {"a":"<\\/x>"}\n\n'],
    [{ event: 'e', id: '1', retry: 10, data: 'x' }, 'id: 1\nevent: e\nretry: 10\ndata: x\n\n'],
    [{ event: 'e' }, 'event: e\ndata\n\n'],
    [{ id: '' }, 'id: \n\n'],
    [{ retry: 0 }, 'retry: 0\n\n'],
  ])('undici EventSource: %j', (event, text) => {
    expect(formatServerSentEvent(event)).toBe(text)
  })

  it.each(['a\nb', 'a\rb', 'a\r\ndata: forged', 'a\0b'])(
    'undici EventSource: %j is refused as id and as event',
    (bad) => {
      expect(() => formatServerSentEvent({ id: bad })).toThrow(TypeError)
      expect(() => formatServerSentEvent({ event: bad })).toThrow(TypeError)
      expect(formatComment(bad)).toBe(
        bad.includes('\0') ? `: ${bad}\n\n` : `: a\n: ${bad.split(/[\r\n]+/)[1]}\n\n`,
      )
    },
  )

  it.each([-1, 1.5, Number.NaN, Infinity])('retry %d is refused', (retry) => {
    expect(() => formatServerSentEvent({ retry })).toThrow(RangeError)
  })
})

describe('a stream of events', () => {
  it('has the headers for it, sends them at once, and each event as it comes', async () => {
    const opened = Promise.withResolvers<EventSourceHandler>()
    class Handler extends EventSourceHandler {
      override open(...[path]: [string]): void {
        opened.resolve(this)
        this.setHeader('X-Path', path)
      }
    }
    await using served = await serveEvents(Handler)
    const response = await request(served.port, {}, '/room')
    expect(response.headers).toMatchObject({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'transfer-encoding': 'chunked',
      'x-path': 'room',
    })
    const handler = await opened.promise
    expect(handler.isOpen).toBe(true)
    expect(await handler.send({ event: 'e', data: 'one' })).toBe(true)
    expect(await readUntil(response, '\n\n')).toBe('event: e\ndata: one\n\n')
    await handler.comment('hello')
    expect(await readUntil(response, '\n\n')).toBe(': hello\n\n')
    handler.close()
    handler.close()
    await once(response.resume(), 'end')
    expect(handler.isOpen).toBe(false)
    await expect(handler.send({ data: 'x' })).rejects.toMatchObject({ name: 'StreamClosedError' })
  })

  it('tells once that it is over, whoever ended it, and fires its signal', async () => {
    const events = new EventEmitter()
    class Handler extends EventSourceHandler {
      override open(): void {
        events.emit('open', this)
      }
      override onClose(): void {
        events.emit('close', this)
      }
    }
    await using served = await serveEvents(Handler)
    let closed = 0
    events.on('close', () => closed++)
    const opening = once(events, 'open')
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const [left] = (await opening) as [EventSourceHandler]
    const { signal } = left
    const closing = once(events, 'close')
    await once(socket, 'data')
    socket.destroy()
    await closing
    expect([signal.aborted, left.isOpen, closed]).toEqual([true, false, 1])

    const again = once(events, 'open')
    const response = await request(served.port)
    const [ended] = (await again) as [EventSourceHandler]
    ended.close()
    await once(response.resume(), 'end')
    expect([ended.signal.aborted, closed]).toEqual([true, 2])
  })

  it('is ended by a server that closes, also one that is opened then', async () => {
    const events = new EventEmitter()
    class Handler extends EventSourceHandler {
      override open(): void {
        if (this.request.path === '/late') void this.send({ data: 'late' })
        events.emit('open', this)
      }
      override onClose(): void {
        events.emit('close', this)
      }
    }
    await using served = await serveEvents(Handler)
    const paths = ['/a', '/b']
    const responses = await Promise.all(paths.map((path) => request(served.port, {}, path)))
    const late = connect(served.port, '127.0.0.1')
    late.write('GET /x HTTP/1.1\r\nHost: x\r\n\r\n')
    const [early] = (await once(events, 'open')) as [EventSourceHandler]
    early.close()
    await readUntil(late, '0\r\n\r\n')
    const closed = served.server.close({ graceMs: 2 ** 30, idleGraceMs: 2 ** 30 })
    await once(served.server.closing, 'abort')
    expect(await Promise.all(responses.map((response) => response.toArray()))).toEqual([[], []])
    late.end('GET /late HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await readUntil(late, '0\r\n\r\n')).toContain('data: late\n\n')
    await closed
  })

  it('knows where the client left off', async () => {
    class Handler extends EventSourceHandler {
      override open(): void {
        void this.send({ data: { last: this.lastEventId } })
        this.close()
      }
    }
    await using served = await serveEvents(Handler)
    const last = async (headers: Record<string, string>, path = '/'): Promise<string> =>
      readUntil(await request(served.port, headers, path), '\n\n')
    expect(await last({})).toBe('data: {"last":null}\n\n')
    expect(await last({ 'Last-Event-ID': Buffer.from('7é').toString('latin1') })).toBe(
      'data: {"last":"7é"}\n\n',
    )
    expect(await last({}, '/?lastEventId=8')).toBe('data: {"last":"8"}\n\n')
    expect(await last({ 'Last-Event-ID': '9' }, '/?lastEventId=8')).toBe('data: {"last":"9"}\n\n')
  })

  it('can be refused: with 204 for good, or with an error', async () => {
    let closed = 0
    class Handler extends EventSourceHandler {
      override open(...[path]: [string]): void {
        if (path === 'gone') this.stopReconnecting()
        else throw new HTTPError(403)
      }
      override onClose(): void {
        closed++
      }
    }
    await using served = await serveEvents(Handler)
    const gone = await served.fetch('GET', '/gone')
    expect([gone.status, gone.headers['content-type'], gone.body]).toEqual([204, undefined, ''])
    const refused = await served.fetch('GET', '/x')
    expect([refused.status, refused.headers['content-type']]).toEqual([403, 'text/html; charset=UTF-8'])
    expect(closed).toBe(0)
  })

  it('breaks off when open fails later', async () => {
    class Handler extends EventSourceHandler {
      override async open(): Promise<void> {
        await this.send({ data: 'x' })
        throw new Error('later')
      }
    }
    using uncaught = expectLog('tornado.application', /Uncaught exception/)
    using general = expectLog('tornado.general', 'Cannot send error response after headers written')
    await using served = await serveEvents(Handler)
    const received = await served.exchange('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(received).not.toContain('0\r\n\r\n')
    void [uncaught, general]
  })

  it('HEAD gets the head alone', async () => {
    let opened = 0
    class Handler extends EventSourceHandler {
      override open(): void {
        opened++
      }
    }
    await using served = await serveEvents(Handler)
    const { status, headers, body } = await served.fetch('HEAD', '/')
    expect([status, headers['content-type'], body, opened]).toEqual([200, 'text/event-stream', '', 0])
  })

  it('is compressed event by event', async () => {
    const opened = Promise.withResolvers<EventSourceHandler>()
    class Handler extends EventSourceHandler {
      override open(): void {
        opened.resolve(this)
      }
    }
    await using served = await serveEvents(Handler, { compressResponse: true })
    const response = await request(served.port, { 'Accept-Encoding': 'gzip' })
    expect(response.headers['content-encoding']).toBe('gzip')
    const events = response.pipe(createGunzip())
    const handler = await opened.promise
    for (const data of ['one', 'two']) {
      const reading = readUntil(events, '\n\n')
      await handler.send({ data })
      expect(await reading).toBe(`data: ${data}\n\n`)
    }
    handler.close()
    await once(events.resume(), 'end')
  })
})

describe('a client that does not read', () => {
  const piece = 'x'.repeat(100_000)

  async function fill(handler: EventSourceHandler): Promise<Promise<boolean>[]> {
    const sent: Promise<boolean>[] = []
    // The sockets of both ends take some megabytes first.
    for (let i = 0; i < 1000 && handler.isOpen; i++) {
      const one = handler.send({ data: piece })
      sent.push(one)
      if (handler.bufferedSize > 150_000)
        await Promise.race([one.catch(() => false), new Promise(setImmediate)])
    }
    return sent
  }

  const open = async (served: Served): Promise<ReturnType<typeof connect>> => {
    const socket = connect(served.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    socket.pause()
    return socket
  }

  it('is cut off beyond the limit', async () => {
    const opened = Promise.withResolvers<EventSourceHandler>()
    const closed = Promise.withResolvers<void>()
    class Handler extends EventSourceHandler {
      static override readonly maxBufferedSize = 250_000
      override open(): void {
        opened.resolve(this)
      }
      override onClose(): void {
        closed.resolve()
      }
    }
    await using served = await serveEvents(Handler)
    const socket = await open(served)
    const sent = await fill(await opened.promise)
    await closed.promise
    await expect(sent.at(-1)).rejects.toMatchObject({ name: 'StreamClosedError' })
    socket.destroy()
  })

  it('or misses events', async () => {
    const opened = Promise.withResolvers<EventSourceHandler>()
    class Handler extends EventSourceHandler {
      static override readonly maxBufferedSize = 250_000
      static override readonly slowReaderPolicy = 'drop' as const
      override open(): void {
        opened.resolve(this)
      }
    }
    await using served = await serveEvents(Handler)
    const socket = await open(served)
    const handler = await opened.promise
    const sent = await fill(handler)
    expect(await sent.at(-1)).toBe(false)
    expect(handler.isOpen).toBe(true)
    expect(handler.bufferedSize).toBeLessThanOrEqual(250_000)
    socket.destroy()
  })
})

describe('the heartbeat', () => {
  it('is one timer for all, and none for none', () => {
    vi.useFakeTimers()
    const heartbeat = new Heartbeat(15_000)
    const beats = [0, 0]
    const [a, b] = beats.map((_, i) => ({ beat: () => void beats[i]!++ })) as [
      { beat(): void },
      { beat(): void },
    ]
    heartbeat.add(a)
    heartbeat.add(b)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(15_000)
    heartbeat.delete(a)
    vi.advanceTimersByTime(15_000)
    expect(beats).toEqual([1, 2])
    heartbeat.delete(b)
    heartbeat.delete(b)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('sends a comment on a stream that was idle', async () => {
    class Handler extends EventSourceHandler {
      static override readonly heartbeatMs = 5
    }
    await using served = await serveEvents(Handler)
    const response = await request(served.port)
    expect(await readUntil(response, '\n\n')).toMatch(/^:\n\n/)
    response.destroy()
  })
})

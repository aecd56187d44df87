import {
  websocketConnect,
  type CompressionOptions,
  type WebSocketClientConnection,
} from '@tornado-ts/websocket'
import { HTTPRequest } from '@tornado-ts/httpclient'
import { expect, it } from 'vitest'
import type { Browser, News } from './test/browser.ts'
import { ChatServer } from './test/chat-server.ts'

async function connect(
  server: ChatServer,
  browser: Browser,
  query = '',
  headers: Record<string, string> = {},
  compressionOptions: CompressionOptions | null = {},
): Promise<WebSocketClientConnection> {
  const url = `${server.url.replace('http', 'ws')}/a/message/socket${query}`
  return await websocketConnect(new HTTPRequest(url, { headers: { Cookie: browser.cookie, ...headers } }), {
    compressionOptions,
  })
}

async function next(socket: WebSocketClientConnection): Promise<News> {
  return JSON.parse(String(await socket.readMessage())) as News
}

it('B-demo-009 a WebSocket gets the last 200 messages and all that follow, compressed if it likes', async () => {
  await using server = await ChatServer.start({ messageRate: { perSecond: 1000, burst: 1000 } })
  const ann = await server.person('Ann')
  const room = server.chat.rooms.get('lobby')!
  for (let i = 1; i <= 205; i++) room.publish({ id: 'x', name: 'X' }, `message ${i}`, `nonce-${i}`)
  const a = await connect(server, ann)
  const b = await connect(server, await server.person('Bo'), `?cursor=${room.messages.at(-2)!.id}`)
  for (const socket of [a, b])
    expect(socket.headers.get('Sec-WebSocket-Extensions')).toMatch(/^permessage-deflate/)
  const plain = await connect(server, ann, '', {}, null)
  expect(plain.headers.has('Sec-WebSocket-Extensions')).toBe(false)
  plain.close()
  const history = (await next(a)).messages!
  expect([history.length, history[0]!.text, history.at(-1)!.text]).toEqual([200, 'message 6', 'message 205'])
  expect((await next(b)).messages).toMatchObject([{ text: 'message 205' }])
  void a.writeMessage({ nonce: 'nonce-of-ann', text: 'hello '.repeat(100) })
  const received = await nextMessages(b)
  expect(received).toMatchObject([{ name: 'Ann', text: 'hello '.repeat(100).trim() }])
  const answers: News[] = []
  while (answers.length < 2) {
    const news = await next(a)
    if (news.people === undefined) answers.push(news)
  }
  expect(answers).toMatchObject([{ messages: received }, { accepted: { nonce: 'nonce-of-ann' } }])
  a.close()
  b.close()
})

it('B-demo-009 a WebSocket is told what is refused, and closed for what is no message', async () => {
  await using server = await ChatServer.start({ messageRate: { perSecond: 0.01, burst: 1 } })
  const socket = await connect(server, await server.person('Ann'))
  await next(socket)
  for (const text of ['', 'one', 'two']) void socket.writeMessage({ nonce: `nonce-of-${text}`, text })
  const refusals: News[] = []
  while (refusals.length < 2) {
    const news = await next(socket)
    if (news.refused !== undefined) refusals.push(news)
  }
  expect(refusals).toMatchObject([
    { refused: 'text', nonce: 'nonce-of-' },
    { refused: 'rate', nonce: 'nonce-of-two' },
  ])
  expect(refusals[1]!.retryAfterMs).toBeGreaterThan(90_000)
  void socket.writeMessage('no JSON')
  while ((await socket.readMessage()) !== null);
  expect(socket.closeCode).toBe(1007)
})

it('B-demo-009 pages of other sites cannot open a WebSocket', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  await expect(connect(server, ann, '', { Origin: 'http://evil.example' })).rejects.toThrow('403')
})

it('a stream of events goes on where it broke', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  const first = await ann.say('one')
  const second = await ann.say('two')
  const response = await ann.get(`/a/message/events?cursor=${first.id}`)
  expect(response.headers.get('Content-Type')).toBe('text/event-stream')
  const events = eventsOf(response)
  expect(await events.next()).toMatchObject({
    value: { id: second.id, news: { messages: [{ text: 'two' }] } },
  })
  const third = await ann.say('three')
  expect(await nextWithMessages(events)).toMatchObject({
    id: third.id,
    news: { messages: [{ text: 'three' }] },
  })
  await events.return(undefined)
  const again = await ann.get(`/a/message/events?cursor=${first.id}`, { 'Last-Event-ID': String(second.id) })
  const eventsAgain = eventsOf(again)
  expect(await eventsAgain.next()).toMatchObject({ value: { news: { messages: [{ text: 'three' }] } } })
  server.chat.stopWaiting()
  while ((await eventsAgain.next()).done !== true);
})

interface Received {
  readonly id: number | null
  readonly news: News
}

async function* eventsOf(response: Response): AsyncGenerator<Received, void, undefined> {
  let text = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = text.slice(0, end)
      text = text.slice(end + 2)
      const data = /^data: ?(.*)$/m.exec(event)?.[1]
      const id = /^id: ?(.*)$/m.exec(event)?.[1]
      if (data === undefined) continue
      yield { id: id === undefined ? null : Number(id), news: JSON.parse(data) as News }
    }
  }
}

async function nextWithMessages(events: AsyncGenerator<Received, void, undefined>): Promise<Received | null> {
  for (;;) {
    const { value, done } = await events.next()
    if (done === true) return null
    if (value.news.messages !== undefined) return value
  }
}

async function nextMessages(socket: WebSocketClientConnection): Promise<News['messages']> {
  for (;;) {
    const { messages } = await next(socket)
    if (messages !== undefined) return messages
  }
}

import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { expect, it } from 'vitest'
import { Browser } from './test/browser.ts'
import { ChatServer } from './test/chat-server.ts'

const texts = ({ messages = [] }: { messages?: readonly { text: string }[] }): string[] =>
  messages.map(({ text }) => text)

it('B-demo-002 a long poll is answered with what comes after its cursor, at once or when it comes', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  const bo = await server.person('Bo')
  const first = await ann.say('one')
  expect(texts(await bo.poll({ cursor: 0 }))).toEqual(['one'])
  const waiting = bo.poll({ cursor: first.id })
  const { rooms } = server.chat
  await until(() => rooms.get('lobby')!.waiting === 1)
  await ann.say('two')
  const news = await waiting
  expect(news.messages).toMatchObject([{ name: 'Ann', text: 'two' }])
  expect(texts(await bo.poll({ cursor: 0 }))).toEqual(['one', 'two'])
})

it('B-demo-002 a poll whose client goes away does not wait any more', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  const room = server.chat.rooms.get('lobby')!
  const leaving = new AbortController()
  const poll = ann.poll({ cursor: 0 }, leaving.signal)
  await until(() => room.waiting === 1)
  leaving.abort()
  await expect(poll).rejects.toThrow('abort')
  await until(() => room.waiting === 0)
})

it('B-demo-002 what is said needs the token of the page', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  using expected = expectLog(genLog, /XSRF cookie does not match|_xsrf.*missing/)
  const wrong = '2|00000000|00000000000000000000000000000000|1'
  for (const path of ['/a/message/new', '/a/message/updates', '/login', '/logout', '/language']) {
    for (const token of [wrong, '']) {
      expect([path, (await ann.post(path, { body: 'x' }, { token })).status]).toEqual([path, 403])
    }
  }
  expect(server.chat.rooms.get('lobby')!.messages).toEqual([])
  expect(expected).toBeDefined()
})

it('B-demo-002 the page has the messages as fragments of HTML, and one to make further ones from', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann <b>')
  const { id } = await ann.say('<script>alert(1)</script> & "so"\nsecond line')
  const page = await ann.page('/')
  expect(page).toContain(`id="m${id}" data-id="${id}"`)
  expect(page).toContain('<span class="name">Ann &lt;b&gt;</span>')
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;so&quot;\nsecond line</div>')
  expect(page).toMatch(/<template id="message"><li class="message"><span class="name"><\/span>/)
  expect(page).not.toContain('<script>alert')
})

it('a form without a script is sent back to its page, and nowhere else', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  const answer = async (next: string): Promise<unknown[]> => {
    const { status, headers } = await ann.post('/a/message/new', { body: 'x', next })
    return [status, headers.get('Location')]
  }
  expect(await answer('/r/tea')).toEqual([303, '/r/tea'])
  expect(await answer('//evil.example/')).toEqual([303, '/'])
})

it('a message that is sent twice is one message', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  const first = await ann.say('once', { nonce: 'abcdefgh' })
  expect(await ann.say('once', { nonce: 'abcdefgh' })).toEqual(first)
  const bo = await server.person('Bo')
  expect((await bo.say('mine', { nonce: 'abcdefgh' })).id).toBeGreaterThan(first.id)
  expect(texts(await bo.poll({ cursor: 0 }))).toEqual(['once', 'mine'])
})

it('a person who writes too fast is told when to try again, and others are not held up', async () => {
  await using server = await ChatServer.start({ messageRate: { perSecond: 0.01, burst: 2 } })
  const ann = await server.person('Ann')
  await ann.say('one')
  await ann.say('two')
  const response = await ann.post('/a/message/new', { body: 'three' })
  expect(response.status).toBe(429)
  expect(Number(response.headers.get('Retry-After'))).toBeGreaterThan(90)
  expect(await response.json()).toMatchObject({ refused: 'rate' })
  await (await server.person('Bo')).say('hello')
})

it('what is no message is refused', async () => {
  await using server = await ChatServer.start()
  const ann = await server.person('Ann')
  for (const fields of [
    { body: ' \n ' },
    { body: 'x'.repeat(2001) },
    { body: '\u0000\u0007' },
    { body: 'x', nonce: 'short' },
    {},
  ]) {
    const response = await ann.post('/a/message/new', fields as Record<string, string>)
    expect(response.status).toBe(400)
  }
  expect((await ann.post('/a/message/new', { body: 'x', room: 'no/room' })).status).toBe(404)
})

it('somebody unknown gets the login page, and hears nothing', async () => {
  await using server = await ChatServer.start()
  const unknown = new Browser(server.url)
  await unknown.page('/login')
  const page = await unknown.get('/r/tea')
  expect([page.status, page.headers.get('Location')]).toEqual([302, '/login?next=%2Fr%2Ftea'])
  expect((await unknown.post('/a/message/updates', {})).status).toBe(403)
  expect((await unknown.post('/a/message/new', { body: 'x' })).status).toBe(403)
  expect((await unknown.get('/a/message/events')).status).toBe(403)
  expect((await unknown.get('/a/message/socket')).status).toBe(403)
})

it('a poll learns who is here when it wants to know, and is answered when the server closes', async () => {
  await using server = await ChatServer.start({ graceMs: 0 })
  const ann = await server.person('Ann')
  const first = await ann.poll({ cursor: 0, people: 0 })
  expect(first.people).toMatchObject({ count: 1, names: [{ name: 'Ann' }] })
  const waiting = ann.poll({ cursor: 0, people: first.people!.version })
  const room = server.chat.rooms.get('lobby')!
  await until(() => room.waiting === 1)
  const bo = await server.person('Bo')
  const leaving = new AbortController()
  void bo.poll({ cursor: 0 }, leaving.signal).catch(() => {})
  expect((await waiting).people).toMatchObject({ count: 2 })
  await until(() => room.waiting === 1)
  const last = ann.poll({ cursor: 0 })
  await until(() => room.waiting === 2)
  server.chat.stopWaiting()
  expect(await last).toEqual({ messages: [] })
  expect(await ann.poll({ cursor: 0 })).toEqual({ messages: [] })
})

/** Resolves when something has become true that a request brings about. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Browser as Visitor } from './test/browser.ts'
import { findProgram } from './test/find-program.ts'
import { Program } from './test/program.ts'
import { Tunnel } from './test/tunnel.ts'

const path = findProgram('chromium')
const ways = ['websocket', 'events', 'polling'] as const
type Way = (typeof ways)[number] | 'best'

/** A room of its own for each test. */
let rooms = 0
let browser: Browser
let folder: string
let program: Program

/** Somebody at a page of their own who has come in. */
async function comeIn(
  name: string,
  {
    room,
    way = 'best',
    url = program.url,
    ...options
  }: { room: string; way?: Way; url?: string } & BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', ...options })
  await context.addInitScript({ content: `localStorage.setItem('chat-way', '${way}')` })
  const visitor = new Visitor(url)
  await visitor.login(name)
  await context.addCookies(visitor.cookies.map((cookie) => ({ ...cookie, url })))
  const page = await context.newPage()
  await page.clock.install()
  await page.goto(`${url}r/${room}`)
  await connected(page)
  return page
}

async function connected(page: Page): Promise<void> {
  await page.locator('#status[data-state=connected]').waitFor()
}

async function say(page: Page, text: string): Promise<void> {
  await page.fill('#text', text)
  await page.press('#text', 'Enter')
}

/** The texts on a page once `last` is among them and nothing is under way. */
async function texts(page: Page, last: string): Promise<string[]> {
  await page.locator('.message[id] .text', { hasText: last }).first().waitFor()
  await page.locator('.message.pending').first().waitFor({ state: 'detached' })
  return await page.locator('#log .message .text').allTextContents()
}

async function leave(...pages: Page[]): Promise<void> {
  await Promise.all(pages.map((page) => page.context().close()))
}

it.skipIf(path === null)('Chromium is installed', () => {
  expect(path).not.toBeNull()
})

describe.runIf(path !== null)('in Chromium', { timeout: 60_000 }, () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tornado-ts-chat-'))
    const database = join(folder, 'chat.db')
    const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
    ;[browser, program] = await Promise.all([
      chromium.launch({ executablePath: path!, args }),
      Program.serve(`--database=${database}`),
    ])
  }, 60_000)

  afterAll(async () => {
    await browser.close()
    await program.kill()
    rmSync(folder, { recursive: true, force: true })
  })

  it.each(ways)('two people talk by %s, and one who comes late sees what was said', async (way) => {
    const room = `room-${++rooms}`
    const [ann, bo] = await Promise.all([comeIn('Ann', { room, way }), comeIn('Bo', { room, way })])
    await say(ann, 'Hello')
    await texts(bo, 'Hello')
    await say(bo, 'Hello yourself')
    await texts(ann, 'Hello yourself')
    await say(ann, 'How are you?')
    const all = ['Hello', 'Hello yourself', 'How are you?']
    const cy = await comeIn('Cy', { room, way })
    for (const page of [ann, bo, cy]) expect(await texts(page, 'How are you?')).toEqual(all)
    expect(await cy.locator('.message .name').allTextContents()).toEqual(['Ann', 'Bo', 'Ann'])
    await ann.locator('#people-title', { hasText: '3 people here' }).waitFor()
    await leave(ann, bo, cy)
  })

  it('the server is killed and comes again: all go on, with no message lost or doubled', async () => {
    const room = `room-${++rooms}`
    const pages = await Promise.all(ways.map((way, i) => comeIn(`P${i}`, { room, way })))
    const [ann, bo, cy] = pages as [Page, Page, Page]
    await say(ann, 'before')
    for (const page of pages) await texts(page, 'before')
    const { port } = new URL(program.url)
    const database = join(folder, 'chat.db')
    await program.kill()
    // Said while nobody is there to hear it.
    for (const [i, page] of pages.entries()) await say(page, `meanwhile ${i}`)
    program = await Program.serve(`--database=${database}`, `--port=${port}`)
    for (const page of pages) await connected(page)
    for (const [i, page] of pages.entries()) await texts(page, `meanwhile ${i}`)
    await say(bo, 'after')
    for (const page of pages) await texts(page, 'after')
    const seen = await texts(cy, 'after')
    const all = ['before', 'meanwhile 0', 'meanwhile 1', 'meanwhile 2', 'after']
    expect(seen.toSorted()).toEqual(all.toSorted())
    for (const page of [ann, bo]) expect(await texts(page, 'after')).toEqual(seen)
    await leave(...pages)
  })

  it('what looks like HTML is text, in messages, names and rooms, sent or loaded', async () => {
    const room = `room-${++rooms}`
    const name = '<img src=x onerror=a()>'
    const [ann, bo] = await Promise.all([comeIn(name, { room }), comeIn('Bo', { room })])
    const attempts = [
      '<script>window.hit = 1</script>',
      '<img src=x onerror="window.hit = 1">',
      '</script><svg onload=window.hit=1>',
      '{{ handler }} ${1} javascript:window.hit=1',
      '&lt;b&gt; "\'`',
    ]
    for (const attempt of attempts) await say(ann, attempt)
    expect(await texts(bo, attempts.at(-1)!)).toEqual(attempts)
    await bo.reload()
    await connected(bo)
    expect(await texts(bo, attempts.at(-1)!)).toEqual(attempts)
    for (const page of [ann, bo]) {
      expect(await page.locator('.message .name').first().textContent()).toBe(name)
      await page.locator('#people li', { hasText: name }).waitFor()
      expect(await page.evaluate('"hit" in window')).toBe(false)
      expect(await page.locator('main img, main svg, main script, aside img').count()).toBe(0)
    }
    await leave(ann, bo)
  })

  it('the best way that works is taken; a switch takes another; Chinese and a phone have the same page', async () => {
    const room = `room-${++rooms}`
    const phone = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true }
    const ann = await comeIn('小明', { room, locale: 'zh-CN', ...phone })
    const status = ann.locator('#status')
    await expect.poll(() => status.textContent()).toBe('已连接：WebSocket')
    await ann.tap('#show-side')
    await ann.selectOption('#way', 'polling')
    await expect.poll(() => status.textContent()).toBe('已连接：长轮询')
    await ann.tap('#show-side')
    // On a phone Enter is a new line, and the button sends.
    await ann.fill('#text', '大家好')
    await ann.press('#text', 'Enter')
    expect(await ann.inputValue('#text')).toBe('大家好\n')
    await ann.tap('#composer button')
    expect(await texts(ann, '大家好')).toEqual(['大家好'])
    expect(await ann.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    // Where WebSockets do not get through, events do.
    const bo = await browser.newContext({ locale: 'en-US' })
    await bo.addInitScript({
      content: `window.WebSocket = class extends EventTarget {
        constructor() {
          super()
          setTimeout(() => this.dispatchEvent(new Event('close')))
        }
        close() {}
      }`,
    })
    const page = await bo.newPage()
    await page.goto(`${program.url}r/${room}`)
    await page.fill('#name', 'Bo')
    await page.click('button.primary')
    await page.locator('#status', { hasText: 'Connected by Server-sent events' }).waitFor()
    await leave(ann, page)
  })

  it.each(ways)('a connection by %s that went silent is noticed, and nothing is lost', async (way) => {
    const room = `room-${++rooms}`
    const tunnel = await Tunnel.to(program.url)
    const ann = await comeIn('Ann', { room, way, url: tunnel.url })
    const bo = await comeIn('Bo', { room })
    tunnel.silence()
    await say(bo, 'Do you sleep?')
    await texts(bo, 'Do you sleep?')
    await ann.clock.fastForward(61_000)
    expect(await texts(ann, 'Do you sleep?')).toEqual(['Do you sleep?'])
    // What is said into such a connection is said again.
    await connected(ann)
    tunnel.silence()
    await say(ann, 'Yes')
    if (way !== 'websocket') await texts(bo, 'Yes')
    await ann.clock.fastForward(61_000)
    for (const page of [ann, bo]) expect(await texts(page, 'Yes')).toEqual(['Do you sleep?', 'Yes'])
    await leave(ann, bo)
    tunnel.close()
  })

  it('a page whose connection was silent while it was out of sight asks when it is seen again', async () => {
    const room = `room-${++rooms}`
    const tunnel = await Tunnel.to(program.url)
    const ann = await comeIn('Ann', { room, url: tunnel.url })
    const bo = await comeIn('Bo', { room })
    await ann.locator('#people-title', { hasText: '2 people here' }).waitFor()
    tunnel.silence()
    await say(bo, 'Do you sleep?')
    await texts(bo, 'Do you sleep?')
    await ann.clock.fastForward(6000)
    await ann.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(await texts(ann, 'Do you sleep?')).toEqual(['Do you sleep?'])
    await leave(ann, bo)
    tunnel.close()
  })

  it('who becomes somebody else in another tab goes on under that name, with nothing left under way', async () => {
    const room = `room-${++rooms}`
    const ann = await comeIn('Ann', { room })
    const other = await ann.context().newPage()
    await other.goto(`${program.url}login`)
    await other.fill('#name', 'Bo')
    await other.click('button.primary')
    await connected(other)
    await ann.selectOption('#way', 'events')
    await ann.locator('#status', { hasText: 'Connected by Server-sent events' }).waitFor()
    await say(ann, 'Who am I?')
    expect(await texts(ann, 'Who am I?')).toEqual(['Who am I?'])
    expect(await ann.locator('.message .name').allTextContents()).toEqual(['Bo'])
    await leave(ann)
  })

  it('who is not known any more is asked for a name, and finds what was not sent', async () => {
    const room = `room-${++rooms}`
    const ann = await comeIn('Ann', { room, way: 'polling' })
    await ann.context().clearCookies()
    await say(ann, 'Hello?')
    await ann.fill('#name', 'Ann')
    await ann.click('button.primary')
    await connected(ann)
    expect(await ann.inputValue('#text')).toBe('Hello?')
    await leave(ann)
  })
})

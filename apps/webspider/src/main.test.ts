import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { serve, type ServedApplication } from '@tornado-ts/testing'
import { Application, RequestHandler } from '@tornado-ts/web'
import { afterEach, describe, expect, it } from 'vitest'
import { crawl } from './crawl.ts'
import { findLinks } from './find-links.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const node = ['--conditions=@tornado-ts/source', '--no-warnings', main]
let app: ServedApplication | undefined
let asked: string[] = []
afterEach(() => app?.close())

/** Serves pages: their paths below `/docs/`, and what they link to. */
async function site(pages: Record<string, readonly string[]>): Promise<string> {
  asked = []
  class PageHandler extends RequestHandler {
    override get(): void {
      asked.push(this.request.uri)
      const links = pages[this.request.uri]
      if (links === undefined) this.sendError(404)
      else this.write(`<html>${links.map((link) => `<a class="x" href="${link}">page</a>`).join()}</html>`)
    }
  }
  app = await serve(new Application([['/.*', PageHandler]], { logFunction: () => undefined }))
  return `${app!.url}/docs/`
}

describe('crawl', () => {
  it('B-demo-008 fetches every page of a site once, by links from page to page', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `p${index}.html`)
    const start = await site({
      '/docs/': names,
      ...Object.fromEntries(names.map((name) => [`/docs/${name}`, ['/docs/', ...names, `${name}#part`]])),
    })
    const report = await crawl(start)
    expect(report.complete).toBe(true)
    expect(report.fetched.size).toBe(41)
    expect(asked.toSorted()).toEqual(['/docs/', ...names.map((name) => `/docs/${name}`)].toSorted())
  })

  it.each([
    ['ten workers', 10, {}],
    ['as many as it is told', 3, { workers: 3 }],
  ])('B-demo-008 fetches at once with %s, no more', async (_title, workers, options) => {
    let active = 0
    let most = 0
    const held: (() => void)[] = []
    class HeldHandler extends RequestHandler {
      override async get(): Promise<void> {
        if (this.request.path === '/') {
          for (let index = 0; index < 3 * workers; index++) this.write(`<a href="/${index}">`)
          return
        }
        most = Math.max(most, ++active)
        // The last worker that comes lets all go, and so in the rounds after it.
        await new Promise<void>((resolve) => {
          held.push(resolve)
          if (active === workers) for (const release of held.splice(0)) release()
        })
        active--
      }
    }
    app = await serve(new Application([['/.*', HeldHandler]]))
    expect((await crawl(`${app!.url}/`, options)).fetched.size).toBe(1 + 3 * workers)
    expect(most).toBe(workers)
  })

  it('stays on the site, below the first page, and follows no scheme but http(s)', async () => {
    const start = await site({
      '/docs/': [
        '/other',
        '../up.html',
        'http://127.0.0.1:1/docs/',
        'mailto:a@b.c',
        'javascript:x',
        'in.html',
      ],
      '/docs/in.html': [],
    })
    expect((await crawl(start)).fetched).toEqual(new Set([start, `${start}in.html`]))
    expect(asked).toEqual(['/docs/', '/docs/in.html'])
  })

  it('goes on after a page that fails, and tells of it', async () => {
    const start = await site({ '/docs/': ['gone.html', 'here.html'], '/docs/here.html': [] })
    const { failed, fetched, complete } = await crawl(start)
    expect([...failed].map(([url, error]) => [url, error.message])).toEqual([
      [`${start}gone.html`, 'HTTP 404: Not Found'],
    ])
    expect([fetched.size, complete]).toEqual([2, true])
  })

  it('B-demo-008 ends at its limits', async () => {
    const start = await site({ '/docs/': ['a', 'b', 'c'], '/docs/a': [], '/docs/b': [], '/docs/c': [] })
    const bounded = await crawl(start, { maxPages: 2 })
    expect([bounded.fetched.size, bounded.complete]).toEqual([2, false])
    const late = await crawl(start, { timeoutMs: 0 })
    expect([late.fetched.size, late.failed.size, late.complete]).toEqual([0, 0, false])
  })

  it('is a program that prints what it fetches, and explains its options', async () => {
    const start = await site({ '/docs/': ['a.html'], '/docs/a.html': [] })
    const run = promisify(execFile)
    const [crawled, help] = await Promise.all([
      run(process.execPath, [...node, `--url=${start}`]),
      run(process.execPath, [...node, '--help']),
    ])
    expect(crawled.stdout).toContain(`fetching ${start}a.html\n`)
    expect(crawled.stdout).toMatch(/Done in \d+\.\d s: 2 pages fetched, 0 failed\n$/)
    for (const name of ['--url', '--workers', '--max-pages', '--timeout']) expect(help.stdout).toContain(name)
  })
})

describe('the program', () => {
  it.each([
    ['--url=nowhere', /^webspider: --url must be .*\n$/],
    ['--workers=0', /^webspider: --workers must be .*\n$/],
  ])('says in one line what is wrong with %s', async (flag, line) => {
    await expect(promisify(execFile)(process.execPath, [...node, flag])).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringMatching(line),
    })
  })
})

describe('findLinks', () => {
  it('finds links of every quoting, decodes them, and leaves out comments and scripts', () => {
    const html = `<A HREF = 'a?x=1&amp;y=2'><a title="t" href="b#part"><a href=c ><a href="a?x=1&amp;y=2">
      <!-- <a href="no1"> --><script>'<a href="no2">'</script><a name="no3"><a href="http://[">`
    expect(findLinks(html, 'http://h/d/')).toEqual(['http://h/d/a?x=1&y=2', 'http://h/d/b', 'http://h/d/c'])
  })

  it('takes time in proportion to the page, whatever is in it', () => {
    for (const evil of ['<a ', '<!--', '<script ', '<a href="', '<a href', '<a '.padEnd(90)])
      expect(findLinks(evil.repeat(50_000), 'http://h/')).toHaveLength(0)
  })
})

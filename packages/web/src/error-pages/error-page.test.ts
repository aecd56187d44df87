import { accessLog, appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { HTTPHeaders, HTTPServerRequest, RequestStartLine } from '@tornado-ts/httputil'
import { Loader } from '@tornado-ts/template'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Application } from '../application.ts'
import { HTTPError } from '../errors.ts'
import { mayShowErrors } from './error-page.ts'
import { reportError } from './error-report.ts'
import { requestFacts } from './request-facts.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'
import { serve, type RawAnswer } from '../../test/serve.ts'

const here = fileURLToPath(import.meta.url)

class FailingHandler extends RequestHandler {
  override get(): void {
    throw new RangeError('<script>boom</script>', { cause: new TypeError('the & cause') }) // the line
  }

  override post(): void {
    throw new HTTPError(418, 'no %s', { args: ['tea'] })
  }
}

interface AskOptions {
  readonly settings?: ApplicationSettings
  readonly headers?: Record<string, string>
  readonly method?: string
  readonly body?: string
}

async function ask(accept: string, options: AskOptions = {}): Promise<RawAnswer> {
  const { settings = {}, headers = {}, method = 'GET', body = '' } = options
  const application = new Application([['/.*', FailingHandler]], { serveTraceback: true, ...settings })
  await using served = await serve(application)
  return await served.fetch(method, '/a?x=1&password=hunter2', {
    headers: { Accept: accept, ...headers },
    body,
  })
}

describe('the page', () => {
  let logs: Disposable[] = []
  beforeEach(() => {
    logs = [
      expectLog(appLog, /^Uncaught exception/, { required: false }),
      expectLog(accessLog, /^[45]/),
      expectLog(genLog, /no tea/, { required: false }),
    ]
  })
  afterEach(() => {
    for (const log of logs) log[Symbol.dispose]()
  })

  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'

  it('CVE-2016-10516 CVE-2024-43796 shows browsers stack, source, cause and request as HTML, escaped', async () => {
    const { status, headers, body } = await ask(browser)
    expect(status).toBe(500)
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=UTF-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(body).toContain(
      '<h1>RangeError</h1>\n<pre class="message">&lt;script&gt;boom&lt;/script&gt;</pre>',
    )
    expect(body).not.toContain('<script')
    expect(body).toContain('<h2>TypeError</h2>\n<pre class="message">the &amp; cause</pre>')
    const marked = /<li class="here" value="(\d+)"><code>([^<]*)<\/code>/.exec(body)
    expect(marked?.[2]).toMatch(/throw new RangeError\(&#x?\w+;&lt;script&gt;boom.*\/\/ the line$/)
    expect(body).toContain(`error-page.test.ts:${marked?.[1]}`)
    expect(body).toContain('<tr><th>x</th><td>1</td></tr>')
  })

  it('B-web-036 is text for clients that take anything', async () => {
    for (const accept of [
      '*/*',
      '',
      'text/plain',
      'image/png',
      'text/html;q=0',
      'text/plain, text/html;q=0.9',
    ]) {
      const { headers, body } = await ask(accept)
      expect(headers['content-type']).toBe('text/plain; charset=UTF-8')
      expect(body).toMatch(/^RangeError: <script>boom<\/script>\n    at .*error-page\.test\.ts/)
      expect(body).toMatch(/\nCaused by: TypeError: the & cause\n    at /)
    }
  })

  it('is JSON for those who ask for it', async () => {
    const { headers, body } = await ask('application/json, text/plain;q=0.5')
    expect(headers['content-type']).toBe('application/json; charset=UTF-8')
    expect(JSON.parse(body)).toMatchObject({
      status: 500,
      reason: 'Internal Server Error',
      error: {
        name: 'RangeError',
        message: '<script>boom</script>',
        stack: expect.arrayContaining([expect.stringContaining('error-page.test.ts')]) as unknown,
        cause: { name: 'TypeError' },
      },
      request: { method: 'GET', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/a$/) as unknown },
    })
  })

  it('shows errors that a handler throws on purpose with their status', async () => {
    const { statusLine, body } = await ask(browser, { method: 'POST', body: 'x' })
    expect(statusLine).toBe("HTTP/1.1 418 I'm a Teapot")
    expect(body).toContain('<h1>HTTPError</h1>')
    expect(body).toContain('no tea')
  })

  it('CVE-2016-10516 escapes all that a client sends', async () => {
    const attack = '<script>alert(1)</script>'
    const application = new Application([['.*', FailingHandler]], { serveTraceback: true })
    await using served = await serve(application)
    const { body } = await served.fetch('GET', `/${attack}?${encodeURIComponent(attack)}=${attack}`, {
      headers: { Accept: 'text/html', 'X-Attack': attack, Cookie: `${attack}=1`, 'X-Quotes': '"\'&<' },
    })
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(body).not.toContain('<script')
    expect(body).toContain('<td>&quot;&#')
  })

  it('hides secrets of the request', async () => {
    const { body } = await ask(browser, {
      method: 'POST',
      body: 'user=Ann&pass_word=hunter2&_xsrf=abc123&n=%C3%A9',
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        Cookie: 'sid=cookievalue; theme=darkvalue',
        Authorization: 'Basic dXNlcjpodW50ZXIy',
        'Proxy-Authorization': 'proxysecret',
        'X-Api-Key': 'keysecret',
        'X-XSRFToken': 'tokensecret',
        Referer: 'http://localhost/before?token=referersecret',
        'X-Other': 'shown',
      },
    })
    for (const secret of [
      'hunter2',
      'abc123',
      'cookievalue',
      'darkvalue',
      'dXNlcjpodW50ZXIy',
      'secret<',
      'referersecret',
    ]) {
      expect(body).not.toContain(secret)
    }
    for (const shown of [
      '<th>sid</th>',
      '<th>theme</th>',
      '<td>Ann</td>',
      '<td>shown</td>',
      '<td>http://localhost/before</td>',
    ]) {
      expect(body).toContain(shown)
    }
    expect(Buffer.from(body, 'latin1').toString()).toContain('<th>n</th><td>é</td>')
  })

  it.each<[string, AskOptions]>([
    ['without the setting', { settings: { serveTraceback: false } }],
    ['when a proxy speaks for somebody', { headers: { 'X-Forwarded-For': '127.0.0.1' } }],
    ['when a proxy names itself', { headers: { Via: '1.1 proxy' } }],
    ['under a name that is not of this machine', { headers: { Host: 'rebound.example.com' } }],
  ])('is the plain one %s', async (_, options) => {
    const { body } = await ask(browser, options)
    expect(body).toBe(
      '<html><title>500: Internal Server Error</title><body>500: Internal Server Error</body></html>',
    )
  })

  it('is shown to anyone if that is wanted', async () => {
    const settings = { serveTraceback: 'anyone' } as const
    const { body } = await ask(browser, {
      settings,
      headers: { 'X-Forwarded-For': '192.0.2.1', Host: 'example.com' },
    })
    expect(body).toContain('<h1>RangeError</h1>')
  })

  it('shows the lines of templates', async () => {
    const templatePath = await mkdtemp(join(tmpdir(), 'tornado-web-error-'))
    try {
      await writeFile(join(templatePath, 'page.html'), 'one\n{{ missing.name }} <!-- the line -->\nthree\n')
      class PageHandler extends RequestHandler {
        override get(): void {
          void this.render('page.html')
        }
      }
      const settings = [{ templatePath }, { templateLoader: new Loader(templatePath) }]
      for (const setting of settings) {
        await using served = await serve(
          new Application([['/', PageHandler]], { ...setting, serveTraceback: true }),
        )
        const { body } = await served.fetch('GET', '/', { headers: { Accept: 'text/html' } })
        expect(body).toContain('<h1>NameError</h1>')
        expect(body).toContain(
          '<li class="here" value="2"><code>{{ missing.name }} &lt;!-- the line --&gt;</code>',
        )
      }
    } finally {
      await rm(templatePath, { recursive: true })
    }
  })
})

describe('who may see it', () => {
  const request = (remoteIp: string, headers: Record<string, string>): HTTPServerRequest =>
    ({
      remoteIp,
      hostName: (headers['Host'] ?? 'localhost').replace(/:\d+$/, ''),
      headers: new HTTPHeaders(headers),
    }) as unknown as HTTPServerRequest

  it.each<[string, Record<string, string>, boolean]>([
    ['127.0.0.1', {}, true],
    ['127.8.8.8', {}, true],
    ['::1', { Host: '[::1]:80' }, true],
    ['::ffff:127.0.0.1', { Host: 'app.localhost:8888' }, true],
    ['127.0.0.1', { Host: '127.0.0.1:8888' }, true],
    ['192.0.2.1', {}, false],
    ['0.0.0.0', {}, false],
    ['::', {}, false],
    ['::ffff:192.0.2.1', {}, false],
    ['127.0.0.1.example.com', {}, false],
    ['127.0.0.1', { Host: '127.0.0.1.example.com' }, false],
    ['127.0.0.1', { Host: 'evil-localhost' }, false],
    ['127.0.0.1', { 'X-Real-Ip': '127.0.0.1' }, false],
    ['127.0.0.1', { Forwarded: 'for=127.0.0.1' }, false],
  ])('%s with %j: %j', (remoteIp, headers, may) => {
    expect(mayShowErrors(request(remoteIp, headers))).toBe(may)
  })
})

describe('the report', () => {
  it('reads source where the stack says, and nothing that a message says', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tornado-web-error-'))
    try {
      const secret = join(folder, 'secret.js')
      await writeFile(secret, ['top', 'secret'].join(' '))
      const forged = new Error(`boom\n    at forged (${secret}:1:1)`)
      const report = reportError(forged)
      expect(report.frames.some(({ text }) => text.includes('forged'))).toBe(false)
      expect(report.frames.some(({ file }) => file?.includes('secret.js'))).toBe(false)
      expect(report.frames.some(({ source }) => source?.lines.includes(['top', 'secret'].join(' ')))).toBe(
        false,
      )
      expect(report.frames[0]).toMatchObject({ isOwn: true })
      expect(report.frames[0]?.source?.lines.join('\n')).toContain('boom\\n    at forged')
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('reads source files only, whole lines up to a length', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tornado-web-error-'))
    try {
      const error = new Error('x')
      const sourceOf = async (name: string, text: string, line: number): Promise<unknown> => {
        await writeFile(join(folder, name), text)
        error.stack = `Error: x\n    at f (${join(folder, name)}:${line}:1)`
        return reportError(error).frames[0]?.source ?? null
      }
      expect(await sourceOf('a.ts', 'a\r\nb\nc', 2)).toEqual({ firstLine: 1, lines: ['a', 'b', 'c'] })
      expect(await sourceOf('b.mjs', '1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13', 7)).toEqual({
        firstLine: 2,
        lines: ['2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'],
      })
      expect(await sourceOf('c.js', 'x'.repeat(1000), 1)).toEqual({
        firstLine: 1,
        lines: [`${'x'.repeat(300)}…`],
      })
      expect(await sourceOf('d.txt', 'no source', 1)).toBeNull()
      expect(await sourceOf('e.js', 'short', 2)).toBeNull()
      expect(await sourceOf('f.js', 'short', 0)).toBeNull()
      expect(await sourceOf('g.js', ' '.repeat(3 * 1024 * 1024), 1)).toBeNull()
      error.stack = `Error: x\n    at template ../a.ts:1\n    at ${folder}:1:1\n    at file:///%zz.js:1:1`
      const frames = reportError(error, { templatePath: join(folder, 'templates') }).frames
      expect(frames.map(({ source }) => source)).toEqual([null, null, null])
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('tells what is the own code of a program', () => {
    const error = new Error('')
    error.stack = `Error
    at own (file://${here}?v=1:10:5)
    at async Promise.all (index 0)
    at async file:///srv/node_modules/p/a.js:7:1
    at library (/srv/app/node_modules/pkg/index.js:1:1)
    at process.processTicks (node:internal/process/task_queues:104:5)
    at new Thing (C:\\app\\thing.js:3:4)
    at <anonymous>`
    expect(
      reportError(error).frames.map(({ functionName, line, isOwn, source }) => [
        functionName,
        line,
        isOwn,
        source !== null,
      ]),
    ).toEqual([
      ['own', 10, true, true],
      ['async Promise.all (index 0)', 0, false, false],
      ['', 7, false, false],
      ['library', 1, false, false],
      ['process.processTicks', 104, false, false],
      ['new Thing', 3, true, false],
      ['<anonymous>', 0, false, false],
    ])
  })

  it('takes whatever was thrown', () => {
    expect(reportError('text')).toMatchObject({ name: 'string', message: 'text', frames: [], cause: null })
    expect(reportError(undefined)).toMatchObject({ name: 'undefined', message: 'undefined' })
    expect(reportError(Object.create(null))).toMatchObject({ message: 'a value that has no text' })
    const circular = new Error('again')
    circular.cause = circular
    let depth = 0
    for (let report = reportError(circular).cause; report !== null; report = report.cause) depth++
    expect(depth).toBe(5)
    const without = new Error('no stack')
    Reflect.deleteProperty(without, 'stack')
    expect(reportError(without)).toMatchObject({ stack: 'Error: no stack', frames: [] })
    const endless = new Error('x')
    endless.stack = `Error: x\n${'    at f (/a.js:1:1)\n'.repeat(1000)}`
    expect(reportError(endless).frames).toHaveLength(50)
  })
})

it('the facts of a request are cut to a length', () => {
  const connection = { context: { remoteIp: '127.0.0.1', protocol: 'http' } }
  const request = new HTTPServerRequest({
    startLine: new RequestStartLine('GET', `/?long=${'x'.repeat(5000)}`, 'HTTP/1.1'),
    headers: new HTTPHeaders({ 'X-Long': 'y'.repeat(5000) }),
    connection: connection as never,
  })
  const facts = requestFacts(request)
  expect(facts.queryArguments).toEqual([['long', `${'x'.repeat(1000)}…`]])
  expect(facts.headers).toEqual([['X-Long', `${'y'.repeat(1000)}…`]])
})

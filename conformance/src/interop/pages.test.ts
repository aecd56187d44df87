import { DictLoader } from '@tornado-ts/template'
import { accessLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { Application, RequestHandler, UIModule, type ApplicationSettings } from '@tornado-ts/web'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pythonTornadoVersion, runPython } from './python.ts'

/** A token as a client has it: its cookie, and the text of the form. */
interface Token {
  readonly cookie: string
  readonly text: string
}

interface Answers {
  readonly page: string
  readonly bare: string
  readonly tokens: readonly Token[]
  /** Statuses of POSTs with the tokens they were given. */
  readonly statuses: readonly number[]
}

/** A v1 token: its text is the same on every page. */
const xsrfCookie = '0123456789abcdef0123456789abcdef'

const page = `<!DOCTYPE html>
<html><head><title>{{ title }}</title></head>
<body class="{{ kind }}">
<form action="{{ FORM_URL }}" method="post">{% module XSRF() %}<input name="x"/></form>
{% for entry in entries %}{% module Entry(entry) %}
{% end %}
{% module Note("first") %}{% module linkify("see http://example.com/?a=1&b=2") %}
TEMPLATE_MODULES
<script src="{{ STATIC_URL }}"></script>
</body></html>
`
const templates = {
  python: {
    page: page
      .replace('FORM_URL', 'reverse_url("form", 7)')
      .replace('XSRF', 'xsrf_form_html')
      .replace('STATIC_URL', 'static_url("app.js")')
      .replace(
        'TEMPLATE_MODULES',
        '{% module Template("box.html", text="<one>") %}{% module Template("box.html", text="two") %}',
      ),
    'box.html':
      '{{ set_resources(embedded_javascript="box()", javascript_files=["box.js", "/entry.js"], embedded_css="box {}", css_files="box.css", html_head="<box-head>", html_body="<box-body>") }}<p>{{ text }}</p>',
    'entry.html': '<b>{{ entry["name"] }}</b>{{ _("by") }} {{ current_user }}',
  },
  ours: {
    page: page
      .replace('FORM_URL', 'reverseUrl("form", 7)')
      .replace('XSRF', 'xsrfFormHtml')
      .replace('STATIC_URL', 'staticUrl("app.js")')
      .replace(
        'TEMPLATE_MODULES',
        '{% module Template("box.html", { text: "<one>" }) %}{% module Template("box.html", { text: "two" }) %}',
      ),
    'box.html':
      '{{ setResources({ embeddedJavascript: "box()", javascriptFiles: ["box.js", "/entry.js"], embeddedCss: "box {}", cssFiles: "box.css", htmlHead: "<box-head>", htmlBody: "<box-body>" }) }}<p>{{ text }}</p>',
    'entry.html': '<b>{{ entry.name }}</b>{{ _("by") }} {{ currentUser }}',
  },
}
const values = { title: 'Entries & <more>', kind: 'list', entries: [{ name: 'Ann' }, { name: '<Bo>' }] }

const python = `
import asyncio
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.template import DictLoader
from tornado.testing import bind_unused_port
from tornado.web import Application, RequestHandler, UIModule
import logging
logging.disable(logging.CRITICAL)

class Entry(UIModule):
    def render(self, entry): return self.render_string('entry.html', entry=entry)
    def embedded_javascript(self): return 'entry()'
    def javascript_files(self): return ['entry.js', 'http://cdn.example.com/a.js?x=1&y=2', '/entry.js']
    def embedded_css(self): return 'b { color: red }'
    def css_files(self): return ['/entry.css', 'entry.css', '/entry.css']
    def html_head(self): return '<meta name="entry">'
    def html_body(self): return '<div id="entry"></div>'

class Note(UIModule):
    def render(self, text): return '<i>%s</i>' % text
    def javascript_files(self): return 'note.js'
    def html_body(self): return '<div id="note"></div>'

class Page(RequestHandler):
    def get(self): self.render(self.get_argument('name'), **given['values'])
    def get_current_user(self): return 'Cy'

class Form(RequestHandler):
    def get(self, id): self.write(self.xsrf_token)
    def post(self, id): self.write('ok')

def serve(version):
    app = Application([('/page', Page), ('/form/([0-9]+)', Form, {}, 'form')],
        template_loader=DictLoader(given['templates']), ui_modules={'Entry': Entry, 'Note': Note},
        static_path=given['staticPath'], xsrf_cookies=True, xsrf_cookie_version=version)
    server = HTTPServer(app)
    sock, port = bind_unused_port()
    server.add_socket(sock)
    return 'http://127.0.0.1:%d' % port

async def main():
    client = AsyncHTTPClient()
    urls = {1: serve(1), 2: serve(2)}
    async def fetch(url, **kwargs):
        return await client.fetch(HTTPRequest(url, **kwargs), raise_error=False)
    async def page(name):
        answer = await fetch(urls[1] + '/page?name=' + name, headers={'Cookie': '_xsrf=' + given['xsrfCookie']})
        return answer.body.decode()
    async def token(version):
        answer = await fetch(urls[version] + '/form/1')
        cookie = answer.headers['Set-Cookie'].split(';')[0].split('=', 1)[1].strip('"')
        return {'cookie': cookie, 'text': answer.body.decode()}
    async def status(pair, version):
        answer = await fetch(urls[version] + '/form/1', method='POST', body='',
            headers={'Cookie': '_xsrf=' + pair['cookie'], 'X-Xsrftoken': pair['text']})
        return answer.code
    return {
        'page': await page('page'), 'bare': await page('bare'),
        'tokens': [await token(1), await token(2)],
        'statuses': [await status(pair, version) for pair in given['tokens'] for version in (1, 2)],
    }

result = asyncio.run(main())
`

class Entry extends UIModule {
  override render(entry: object): string {
    return this.renderString('entry.html', { entry })
  }

  override embeddedJavascript(): string {
    return 'entry()'
  }

  override javascriptFiles(): string[] {
    return ['entry.js', 'http://cdn.example.com/a.js?x=1&y=2', '/entry.js']
  }

  override embeddedCss(): string {
    return 'b { color: red }'
  }

  override cssFiles(): string[] {
    return ['/entry.css', 'entry.css', '/entry.css']
  }

  override htmlHead(): string {
    return '<meta name="entry">'
  }

  override htmlBody(): string {
    return '<div id="entry"></div>'
  }
}

class Note extends UIModule {
  override render(text: string): string {
    return `<i>${text}</i>`
  }

  override javascriptFiles(): string {
    return 'note.js'
  }

  override htmlBody(): string {
    return '<div id="note"></div>'
  }
}

class PageHandler extends RequestHandler {
  override get(): void {
    void this.render(this.getArgument('name'), values)
  }

  override getCurrentUser(): string {
    return 'Cy'
  }
}

class FormHandler extends RequestHandler {
  override get(): void {
    this.write(this.xsrfToken)
  }

  override post(): void {
    this.write('ok')
  }
}

/** The same as in Python, with these settings besides. */
async function serve(
  staticPath: string,
  settings: ApplicationSettings,
): Promise<{ url: string } & AsyncDisposable> {
  const application = new Application(
    [
      ['/page', PageHandler],
      ['/form/([0-9]+)', FormHandler, {}, 'form'],
    ],
    {
      templateLoader: new DictLoader({ ...templates.ours, bare }),
      uiModules: { Entry, Note },
      staticPath,
      xsrfCookies: true,
      ...settings,
    },
  )
  const server = application.listen(0, { address: '127.0.0.1' })
  return { url: await server.url(), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const bare = 'no module, no head: {{ title }}'

async function tokenOf(url: string): Promise<Token> {
  const answer = await fetch(`${url}/form/1`)
  const cookie = answer.headers.get('set-cookie')!.split(';')[0]!.slice('_xsrf='.length)
  return { cookie: cookie.replaceAll('"', ''), text: await answer.text() }
}

async function statusOf(url: string, { cookie, text }: Token): Promise<number> {
  const headers = { Cookie: `_xsrf=${cookie}`, 'X-XSRFToken': text }
  const answer = await fetch(`${url}/form/1`, { method: 'POST', headers })
  await answer.arrayBuffer()
  return answer.status
}

describe.skipIf(pythonTornadoVersion === null)('pages and Python Tornado (python3-tornado)', () => {
  let staticPath = ''
  let first: { url: string } & AsyncDisposable
  let second: typeof first
  let theirs: Answers
  let tokens: readonly Token[]

  beforeAll(async () => {
    staticPath = await mkdtemp(join(tmpdir(), 'tornado-interop-pages-'))
    const names = ['app.js', 'entry.js', 'box.js', 'note.js', 'entry.css', 'box.css']
    await Promise.all(names.map((name) => writeFile(join(staticPath, name), `/* ${name} */`)))
    first = await serve(staticPath, { xsrfCookieVersion: 1 })
    second = await serve(staticPath, { xsrfCookieVersion: 2 })
    tokens = [await tokenOf(first.url), await tokenOf(second.url)]
    const given = { templates: { ...templates.python, bare }, values, staticPath, xsrfCookie, tokens }
    theirs = runPython(python, given) as Answers
  })

  afterAll(async () => {
    await first[Symbol.asyncDispose]()
    await second[Symbol.asyncDispose]()
    await rm(staticPath, { recursive: true })
  })

  it('B-web-067 B-web-068 B-web-069 render the same page with what its UI modules need', async () => {
    const ours = async (name: string): Promise<string> => {
      const answer = await fetch(`${first.url}/page?name=${name}`, {
        headers: { Cookie: `_xsrf=${xsrfCookie}` },
      })
      return answer.text()
    }
    expect(theirs.page).toContain(`name="_xsrf" value="${xsrfCookie}"`)
    expect(theirs.page).toContain('<box-head>')
    expect(await ours('page')).toBe(theirs.page)
    expect(await ours('bare')).toBe(theirs.bare)
  })

  it('take XSRF tokens of the other, of both versions, whichever they write themselves', async () => {
    expect(theirs.statuses).toEqual([200, 200, 200, 200])
    expect(tokens.map(({ text }) => text.split('|')[0]?.length)).toEqual([32, 1])
    expect(theirs.tokens.map(({ text }) => text.split('|')[0]?.length)).toEqual([32, 1])
    for (const token of theirs.tokens) {
      expect(await statusOf(first.url, token)).toBe(200)
      expect(await statusOf(second.url, token)).toBe(200)
      // The text of one page goes with the cookie of another; another cookie does not.
      expect(await statusOf(second.url, { ...token, text: token.cookie })).toBe(200)
    }
    using refused = expectLog(genLog, /XSRF cookie does not match/)
    using answered = expectLog(accessLog, /^403 POST/)
    const [one, two] = theirs.tokens as [Token, Token]
    expect(await statusOf(first.url, { cookie: one.cookie, text: two.text })).toBe(403)
    expect([refused.seen, answered.seen]).toEqual([true, true])
  })
})

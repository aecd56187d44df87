import { DictLoader } from '@tornado-ts/template'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Application } from '../application.ts'
import { isAbsolute } from './page-resources.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'
import { UIModule } from './ui-module.ts'
import type { UIMethods } from './user-interface.ts'
import { serve } from '../../test/serve.ts'

class Entry extends UIModule {
  #renders = 0

  override render(title: string): string {
    this.#renders++
    return `<article>${this.#renders} ${title}</article>`
  }

  override embeddedJavascript(): string {
    return `renders(${this.#renders})`
  }

  override javascriptFiles(): string[] {
    return ['/entry.js', 'http://cdn.example.com/a.js?x=1&y=2']
  }

  override embeddedCss(): string {
    return 'article { color: red }'
  }

  override cssFiles(): string {
    return '/entry.css'
  }

  override htmlHead(): string {
    return '<meta name="entry">'
  }

  override htmlBody(): string {
    return '<div id="entry"></div>'
  }
}

class Other extends UIModule {
  override render(): string {
    return 'other'
  }

  override javascriptFiles(): Set<string> {
    return new Set(['/other.js', '/entry.js', 'https://cdn.example.com/b.js'])
  }

  override embeddedJavascript(): string {
    return 'other()'
  }

  override cssFiles(): string[] {
    return ['/other.css', '/entry.css']
  }

  override embeddedCss(): string {
    return 'p {}'
  }

  override htmlHead(): string {
    return '<meta name="other">'
  }

  override htmlBody(): string {
    return '<div id="other"></div>'
  }
}

async function page(
  templates: Record<string, string>,
  settings: ApplicationSettings = {},
  values: object = {},
): Promise<{ status: number; body: string }> {
  class PageHandler extends RequestHandler {
    override get(): void {
      void this.render('page', values)
    }

    override getCurrentUser(): string {
      return 'Ann'
    }
  }
  const application = new Application([['/', PageHandler]], {
    templateLoader: new DictLoader(templates),
    uiModules: { Entry, Other },
    ...settings,
  })
  await using served = await serve(application)
  return await served.fetch('GET', '/')
}

const embedded = (script: string): string =>
  `<script type="text/javascript">\n//<![CDATA[\n${script}\n//]]>\n</script>`
const linked = (url: string): string => `<script src="${url}" type="text/javascript"></script>`
const sheet = (url: string): string => `<link href="${url}" type="text/css" rel="stylesheet"/>`
const style = (css: string): string => `<style type="text/css">\n${css}\n</style>`

it('B-web-067 B-web-069 what a module needs is put into the page in this order', async () => {
  const { body } = await page({
    page: '<html><head><title>t</title></head><body>{% module Entry("<b>") %}</body></html>',
  })
  expect(body).toBe(
    `<html><head><title>t</title>${sheet('/entry.css')}\n${style('article { color: red }')}\n<meta name="entry">\n` +
      `</head><body><article>1 <b></article>${linked('/entry.js')}` +
      `${linked('http://cdn.example.com/a.js?x=1&amp;y=2')}\n${embedded('renders(1)')}\n` +
      `<div id="entry"></div>\n</body></html>`,
  )
})

it('B-web-067 scripts stand before the last end of a body, other HTML before the first', async () => {
  const { body } = await page({
    page: '<head></head><!--</head>-->{% module Other() %}<i></body></i><b></body></b>',
  })
  expect(body).toBe(
    `<head>${sheet('/other.css')}${sheet('/entry.css')}\n${style('p {}')}\n<meta name="other">\n</head><!--</head>-->` +
      `other<i><div id="other"></div>\n</body></i><b>` +
      `${['/other.js', '/entry.js', 'https://cdn.example.com/b.js'].map(linked).join('')}\n` +
      `${embedded('other()')}\n</body></b>`,
  )
})

it('B-web-067 a page without the place for something is an error', async () => {
  class NoHeadHandler extends RequestHandler {
    override get(template: string): void {
      const error = caught(() => this.render(template))
      if (error instanceof Error) this.write(String(error))
    }
  }
  const templates = {
    head: '{% module Entry("") %}</body>',
    body: '</head>{% module Entry("") %}',
    none: '{% module linkify("x") %}',
  }
  const application = new Application([['/(.*)', NoHeadHandler]], {
    templateLoader: new DictLoader(templates),
    uiModules: { Entry },
  })
  await using served = await serve(application)
  const bodyOf = async (path: string): Promise<string> => (await served.fetch('GET', path)).body
  expect(await bodyOf('/head')).toBe('Error: Cannot place what UI modules need: the page has no </head>')
  expect(await bodyOf('/body')).toBe('Error: Cannot place what UI modules need: the page has no </body>')
  expect(await bodyOf('/none')).toBe('x')
})

it('B-web-068 linked files are linked once, in the order of their first use', async () => {
  const { body } = await page({
    page: '<head></head><body>{% module Entry("") %}{% module Other() %}{% module Entry("") %}</body>',
  })
  expect(body.match(/src="[^"]*"/g)).toEqual([
    'src="/entry.js"',
    'src="http://cdn.example.com/a.js?x=1&amp;y=2"',
    'src="/other.js"',
    'src="https://cdn.example.com/b.js"',
  ])
  expect(body.match(/href="[^"]*"/g)).toEqual(['href="/entry.css"', 'href="/other.css"'])
})

it('B-web-068 paths that do not stand for themselves are static ones', async () => {
  class StaticHandler extends RequestHandler {
    override staticUrl(path: string): string {
      return `/static/${path}?v="1"`
    }

    override get(): void {
      this.write(this.renderLinkedJs(['a.js', '/b.js', 'a.js']))
      this.write(this.renderLinkedCss(['a.css', 'https://example.com/?a&b']))
    }
  }
  await using served = await serve(new Application([['/', StaticHandler]]))
  expect((await served.fetch('GET', '/')).body).toBe(
    linked('/static/a.js?v=&quot;1&quot;') +
      linked('/b.js') +
      sheet('/static/a.css?v=&quot;1&quot;') +
      sheet('https://example.com/?a&amp;b'),
  )
  expect(['/a', 'http://a', 'https://a', 'a', 'ftp://a', ''].map(isAbsolute)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
  ])
})

it('B-web-070 one module is made for each request and name; its render may be called again', async () => {
  const made: string[] = []
  class Counted extends Entry {
    constructor(handler: RequestHandler) {
      super(handler)
      made.push(handler.request.path)
    }
  }
  const settings = { uiModules: { Entry: Counted, Same: Counted } }
  const { body } = await page(
    {
      page: '<head></head><body>{% module Entry("a") %}{% module Entry("b") %}{% module Same("c") %}{{ handler.renderString("sub") }}</body>',
      sub: '{% raw modules.Entry("d") %}',
    },
    settings,
  )
  expect(body).toMatch(/<article>1 a<\/article><article>2 b<\/article><article>1 c<\/article>/)
  expect(body).toContain('&lt;article&gt;3 d')
  expect(body).toContain(embedded('renders(3)\nrenders(1)'))
  expect(made).toEqual(['/', '/'])
})

it('a module has the handler, its request, user, locale and interface, and renders templates', async () => {
  class Facts extends UIModule {
    override render(x: number): string {
      const { request, currentUser, locale, ui, handler } = this
      expect(ui).toBe(handler.ui)
      return this.renderString('facts', { x, path: request.path, user: currentUser, code: locale.code })
    }
  }
  const { body } = await page(
    { page: '{% module Facts(1) %}', facts: '{{ x }} {{ path }} {{ user }} {{ code }} {{ currentUser }}' },
    { uiModules: { Facts } },
  )
  expect(body).toBe('1 / Ann en_US Ann')
})

it('a module may answer bytes, or a promise where the template awaits it', async () => {
  class Bytes extends UIModule {
    override render(): Uint8Array {
      return new TextEncoder().encode('é')
    }
  }
  class Later extends UIModule {
    override async render(text: string): Promise<string> {
      await setImmediate()
      return text
    }

    override embeddedCss(): string {
      return 'later'
    }
  }
  const templates = { page: '<head></head>{% module Bytes() %}{% module await Later("<") %}' }
  const { body } = await page(templates, { uiModules: { Bytes, Later } })
  expect(Buffer.from(body, 'latin1').toString()).toBe(`<head>${style('later')}\n</head>é<`)
})

it('every application has the modules linkify, xsrfFormHtml and Template', async () => {
  const { body } = await page({
    page: '{% module linkify("http://example.com") %}{% module xsrfFormHtml() %}{% module xsrf_form_html() %}{% module Template("x", { y: 1 }) %}',
    x: '{{ y }}',
  })
  expect(body.replaceAll(/value="[^"]+"/g, '')).toBe(
    '<a href="http://example.com">http://example.com</a><input type="hidden" name="_xsrf" /><input type="hidden" name="_xsrf" />1',
  )
})

it('B-web-071 a template that is a module sets resources, once for each path', async () => {
  const { body } = await page({
    page: '<head></head><body>{% module Template("a") %}{% module Template("b", { x: "<" }) %}{% module Template("a") %}</body>',
    a: '{{ setResources({ embeddedJavascript: "a()", javascriptFiles: "/a.js", embeddedCss: "a {}", cssFiles: ["/a.css"], htmlHead: "<ha>", htmlBody: "<ba>" }) }}A',
    b: '{{ setResources({ embeddedJavascript: "b()", javascriptFiles: ["/a.js", "/b.js"], htmlHead: "<hb>" }) }}{{ x }}',
  })
  expect(body).toBe(
    `<head>${sheet('/a.css')}\n${style('a {}')}\n<ha><hb>\n</head><body>A&lt;A${linked('/a.js')}${linked('/b.js')}\n` +
      `${embedded('a()\nb()')}\n<ba>\n</body>`,
  )
})

it('B-web-071 other resources for the same path are an error, as are names of none', async () => {
  class ResourceHandler extends RequestHandler {
    override get(template: string): void {
      this.write(String(caught(() => this.renderString(template))))
    }
  }
  const templates = {
    twice: '{% module Template("x", { n: 1 }) %}{% module Template("x", { n: 2 }) %}',
    same: '{% module Template("x", { n: 1 }) %}{% module Template("x", { n: 1 }) %}',
    x: '{{ setResources({ htmlHead: String(n) }) }}',
    wrong: '{% module Template("y") %}',
    y: '{{ setResources({ html_head: "" }) }}',
  }
  const templateLoader = new DictLoader(templates)
  await using served = await serve(new Application([['/(.*)', ResourceHandler]], { templateLoader }))
  const bodyOf = async (path: string): Promise<string> => (await served.fetch('GET', path)).body
  expect(await bodyOf('/twice')).toBe(
    'Error: setResources was called with different resources for the template x',
  )
  expect(await bodyOf('/same')).toBe('')
  expect(await bodyOf('/wrong')).toBe('TypeError: setResources knows no html_head')
})

it('B-web-072 methods and modules are taken from objects, module namespaces and lists of those', async () => {
  const shout = (handler: RequestHandler, text: string): string =>
    `${text.toUpperCase()}! (${handler.request.path})`
  const namespace = await import('./ui-module.ts')
  const application = new Application([], {
    uiModules: [{ Entry }, [{ Other, helper: () => 'no module', text: 'none' }], namespace],
    uiMethods: [{ shout, Shout: shout, _shout: shout, one: 1 }, [{ whisper: () => '' }]],
  })
  expect(Object.keys(application.uiModules).sort()).toEqual([
    'Entry',
    'Other',
    'Template',
    'linkify',
    'xsrfFormHtml',
    'xsrf_form_html',
  ])
  expect(Object.keys(application.uiMethods)).toEqual(['shout', 'whisper'])
  expect(() => new Application([], { uiMethods: 'shout' as unknown as UIMethods })).toThrow(
    'The setting uiMethods must be an object or a list',
  )

  const { body } = await page(
    { page: '{{ shout("hey") }} {{ handler.ui.shout("you") }}' },
    { uiMethods: { shout } },
  )
  expect(body).toBe('HEY! (/) YOU! (/)')
})

it('a page that uses no module is left as it is', async () => {
  expect((await page({ page: 'no head, no body' })).body).toBe('no head, no body')
})

it('methods of the handler make the elements, so that it can make others', async () => {
  class DeferHandler extends RequestHandler {
    override renderLinkedJs(files: Iterable<string>): string {
      return `<script defer src="/pack?${[...files].length}"></script>`
    }

    override renderEmbedJs(): string {
      return '<js>'
    }

    override renderLinkedCss(): string {
      return '<linked>'
    }

    override renderEmbedCss(): string {
      return '<css>'
    }

    override get(): void {
      void this.render('page')
    }
  }
  const templateLoader = new DictLoader({ page: '</head>{% module Other() %}</body>' })
  const application = new Application([['/', DeferHandler]], { templateLoader, uiModules: { Other } })
  await using served = await serve(application)
  expect((await served.fetch('GET', '/')).body).toBe(
    '<linked>\n<css>\n<meta name="other">\n</head>other<script defer src="/pack?3"></script>\n<js>\n<div id="other"></div>\n</body>',
  )
})

function caught(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

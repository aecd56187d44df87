// What rendering in a handler costs over rendering the template alone. Measures the build (`pnpm run build` first).
import { createRequire } from 'node:module'
import type { HTTPConnection } from '@tornado-ts/httputil'
import { it } from 'vitest'

const require = createRequire(import.meta.url)
const web: typeof import('../src/index.ts') = require('@tornado-ts/web')
const { DictLoader }: typeof import('@tornado-ts/template') = require('@tornado-ts/template')
const httputil: typeof import('@tornado-ts/httputil') = require('@tornado-ts/httputil')
const { HTTPHeaders, HTTPServerRequest, RequestStartLine } = httputil
const { Application, RequestHandler, UIModule } = web

class Item extends UIModule {
  override render(text: string): string {
    return `<li>${text}</li>`
  }
}

const start = '<html><head><title>{{ title }}</title></head><body><ul>'
const end = '</ul></body></html>'
const templateLoader = new DictLoader({
  plain: `${start}{% for x in xs %}<li>{{ x }}</li>{% end %}${end}`,
  names: `${start}{{ _("Items") }} {{ currentUser }} {{ reverseUrl("page") }}{% for x in xs %}<li>{{ x }}</li>{% end %}${end}`,
  modules: `${start}{% for x in xs %}{% module Item(x) %}{% end %}${end}`,
})
const values = { title: 'A <page>', xs: ['a', 'b', 'c', 'd', 'e'] }
const application = new Application([['/', RequestHandler, {}, 'page']], {
  templateLoader,
  uiModules: { Item },
})
const connection = { context: { remoteIp: '127.0.0.1', protocol: 'http' } } as unknown as HTTPConnection
const headers = new HTTPHeaders({ Host: 'localhost', 'Accept-Language': 'de-DE,de;q=0.9,en;q=0.8' })
const startLine = new RequestStartLine('GET', '/', 'HTTP/1.1')
const newHandler = (): InstanceType<typeof RequestHandler> =>
  new RequestHandler(application, new HTTPServerRequest({ startLine, headers, connection }))

it('renders a small page', async ({ bench }) => {
  const template = templateLoader.load('plain')
  await bench.compare(
    bench('the template alone', () => void template.generate(values)),
    bench('a handler is made, nothing rendered', () => void newHandler()),
    bench('by a handler', () => void newHandler().renderString('plain', values)),
    bench('with translation, user and URL', () => void newHandler().renderString('names', values)),
    bench('with five UI modules', () => void newHandler().renderString('modules', values)),
  )
})

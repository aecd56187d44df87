import { DictLoader, Loader } from '@tornado-ts/template'
import { accessLog, appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { Application, type ApplicationRule } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'
import { serve, type RawAnswer } from '../../test/serve.ts'

const later = async <T>(value: T): Promise<T> => {
  await setImmediate()
  return value
}

/** The answer to one GET of `/` by a handler with this method. */
async function answer(
  templates: Record<string, string>,
  get: (this: RequestHandler) => void | Promise<void>,
  settings: ApplicationSettings = {},
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  class PageHandler extends RequestHandler {
    override get(): void | Promise<void> {
      return get.call(this)
    }
  }
  const rules: ApplicationRule[] = [['/', PageHandler, {}, 'home']]
  await using served = await serve(
    new Application(rules, { templateLoader: new DictLoader(templates), ...settings }),
  )
  return await served.fetch('GET', '/', { headers })
}

it('render ends the response with a template', async () => {
  const { status, headers, body } = await answer({ 'a.html': '<p>{{ name }} {{ 1 + 1 }}</p>' }, function () {
    void this.render('a.html', { name: '<Ann>' })
    expect(() => this.render('a.html', { name: '' })).toThrow('Cannot render() after finish()')
  })
  expect([status, body]).toEqual([200, '<p>&lt;Ann&gt; 2</p>'])
  expect(headers['etag']).toMatch(/^"[0-9a-f]{40}"$/)
  expect(headers['content-length']).toBe(String(body.length))
})

it('B-web-016 render after finish throws', async () => {
  const { status, body } = await answer({ a: 'a' }, function () {
    void this.finish('done')
    expect(() => this.render('a')).toThrow('Cannot render() after finish()')
  })
  expect([status, body]).toEqual([200, 'done'])
})

it('renderString answers text and writes nothing', async () => {
  const { body } = await answer({ a: '{{ x }}' }, function () {
    this.write(`[${this.renderString('a', { x: 1 })}${this.renderString('a', { x: 2 })}]`)
  })
  expect(body).toBe('[12]')
})

it('templates know the handler, the request and functions for both', async () => {
  const template = `{{ handler.request === request }} {{ request.path }} {{ currentUser }} {{ locale.code }}
{{ _('x') }} {{ translate('one', 'many', 2) }} {{ pgettext('c', 'm') }} {{ pgettext('c', 'one', 'many', 1) }}
{{ reverseUrl('home') }} {% raw xsrfFormHtml() %} {{ typeof modules.Template }} {{ typeof constructor }}`
  const { body } = await answer({ a: template }, function () {
    this.currentUser = 'Ann'
    void this.render('a')
  })
  expect(body.replace(/value="[^"]*"/, 'value=""')).toBe(`true / Ann en_US
x many m one
/ <input type="hidden" name="_xsrf" value=""/> function undefined`)
})

it('templates may use the names of Python', async () => {
  const template =
    '{{ current_user }} {{ reverse_url("home") }} {% raw xsrf_form_html() %} {{ typeof static_url }}'
  const own: unknown[] = []
  const { body } = await answer({ a: template }, function () {
    this.currentUser = 'Ann'
    const { current_user, reverse_url } = this.getTemplateNamespace()
    own.push(current_user, (reverse_url as (name: string) => string)('home'))
    void this.render('a')
  })
  expect(body).toMatch(/^Ann \/ <input type="hidden" name="_xsrf" value="[^"]+"\/> function$/)
  expect(own).toEqual(['Ann', '/'])
})

it('a name from a request does not lead out of the template path', async () => {
  await using directory = await scratch({ 'a.html': 'inside' })
  class NameHandler extends RequestHandler {
    override get(): void {
      void this.render(this.getArgument('name'))
    }
  }
  await using served = await serve(new Application([['/', NameHandler]], { templatePath: directory.path }))
  expect((await served.fetch('GET', '/?name=a.html')).body).toBe('inside')
  using failed = expectLog(appLog, /^Uncaught exception GET/)
  using answered = expectLog(accessLog, /^500 GET/)
  for (const name of ['/etc/passwd', '../../etc/passwd', '..', '', '%2e%2e%2fetc%2fpasswd']) {
    const { status, body } = await served.fetch('GET', `/?name=${name}`)
    expect([status, body.includes('root:')]).toEqual([500, false])
  }
  expect([failed.records.length, answered.records.length]).toEqual([5, 5])
  expect(failed.records.every(({ error }) => String(error).startsWith('TemplateNotFoundError'))).toBe(true)
})

it('B-web-059 a page that uses the current user asks for it, once', async () => {
  let asked = 0
  class UserHandler extends RequestHandler {
    override getCurrentUser(): unknown {
      asked++
      return 'Bo'
    }

    override get(): void {
      this.write(this.renderString('a'))
      expect(asked).toBe(0)
      void this.render('b')
    }
  }
  const templateLoader = new DictLoader({ a: 'a', b: '{{ currentUser }}{{ handler.currentUser }}' })
  await using served = await serve(new Application([['/', UserHandler]], { templateLoader }))
  expect((await served.fetch('GET', '/')).body).toBe('aBoBo')
  expect(asked).toBe(1)
})

it("a page's values win over all names, whatever they are called", async () => {
  const values = JSON.parse('{"locale":1,"__proto__":2,"handler":3,"_":4,"toString":5}') as object
  const { body } = await answer(
    { a: '{{ locale }}{{ __proto__ }}{{ handler }}{{ _ }}{{ toString }}' },
    function () {
      void this.render('a', values)
    },
  )
  expect(body).toBe('12345')
})

it('an override of getTemplateNamespace adds names, and may answer the same object for every page', async () => {
  const shared = Object.freeze({ site: 'Example' })
  class SiteHandler extends RequestHandler {
    override getTemplateNamespace(): Record<string, unknown> {
      return this.getArgument('own', null) === null ? { ...super.getTemplateNamespace(), ...shared } : shared
    }

    override get(): void {
      void this.render('a', { x: 1 })
    }
  }
  const templateLoader = new DictLoader({ a: '{{ site }} {{ x }} {{ typeof _ }} {{ typeof locale }}' })
  await using served = await serve(new Application([['/', SiteHandler]], { templateLoader }))
  expect((await served.fetch('GET', '/')).body).toBe('Example 1 function object')
  expect((await served.fetch('GET', '/?own=1')).body).toBe('Example 1 undefined undefined')
  expect(Object.keys(shared)).toEqual(['site'])
})

it('a template that awaits ends the response in its time, awaited or not', async () => {
  const templates = { a: '{{ await later(1) }}{% for await x in xs() %}{{ x }}{% end %}' }
  async function* xs(): AsyncGenerator<number> {
    yield later(2)
    yield later(3)
  }
  const values = { later, xs }
  const bodies = await Promise.all([
    answer(templates, function () {
      void this.render('a', values)
    }),
    answer(templates, function () {
      return this.render('a', values)
    }),
    answer(templates, async function () {
      await this.render('a', values)
      expect(() => this.write('x')).toThrow('after finish')
    }),
    answer(templates, async function () {
      void this.render('a', values)
      await setImmediate()
    }),
    answer(templates, async function () {
      this.write(await this.renderStringAsync('a', values))
    }),
  ])
  expect(bodies.map(({ body }) => body)).toEqual(Array.from({ length: 5 }, () => '123'))
})

it('renderString refuses a template that awaits', async () => {
  const { body } = await answer({ a: '{{ await 1 }}' }, function () {
    expect(() => this.renderString('a')).toThrow('use generateAsync')
    this.write('refused')
  })
  expect(body).toBe('refused')
})

it('an error of a template is an error of its handler', async () => {
  const fail = (): never => {
    throw new RangeError('failed')
  }
  const failLater = async (): Promise<never> => {
    await setImmediate()
    fail()
    throw new Error()
  }
  using logged = expectLog(appLog, /^Uncaught exception GET/)
  using answered = expectLog(accessLog, /^500 GET/)
  const status = async (template: string, get: (this: RequestHandler) => void | Promise<void>) =>
    (await answer({ a: template }, get)).status
  expect(
    await status('{{ fail() }}', function () {
      void this.render('a', { fail })
    }),
  ).toBe(500)
  expect(
    await status('{{ await failLater() }}', function () {
      void this.render('a', { failLater })
    }),
  ).toBe(500)
  expect(
    await status('{{ await failLater() }}', async function () {
      await this.render('a', { failLater })
    }),
  ).toBe(500)
  // Nobody waits for this page, and its error comes before the method ends.
  expect(
    await status('{{ await failLater() }}', async function () {
      void this.render('a', { failLater })
      for (let turns = 0; turns < 5; turns++) await setImmediate()
    }),
  ).toBe(500)
  void [logged, answered]
})

it('a handler may answer something else when its page fails', async () => {
  const failLater = (): Promise<never> => Promise.reject(new RangeError('failed'))
  const { status, body } = await answer({ a: '{{ await failLater() }}' }, async function () {
    await this.render('a', { failLater }).catch(() => this.write('sorry'))
  })
  expect([status, body]).toEqual([200, 'sorry'])
})

it('a client that goes ends the work of its page, and nothing is logged', async () => {
  const gone = Promise.withResolvers<unknown>()
  const started = Promise.withResolvers<void>()
  class SlowHandler extends RequestHandler {
    override async get(): Promise<void> {
      const signal = this.request.signal
      const forever = (): Promise<never> => {
        started.resolve()
        return new Promise(() => {})
      }
      try {
        await this.render('a', { forever })
      } catch (error) {
        gone.resolve(error)
        throw error
      }
      expect(signal.aborted).toBe(true)
    }
  }
  const templateLoader = new DictLoader({ a: '{{ await forever() }}' })
  await using served = await serve(new Application([['/', SlowHandler]], { templateLoader }))
  const client = new AbortController()
  const fetched = fetch(served.url, { signal: client.signal })
  await started.promise
  client.abort()
  await expect(fetched).rejects.toThrow('aborted')
  expect(await gone.promise).toMatchObject({ name: 'StreamClosedError' })
})

it('a missing template is an error that names it', async () => {
  const { body } = await answer({}, function () {
    expect(() => this.render('nope.html')).toThrow('Cannot load the template "nope.html"')
    this.write('ok')
  })
  expect(body).toBe('ok')
})

it('the settings autoescape and templateWhitespace hold for files', async () => {
  await using directory = await scratch({ 'a.html': '{{ "<" }}\n\n  <b>', 'b.txt': '{{ x }}  y' })
  const render = async (name: string, settings: ApplicationSettings): Promise<string> => {
    class FileHandler extends RequestHandler {
      override get(): void {
        void this.render(name, { x: '&' })
      }
    }
    const application = new Application([['/', FileHandler]], { templatePath: directory.path, ...settings })
    await using served = await serve(application)
    return (await served.fetch('GET', '/')).body
  }
  expect(await render('a.html', {})).toBe('&lt;\n<b>')
  expect(await render('a.html', { autoescape: null })).toBe('<\n<b>')
  expect(await render('a.html', { autoescape: 'jsonEncode' })).toBe('"<"\n<b>')
  expect(await render('a.html', { templateWhitespace: 'oneline' })).toBe('&lt; <b>')
  expect(await render('b.txt', {})).toBe('&amp;  y')
})

it('B-web-062 without a template path templates are beside the source file that renders', async () => {
  const directory = dirname(fileURLToPath(import.meta.url))
  const name = 'render-beside.tmp.html'
  const inner = 'render-inner.tmp.html'
  await writeFile(
    join(directory, name),
    `{{ handler.renderString("${inner}") }}{% module Template("${inner}") %}`,
  )
  await writeFile(join(directory, inner), 'beside')
  try {
    class BesideHandler extends RequestHandler {
      override get(): void {
        this.write(this.renderString(inner))
        void this.render(name)
      }
    }
    class OwnPathHandler extends BesideHandler {
      override getTemplatePath(): string {
        return directory
      }
    }
    await using served = await serve(
      new Application([
        ['/', BesideHandler],
        ['/own', OwnPathHandler],
      ]),
    )
    expect((await served.fetch('GET', '/own')).body).toBe('besidebesidebeside')
    expect((await served.fetch('GET', '/')).body).toBe('besidebesidebeside')
  } finally {
    await Promise.all([name, inner].map((file) => rm(join(directory, file))))
  }
})

it('B-web-062 an application keeps one loader for each path, and one for each way of making it', async () => {
  await using directory = await scratch({ a: 'x' })
  let made = 0
  class FirstHandler extends RequestHandler {
    override createTemplateLoader(path: string): Loader {
      made++
      return new Loader(path, { namespace: { n: made } })
    }

    override get(): void {
      void this.render('a')
    }
  }
  class SecondHandler extends FirstHandler {}
  class OtherHandler extends FirstHandler {
    override createTemplateLoader(path: string): Loader {
      return super.createTemplateLoader(path)
    }
  }
  const rules: ApplicationRule[] = [
    ['/1', FirstHandler],
    ['/2', SecondHandler],
    ['/3', OtherHandler],
  ]
  await using served = await serve(new Application(rules, { templatePath: directory.path }))
  for (const path of ['/1', '/2', '/1', '/3', '/3']) await served.fetch('GET', path)
  expect(made).toBe(2)
})

it('B-web-063 without compiledTemplateCache templates are read anew for each request', async () => {
  await using directory = await scratch({ 'a.html': 'old' })
  class FileHandler extends RequestHandler {
    override get(): void {
      this.write(this.renderString('a.html'))
      void this.render('a.html')
    }
  }
  const serveWith = (settings: ApplicationSettings) =>
    serve(new Application([['/', FileHandler]], { templatePath: directory.path, ...settings }))
  await using kept = await serveWith({})
  await using anew = await serveWith({ compiledTemplateCache: false })
  await using ofLoader = await serveWith({
    compiledTemplateCache: false,
    templateLoader: new Loader(directory.path),
  })
  const bodies = async (): Promise<string[]> => {
    const answers = await Promise.all([kept, anew, ofLoader].map((served) => served.fetch('GET', '/')))
    return answers.map(({ body }) => body)
  }
  expect(await bodies()).toEqual(['oldold', 'oldold', 'oldold'])
  await writeFile(join(directory.path, 'a.html'), 'new')
  expect(await bodies()).toEqual(['oldold', 'newnew', 'newnew'])
})

async function scratch(files: Record<string, string>): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), 'tornado-web-'))
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(path, name), text)))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

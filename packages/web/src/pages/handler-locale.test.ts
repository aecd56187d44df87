import { CSVLocale, loadTranslations, get, type Locale } from '@tornado-ts/locale'
import { DictLoader } from '@tornado-ts/template'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import { serve } from '../../test/serve.ts'

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tornado-web-locale-'))
  await writeFile(
    join(directory, 'fr.csv'),
    'hello,bonjour\nmessage,message,singular\nmessages,messages,plural\n',
  )
  await writeFile(join(directory, 'pt_BR.csv'), 'hello,olá\n')
  await writeFile(join(directory, 'de.csv'), 'hello,hallo\n')
  loadTranslations(directory)
})

afterAll(() => rm(directory, { recursive: true }))

/** The codes that a handler finds for these headers. */
async function codes(
  handler: new (...args: ConstructorParameters<typeof RequestHandler>) => RequestHandler,
  headers: readonly (string | null)[],
): Promise<string[]> {
  const rule = handler as unknown as typeof RequestHandler
  await using served = await serve(new Application([['/', rule]]))
  const found: string[] = []
  for (const header of headers) {
    const fields: Record<string, string> = header === null ? {} : { 'Accept-Language': header }
    found.push((await served.fetch('GET', '/', { headers: fields })).body)
  }
  return found
}

class CodeHandler extends RequestHandler {
  override get(): void {
    this.write(this.locale.code)
  }
}

it('B-web-061 the browser is given the language that it wants most', async () => {
  const cases: Record<string, string> = {
    fr: 'fr',
    'fr-CA, en;q=0.9': 'fr',
    'en;q=0.5, de;q=0.7, fr;q=0.6': 'de',
    'de;q=0.5, fr;q=0.5': 'de',
    pt: 'en_US',
    'pt-br': 'pt_BR',
    'de;q=0, fr;q=0.1': 'fr',
    'de;q=-1, fr;q=0.1': 'fr',
    'de;q=x, fr;q=0.1': 'fr',
    'de;level=1;q=0.1, fr;q=0.9': 'de',
    'xx, yy': 'en_US',
    ', ,': 'en_US',
    '*': 'en_US',
  }
  expect(await codes(CodeHandler, Object.keys(cases))).toEqual(Object.values(cases))
})

it('B-web-061 a client that names no language gets en_US, or the fallback', async () => {
  expect(await codes(CodeHandler, [null])).toEqual(['en_US'])
  class FallbackHandler extends RequestHandler {
    override get(): void {
      this.write(this.getBrowserLocale('fr').code)
    }
  }
  expect(await codes(FallbackHandler, [null, '', 'de'])).toEqual(['fr', 'fr', 'de'])
})

it('B-web-060 the locale of the user counts before that of the browser; it is found once', async () => {
  let asked = 0
  class UserHandler extends RequestHandler {
    override getUserLocale(): Locale | null {
      asked++
      const code = this.getCookie('language')
      return code === undefined ? null : get(code)
    }

    override get(): void {
      this.write(`${this.locale.code} ${this.locale === this.locale}`)
    }
  }
  await using served = await serve(new Application([['/', UserHandler]]))
  const headers = { 'Accept-Language': 'de' }
  expect((await served.fetch('GET', '/', { headers })).body).toBe('de true')
  expect(asked).toBe(1)
  expect((await served.fetch('GET', '/', { headers: { ...headers, Cookie: 'language=fr' } })).body).toBe(
    'fr true',
  )
})

it('B-web-060 the locale can be set, in a prepare that must wait for it too', async () => {
  class SetHandler extends RequestHandler {
    override async prepare(): Promise<void> {
      await setImmediate()
      this.locale = get('fr')
    }

    override getUserLocale(): never {
      throw new Error('not asked')
    }

    override get(): void {
      this.write(this.locale.code)
      this.locale = new CSVLocale('xx', { unknown: new Map(), singular: new Map(), plural: new Map() })
      this.write(this.locale.code)
    }
  }
  expect(await codes(SetHandler, ['de'])).toEqual(['frxx'])
})

it('templates are in the language of who asks', async () => {
  class PageHandler extends RequestHandler {
    override get(): void {
      void this.render('page')
    }
  }
  const templateLoader = new DictLoader({
    page: '{{ _("hello") }} {{ locale.code }} {{ translate("message", "messages", 2) }} {{ _("unknown") }}',
  })
  await using served = await serve(new Application([['/', PageHandler]], { templateLoader }))
  const body = async (language: string): Promise<string> =>
    (await served.fetch('GET', '/', { headers: { 'Accept-Language': language } })).body
  expect(await body('fr')).toBe('bonjour fr messages unknown')
  expect(await body('de')).toBe('hallo de messages unknown')
})

import { beforeEach, describe, expect, it } from 'vitest'
import { CSVLocale } from './csv/csv-locale.ts'
import { get, getSupportedLocales, setDefaultLocale } from './get.ts'
import { GettextLocale } from './gettext/gettext-locale.ts'
import { IntlFormatters } from './intl.ts'
import { Locale } from './locale.ts'
import { LOCALE_NAMES } from './locale-names.ts'
import { replaceLocales } from './state.ts'

const empty = {
  unknown: new Map<string, string>(),
  singular: new Map<string, string>(),
  plural: new Map<string, string>(),
}

function support(...codes: string[]): void {
  replaceLocales(new Map(codes.map((code) => [code, (each: string) => new CSVLocale(each, empty)])), 'en_US')
}

beforeEach(() => support())

describe('get', () => {
  it('B-loc-001 B-loc-002 normalises codes: "-" is "_", the case of language and country does not matter', () => {
    support('fr_FR', 'pt', 'de')
    for (const code of ['fr_FR', 'fr-FR', 'FR-fr', 'fr_fr', 'Fr-fR']) expect(get(code).code).toBe('fr_FR')
    for (const code of ['pt', 'PT', 'pt-BR', 'pt_pt']) expect(get(code).code).toBe('pt')
  })

  it('B-loc-002 takes the exact code, then the language, code by code, and else the default locale', () => {
    support('pt_BR', 'pt', 'de')
    expect(get('pt_BR').code).toBe('pt_BR')
    expect(get('pt_PT').code).toBe('pt')
    expect(get('xx', 'yy_ZZ', 'de_AT', 'pt').code).toBe('de')
    expect(get('xx').code).toBe('en_US')
    expect(get().code).toBe('en_US')
    expect(get('', null, undefined, 'de').code).toBe('de')
    expect(Locale.getClosest('de-CH')).toBe(get('de'))
  })

  it('B-loc-001 looks codes of more than two parts up part by part, as RFC 4647 has it', () => {
    support('zh_TW', 'zh_Hans', 'zh', 'sr_Latn_RS', 'sr', 'es_419')
    expect(get('zh-Hant-TW').code).toBe('zh_TW')
    expect(get('zh-Hans-CN').code).toBe('zh_Hans')
    expect(get('zh-Hant-HK').code).toBe('zh')
    expect(get('sr-latn-rs').code).toBe('sr_Latn_RS')
    expect(get('sr-Cyrl-RS').code).toBe('sr')
    expect(get('es-Latn-419').code).toBe('es_419')
    expect(get('xx-Latn-ZZ').code).toBe('en_US')
  })

  it('looks nothing up for what is longer than any code', () => {
    support('fr')
    expect(get(`fr-${'x-'.repeat(30_000)}`).code).toBe('en_US')
  })

  it('finds no locale by a name that objects inherit', () => {
    for (const code of ['__proto__', 'constructor', 'toString']) {
      expect(get(code).code).toBe('en_US')
      expect(() => Locale.get(code)).toThrow(RangeError)
      expect(new Locale(code).name).toBe('Unknown')
    }
  })

  it('B-loc-009 supports what was loaded and the default', () => {
    expect([...getSupportedLocales()]).toEqual(['en_US'])
    support('fr', 'de_DE')
    expect([...getSupportedLocales()].toSorted()).toEqual(['de_DE', 'en_US', 'fr'])
    setDefaultLocale('fr')
    expect([...getSupportedLocales()].toSorted()).toEqual(['de_DE', 'fr'])
    expect(get('xx').code).toBe('fr')
    setDefaultLocale('nl')
    expect([...getSupportedLocales()].toSorted()).toEqual(['de_DE', 'fr', 'nl'])
    expect(get('xx').translate('Sign out')).toBe('Sign out')
  })

  it('shares what was loaded with other copies of the package', () => {
    support('fr')
    const shared: { index: ReadonlyMap<string, string> } = Reflect.get(
      globalThis,
      Symbol.for('tornado.locale.v1'),
    )
    expect([...shared.index.values()]).toEqual(['fr', 'en_US'])
  })
})

describe('Locale', () => {
  it('B-loc-010 is made once for each code, until something else is loaded', () => {
    support('fr')
    const before = Locale.get('fr')
    expect(Locale.get('fr')).toBe(before)
    expect(get('fr-CA')).toBe(before)
    support('fr')
    expect(Locale.get('fr')).not.toBe(before)
  })

  it('B-loc-010 knows its name and its direction', () => {
    expect(Object.keys(LOCALE_NAMES)).toHaveLength(62)
    expect(new Locale('es_LA').name).toBe('Español')
    expect(LOCALE_NAMES['fr_FR']).toEqual({ name: 'Français', nameEn: 'French' })
    expect(new Locale('tlh').name).toBe('Unknown')
    const codes = ['fa_IR', 'ar', 'he_IL', 'en_US', 'el_GR']
    expect(codes.map((code) => new Locale(code).rtl)).toEqual([true, true, true, false, false])
  })

  it('B-loc-006 gives messages as they are without translations, the plural unless the count is 1', () => {
    const locale = new Locale('en_US')
    expect(locale.translate('one')).toBe('one')
    expect([0, 1, 2, -1, 1.5].map((count) => locale.translate('one', 'many', count))).toEqual([
      'many',
      'one',
      'many',
      'many',
      'many',
    ])
    expect(() => locale.translate('one', 'many', undefined)).toThrow(TypeError)
    expect(() => locale.translate('one', 'many', Number.NaN)).toThrow('A plural needs a count, not NaN')
    expect(locale.pgettext('law', 'right')).toBe('right')
    expect(locale.pgettext('law', 'right', 'rights', 2)).toBe('rights')
  })

  it('B-loc-016 formatDay', () => {
    const date = new Date('2013-04-28T18:35:00Z')
    const locale = new Locale('en_US')
    expect(locale.formatDay(date)).toBe('Sunday, April 28')
    expect(locale.formatDay(date, { dow: false })).toBe('April 28')
    expect(locale.formatDay(date, { gmtOffset: -600 })).toBe('Monday, April 29')
    expect(locale.formatDay(date, { timeZone: 'Pacific/Auckland' })).toBe('Monday, April 29')
    expect(locale.formatDay(date.getTime())).toBe('Sunday, April 28')
    expect(() => locale.formatDay(Number.NaN)).toThrow('Cannot format an invalid date')
    expect(() => locale.formatDay(date, { timeZone: 'Mars/Olympus' })).toThrow(RangeError)
  })

  it('B-loc-016 list', () => {
    const locale = new Locale('en_US')
    expect(locale.list([])).toBe('')
    expect(locale.list(['A'])).toBe('A')
    expect(locale.list(['A', 'B'])).toBe('A and B')
    expect(locale.list(['A', 'B', 'C'])).toBe('A, B and C')
    expect(locale.list(['100%s', '%(last)s', 'C'])).toBe('100%s, %(last)s and C')
    expect(new Locale('fa_IR').list(['A', 'B', 'C'])).toBe('A و B and C')
  })

  it('B-loc-016 friendlyNumber', () => {
    const locale = new Locale('en_US')
    const numbers = [0, 12, 123, 1234, 123_456, 1_000_000, -123, -1234, 1234.5, 1e21, 12_345n]
    expect(numbers.map((number) => locale.friendlyNumber(number))).toEqual([
      '0',
      '12',
      '123',
      '1,234',
      '123,456',
      '1,000,000',
      '-123',
      '-1,234',
      '1,234.5',
      '1,000,000,000,000,000,000,000',
      '12,345',
    ])
    expect(new Locale('en').friendlyNumber(1000)).toBe('1,000')
    expect(new Locale('en_GB').friendlyNumber(1000)).toBe('1000')
    expect(new Locale('fr').friendlyNumber(1_000_000)).toBe('1000000')
  })

  it('B-loc-017 puts the names of months and days and every form of a date through translate', () => {
    const asked = new Set<string>()
    class Recorder extends Locale {
      override translate(message: string, pluralMessage?: string | null, count?: number): string {
        asked.add(message)
        if (pluralMessage !== undefined && pluralMessage !== null) asked.add(pluralMessage)
        return super.translate(`<${message}>`, pluralMessage ? `<${pluralMessage}>` : pluralMessage, count)
      }
    }
    const locale = new Recorder('en_US')
    const now = new Date('2026-03-10T12:00:00Z')
    const day = 86_400_000
    const at = (ageMs: number, options = {}): string =>
      locale.formatDate(now.getTime() - ageMs, { now, ...options })
    expect(at(5000)).toBe('<5 seconds ago>')
    expect(at(60_000)).toBe('<1 minute ago>')
    expect(at(7_200_000)).toBe('<2 hours ago>')
    expect(at(7_200_000, { relative: false })).toBe('<10:00 am>')
    expect(at(day)).toBe('<yesterday at 12:00 pm>')
    expect(at(day, { shorter: true })).toBe('<yesterday>')
    expect(at(3 * day)).toBe('<<Saturday> at 12:00 pm>')
    expect(at(20 * day)).toBe('<<February> 18 at 12:00 pm>')
    expect(at(400 * day)).toBe('<<February> 3, 2025 at 12:00 pm>')
    expect(locale.formatDay(now)).toBe('<<Tuesday>, <March> 10>')
    expect(locale.list(['A', 'B'])).toBe('<A and B>')
    for (const name of ['January', 'December', 'Monday', 'Sunday']) expect(asked).toContain(name)
  })
})

describe('Intl', () => {
  it('makes language tags of codes', () => {
    const tags = Object.entries({
      fr_FR: 'fr-FR',
      pt_BR: 'pt-BR',
      en: 'en',
      es_LA: 'es-419',
      'sr_RS@latin': 'sr-Latn-RS',
      'de_DE.UTF-8': 'de-DE',
      'ca_ES@valencia': 'ca-ES-valencia',
      zh_Hant_TW: 'zh-Hant-TW',
      klingonese_: 'en-US',
      __proto__x: 'en-US',
      '': 'en-US',
    })
    for (const [code, tag] of tags) expect([code, new Locale(code).languageTag]).toEqual([code, tag])
    expect(Object.keys(LOCALE_NAMES).filter((code) => new Locale(code).languageTag === 'en-US')).toEqual([
      'en_US',
    ])
  })

  it('writes dates, numbers and lists as each language does', () => {
    const german = new Locale('de_DE')
    const date = new Date('2026-03-10T15:04:00Z')
    expect(german.formatDateTime(date, { dateStyle: 'long', timeZone: 'UTC' })).toBe('10. März 2026')
    expect(new Locale('ja').formatDateTime(date, { dateStyle: 'long', timeZone: 'UTC' })).toBe(
      '2026年3月10日',
    )
    expect(german.formatDateTime(date)).toContain('2026')
    expect(german.formatNumber(1234567.891)).toBe('1.234.567,891')
    expect(german.formatNumber(12n, { style: 'currency', currency: 'EUR' })).toBe('12,00\u00a0€')
    expect(german.formatNumber(0.25, { style: 'percent' })).toBe('25\u00a0%')
    expect(german.formatList(['A', 'B', 'C'])).toBe('A, B und C')
    expect(german.formatList(new Set(['A', 'B']), { type: 'disjunction' })).toBe('A oder B')
    expect(german.languageName('pt_BR')).toBe('Portugiesisch (Brasilien)')
    expect(german.languageName('not a language')).toBe('not a language')
    expect(() => german.formatDateTime(new Date('never'))).toThrow(RangeError)
  })

  it('tells how far a date is away in the unit that fits', () => {
    const locale = new Locale('en_US')
    const now = Date.parse('2026-03-10T12:00:00Z')
    const minute = 60_000
    const day = 1440 * minute
    const cases: [number, string][] = [
      [0, 'now'],
      [-59_400, '59 seconds ago'],
      [-59_600, '1 minute ago'],
      [3 * minute, 'in 3 minutes'],
      [-59.6 * minute, '1 hour ago'],
      [-23.6 * 60 * minute, 'yesterday'],
      [2 * day, 'in 2 days'],
      [-31 * day, 'last month'],
      [-300 * day, '10 months ago'],
      [-800 * day, '2 years ago'],
    ]
    for (const [difference, text] of cases) {
      expect(locale.formatRelativeTime(now + difference, { now })).toBe(text)
    }
    expect(locale.formatRelativeTime(now - day, { now, numeric: 'always' })).toBe('1 day ago')
    expect(new Locale('fr').formatRelativeTime(now - 3 * minute, { now })).toBe('il y a 3 minutes')
  })

  it('makes each formatter once, and keeps few', () => {
    const formatters = new IntlFormatters('fr')
    const percent = formatters.number({ style: 'percent' })
    expect(formatters.number({ style: 'percent' })).toBe(percent)
    expect(formatters.number({})).not.toBe(percent)
    expect(formatters.date({})).toBeInstanceOf(Intl.DateTimeFormat)
    for (let digits = 0; digits < 100; digits++) {
      formatters.number({ minimumFractionDigits: digits })
      formatters.date({ timeZone: `Etc/GMT+${digits % 12}`, fractionalSecondDigits: 1, hour: 'numeric' })
      formatters.number({ minimumIntegerDigits: 1 + (digits % 21), minimumFractionDigits: digits })
    }
    expect(formatters.number({ style: 'percent' })).not.toBe(percent)
  })
})

it('is extended by both kinds of translations', () => {
  expect(new CSVLocale('fr', empty)).toBeInstanceOf(Locale)
  expect(GettextLocale.prototype).toBeInstanceOf(Locale)
})

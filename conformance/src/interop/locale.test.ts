import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  compilePluralForms,
  get,
  getSupportedLocales,
  loadGettextTranslations,
  loadTranslations,
  LOCALE_NAMES,
  parseMo,
} from '@tornado-ts/locale'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterAll, describe, expect, it } from 'vitest'
import { pythonTornadoVersion, runPython } from './python.ts'

const root = mkdtempSync(join(tmpdir(), 'tornado-interop-locale-'))
afterAll(() => rmSync(root, { recursive: true }))

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

const messages = [
  'school',
  'Sign out',
  'I love you',
  '100% %(name)s',
  'say "hi", twice',
  'two\nlines',
  ' padded ',
  'untranslated',
  'empty',
  '__proto__',
  'constructor',
]
const plurals: [string, string][] = [
  ['%(n)d room', '%(n)d rooms'],
  ['%(name)s liked this', '%(names)s liked this'],
  ['cat', 'cats'],
]
const contexts: [string, string][] = [
  ['law', 'right'],
  ['good', 'right'],
  ['nowhere', 'right'],
  ['nowhere', 'school'],
]
const counts = [0, 1, 2, 3, 4, 5, 10, 11, 12, 20, 21, 22, 25, 100, 101, 102, 111, 1_000_000]

/** Every way in which a locale is asked, as a program of either language. */
const askPython = `
import datetime, os, struct, types
from tornado import locale

# 6.2 asks the system's clock; here it stands.
class Clock(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return cls(2026, 3, 10, 14, 30, 0)
locale.datetime = types.SimpleNamespace(datetime=Clock, timedelta=datetime.timedelta)

def ask(code):
    found = locale.get(code)
    date_of = Clock.utcfromtimestamp
    return {
        'code': found.code, 'name': found.name, 'rtl': found.rtl,
        'messages': [found.translate(m) for m in given['messages']],
        'plurals': [[found.translate(a, b, n) for n in given['counts']] for a, b in given['plurals']],
        'dates': [found.format_date(date_of(d['time']), d['gmtOffset'], d['relative'], d['shorter'], d['fullFormat'])
                  for d in given['dates']],
        'days': [found.format_day(date_of(d['time']), d['gmtOffset'], d['relative']) for d in given['dates']],
        'lists': [found.list(parts) for parts in given['lists']],
        'numbers': [found.friendly_number(n) for n in given['numbers']],
    }
`

interface DateCase {
  readonly time: number
  readonly gmtOffset: number
  readonly relative: boolean
  readonly shorter: boolean
  readonly fullFormat: boolean
}

const nowS = Date.UTC(2026, 2, 10, 14, 30) / 1000
/** Whole days ahead are left out: there, they count as now. */
const ages = [
  0, 1, 2, 49, 50, 89, 90, 149, 150, 151, 2999, 3000, 5399, 5400, 9000, 12_600, 86_399, 86_400, 100_000,
  124_199, 124_200, 172_799, 172_800, 259_200, 431_999, 432_000, 1e6, 1e7, 28_857_599, 28_857_600, 1e8, 1.7e9,
  -1, -30, -59, -60, -3600, -90_000, -1e7,
]
const flags = [false, true]
const dates: DateCase[] = ages.flatMap((age) =>
  [0, 300, -330, 1439].flatMap((gmtOffset) =>
    flags.flatMap((relative) =>
      flags.flatMap((shorter) =>
        flags.map((fullFormat) => ({ time: nowS - age, gmtOffset, relative, shorter, fullFormat })),
      ),
    ),
  ),
)
const lists = [[], ['A'], ['A', 'B'], ['A', 'B', 'C', 'D']]
const numbers = [0, 7, 999, 1000, 123_456, 1_234_567_890]
const given = { messages, plurals, counts, dates, lists, numbers }

function ask(code: string): Record<string, unknown> {
  const found = get(code)
  const now = nowS * 1000
  return {
    code: found.code,
    name: found.name,
    rtl: found.rtl,
    messages: messages.map((message) => found.translate(message)),
    plurals: plurals.map((plural) => counts.map((count) => found.translate(...plural, count))),
    dates: dates.map(({ time, ...options }) => found.formatDate(time * 1000, { now, ...options })),
    days: dates.map(({ time, gmtOffset, relative }) =>
      found.formatDay(time * 1000, { gmtOffset, dow: relative }),
    ),
    lists: lists.map((parts) => found.list(parts)),
    numbers: numbers.map((number) => found.friendlyNumber(number)),
  }
}

const dateForms = [
  'January,janvier',
  'March,mars',
  'Monday,lundi',
  'Sunday,dimanche',
  '%(weekday)s at %(time)s,%(weekday)s à %(time)s',
  '"%(month_name)s %(day)s, %(year)s","%(day)s %(month_name)s %(year)s"',
  'yesterday,hier',
  '1 second ago,il y a 1 seconde,singular',
  '%(seconds)d seconds ago,il y a %(seconds)d secondes,plural',
  '%(commas)s and %(last)s,%(commas)s et %(last)s',
].join('\n')

const french = `school,école
  Sign out , Se déconnecter
"I love you","Je t’aime"
100% %(name)s,%(name)s à 100 %
"say ""hi"", twice","dis ""salut"" deux fois"
"two
lines","deux
lignes",unknown
padded,rembourré
alone

empty,
__proto__,proto
%(n)d room,%(n)d salle,singular
%(n)d rooms,%(n)d salles,plural
%(name)s liked this,%(name)s a aimé,singular
%(names)s liked this,%(names)s ont aimé,plural
${dateForms}
"a quote left ""open,x
`

const codes = ['fr', 'fr_FR', 'FR-ca', 'pt-br', 'pt_PT', 'fa_IR', 'he', 'zh_CN', 'en', 'en_US', 'xx', 'de_AT']

describe.skipIf(pythonTornadoVersion === null)('translations and Python Tornado (python3-tornado)', () => {
  it('B-loc-003 B-loc-006 B-loc-012 gives the same strings from one set of CSV files', () => {
    // Other encodings are in folders of their own: there, the first file's counts for all.
    write('csv/fr.csv', french)
    write('csv/pt_BR.csv', '\uFEFFschool,escola\r\n"Sign out",Sair\r\n')
    write('csv/fa.csv', french)
    write('csv/zh_CN.csv', 'school,学校\nJanuary,一月\n')
    write('csv/en.csv', 'school,School\n')
    loadTranslations(join(root, 'csv'))
    const theirs = runPython(
      `${askPython}
locale.load_translations(given['directory'])
result = [sorted(locale.get_supported_locales()), [ask(code) for code in given['codes']]]`,
      { ...given, codes, directory: join(root, 'csv') },
    )
    expect([[...getSupportedLocales()].toSorted(), codes.map(ask)]).toEqual(theirs)
  })

  it('B-loc-005 reads the same from UTF-16', () => {
    write('wide/fr.csv', Buffer.from(`\uFEFF${french}`, 'utf16le'))
    loadTranslations(join(root, 'wide'))
    const theirs = runPython(
      `${askPython}
locale.load_translations(given['directory'])
result = ask('fr')`,
      { ...given, directory: join(root, 'wide') },
    )
    expect(ask('fr')).toEqual(theirs)
    expect(get('fr').translate('school')).toBe('école')
  })

  it('B-loc-007 B-loc-008 gives the same strings from one set of .mo files', () => {
    const rules = {
      fr: 'nplurals=2; plural=(n > 1);',
      ru: 'nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);',
      ja: 'nplurals=1; plural=0;',
      sl: 'nplurals=4; plural=(n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3);',
      de: null,
    }
    const catalogs = Object.entries(rules).map(([code, rule]) => {
      const header = `Content-Type: text/plain; charset=UTF-8\n${rule === null ? '' : `Plural-Forms: ${rule}\n`}`
      const forms = (text: string): string => {
        return Array.from(
          { length: Number(/\d/.exec(rule ?? '2')?.[0]) },
          (_, form) => `${text} ${form}`,
        ).join('\0')
      }
      const entries = {
        '': header,
        school: `${code} école`,
        'say "hi", twice': `${code} "salut"`,
        'two\nlines': `${code}\n2`,
        [`law\u0004right`]: `${code} droit`,
        [`good\u0004right`]: `${code} le bien`,
        'law\u0004%(n)d room\0%(n)d rooms': forms(`${code} law %(n)d`),
        '%(n)d room\0%(n)d rooms': forms(`${code} %(n)d`),
        constructor: code,
        January: `${code} janvier`,
        '%(weekday)s at %(time)s': '%(weekday)s %(time)s',
        '%(seconds)d seconds ago': 'not a plural',
        '1 minute ago\0%(minutes)d minutes ago': forms('%(minutes)d min'),
      }
      return { code, entries: Object.entries(entries) }
    })
    const gettextCodes = [...Object.keys(rules), 'fr_CA', 'xx', 'ru-RU', 'en_US']
    const directory = join(root, 'gettext')
    const theirs = runPython(
      `${askPython}
def write_mo(path, entries):
    os.makedirs(os.path.dirname(path))
    pairs = [(k.encode('utf-8'), v.encode('utf-8')) for k, v in sorted(entries)]
    head = struct.pack(given['order'] + '7I', 0x950412de, 0, len(pairs), 28, 28 + 8 * len(pairs), 0, 0)
    end, tables, strings = 28 + 16 * len(pairs), b'', b''
    for column in (0, 1):
        for pair in pairs:
            tables += struct.pack(given['order'] + '2I', len(pair[column]), end)
            strings += pair[column] + b'\\0'
            end += len(pair[column]) + 1
    with open(path, 'wb') as f:
        f.write(head + tables + strings)
for catalog in given['catalogs']:
    write_mo(os.path.join(given['directory'], catalog['code'], 'LC_MESSAGES', 'chat.mo'), catalog['entries'])
locale.load_gettext_translations(given['directory'], 'chat')
def ask_contexts(code):
    found = locale.get(code)
    return [[found.pgettext(c, m) for c, m in given['contexts']],
            [[found.pgettext(c, a, b, n) for n in given['counts']] for c in ('law', 'nowhere') for a, b in given['plurals']]]
result = [sorted(locale.get_supported_locales()), [[ask(code), ask_contexts(code)] for code in given['codes']]]`,
      { ...given, contexts, catalogs, codes: gettextCodes, directory, order: '>' },
    )
    loadGettextTranslations(directory, 'chat')
    const askContexts = (code: string): unknown => {
      const found = get(code)
      return [
        contexts.map((each) => found.pgettext(...each)),
        ['law', 'nowhere'].flatMap((context) =>
          plurals.map((plural) => counts.map((count) => found.pgettext(context, ...plural, count))),
        ),
      ]
    }
    expect([
      [...getSupportedLocales()].toSorted(),
      gettextCodes.map((code) => [ask(code), askContexts(code)]),
    ]).toEqual(theirs)
  })

  it('B-loc-007 chooses the same plural forms by every rule in use', () => {
    const rules = [
      '0',
      'n != 1',
      'n>1',
      '(n > 1)',
      'n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2',
      'n==1 ? 0 : n==2 ? 1 : 2',
      'n==1 ? 0 : (n==0 || (n%100 > 0 && n%100 < 20)) ? 1 : 2',
      'n%10==1 && n%100!=11 ? 0 : n%10>=2 && (n%100<10 || n%100>=20) ? 1 : 2',
      '(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2',
      'n==1 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2',
      'n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3',
      'n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5',
      'n==1 ? 0 : n==2 ? 1 : (n>2 && n<7) ? 2 :(n>6 && n<11) ? 3 : 4',
      '(n==1 || n==11) ? 0 : (n==2 || n==12) ? 1 : (n > 2 && n < 20) ? 2 : 3',
      'n==1 ? 0 : n==0 || ( n%100>1 && n%100<11) ? 1 : (n%100>10 && n%100<20 ) ? 2 : 3',
      '(n%10==1 && n%100!=11) ? 0 : ((n%10>=2 && n%10<=4) && !(n%100>=12 && n%100<=14)) ? 1 : 2',
      '!(n % 2) ? n / 2 % 5 : n * 3 % 5 + 1 - 1',
      'n % 10 - 3 < 2 == 1',
    ]
    const numbersToTry = Array.from({ length: 1200 }, (_, index) => index)
    const theirs = runPython(
      'import gettext\nresult = [[gettext.c2py(rule)(n) for n in given["numbers"]] for rule in given["rules"]]',
      { rules, numbers: numbersToTry },
    )
    const ours = rules.map((rule) => {
      const { formOf } = compilePluralForms(`nplurals=6; plural=${rule};`)
      return numbersToTry.map((number) => formOf(number))
    })
    expect(ours).toEqual(theirs)
  })

  it('reads the same from every .mo file that Debian has installed', { timeout: 60_000 }, ({ skip }) => {
    // Encodings that one of the two does not know, and files that Python does not take, are left out.
    const theirs = runPython(
      `
import glob, gettext
result = []
for path in sorted(glob.glob('/usr/share/**/*.mo', recursive=True))[:60]:
    try:
        with open(path, 'rb') as f:
            catalog = gettext.GNUTranslations(f)
    except Exception:
        continue
    entries = catalog._catalog
    forms = [catalog.plural(n) for n in range(30)]
    result.append([path, sorted([k, v] for k, v in entries.items() if isinstance(k, str) and k != '' and v != ''),
                   sorted([k[0], k[1], v] for k, v in entries.items() if isinstance(k, tuple) and v != ''), forms])`,
      null,
    ) as [string, unknown, unknown, number[]][]
    skip(theirs.length === 0, 'no .mo file is installed')
    const byText = (a: readonly unknown[], b: readonly unknown[]): number =>
      JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
    for (const [path, theirMessages, theirPlurals, forms] of theirs) {
      const catalog = parseMo(readFileSync(path))
      const ourPlurals = [...catalog.plurals].flatMap(([key, texts]) =>
        texts.map((text, form) => [key, form, text]),
      )
      expect([path, [...catalog.messages].toSorted(byText)]).toEqual([
        path,
        (theirMessages as string[][]).toSorted(byText),
      ])
      expect([path, ourPlurals.filter(([, , text]) => text !== '').toSorted(byText)]).toEqual([
        path,
        (theirPlurals as unknown[][]).toSorted(byText),
      ])
      expect([path, forms.map((_, number) => catalog.pluralForm(number))]).toEqual([path, forms])
    }
  })

  it('B-loc-003 B-loc-004 skips the same files and rows', () => {
    write('odd/fr.csv', 'one,un\ntwo,deux,dual\nthree,trois,PLURAL\n')
    write('odd/FR.csv', 'one,un\n')
    write('odd/fr_fr.csv', 'one,un\n')
    write('odd/notes.txt', 'one,un\n')
    const theirs = runPython(
      `import logging
from tornado import locale
logging.getLogger('tornado.general').addHandler(logging.NullHandler())
locale.load_translations(given)
result = [sorted(locale.get_supported_locales()), [locale.get('fr').translate(m) for m in ('one', 'two', 'three')]]`,
      join(root, 'odd'),
    )
    using log = expectLog(genLog, /Unrecognized/)
    loadTranslations(join(root, 'odd'))
    expect(log.records).toHaveLength(4)
    const locale = get('fr')
    expect([
      [...getSupportedLocales()].toSorted(),
      ['one', 'two', 'three'].map((message) => locale.translate(message)),
    ]).toEqual(theirs)
  })

  it('B-loc-010 knows the same languages by name', () => {
    const theirs = runPython('from tornado._locale_data import LOCALE_NAMES\nresult = LOCALE_NAMES', null)
    const ours = Object.entries(LOCALE_NAMES).map(([code, { name, nameEn }]) => {
      // A slip of theirs: "Ukraini " with a space at its end.
      return [code, { name, name_en: code === 'uk_UA' ? 'Ukraini ' : nameEn }]
    })
    expect(Object.fromEntries(ours)).toEqual(theirs)
  })
})

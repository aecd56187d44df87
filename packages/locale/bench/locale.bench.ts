// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, it } from 'vitest'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/locale')
const {
  compilePluralForms,
  formatMessage,
  get,
  loadGettextTranslations,
  loadTranslations,
  matchAcceptLanguage,
} = built

const root = mkdtempSync(join(tmpdir(), 'tornado-locale-bench-'))
afterAll(() => rmSync(root, { recursive: true }))

const russian =
  'nplurals=3; plural=n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2;'
const rows = Array.from({ length: 1000 }, (_, index) => `message ${index}`)
for (const code of ['de', 'fr', 'pt_BR', 'ru', 'zh_TW']) {
  const po = [
    `msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: ${russian}\\n"`,
    'msgid "%(n)d room"\nmsgid_plural "%(n)d rooms"\nmsgstr[0] "a %(n)d"\nmsgstr[1] "b %(n)d"\nmsgstr[2] "c %(n)d"',
    ...rows.map((row) => `msgctxt "list"\nmsgid "${row}"\nmsgstr "translation of ${row}"`),
    ...rows.map((row) => `msgid "${row}"\nmsgstr "translation of ${row}"`),
  ].join('\n\n')
  mkdirSync(join(root, code, 'LC_MESSAGES'), { recursive: true })
  writeFileSync(join(root, code, 'LC_MESSAGES', 'chat.po'), po)
  writeFileSync(join(root, `${code}.csv`), rows.map((row) => `${row},translation of ${row}\n`).join(''))
}

it('choosing a locale', async ({ bench }) => {
  loadTranslations(root)
  const browser = 'pt-PT,pt;q=0.9,fr-FR;q=0.8,en-US;q=0.7,en;q=0.6'
  await bench.compare(
    bench('get, exact', () => void get('pt_BR')),
    bench('get, by language', () => void get('fr-CA')),
    bench('matchAcceptLanguage, five languages', () => void matchAcceptLanguage(browser)),
  )
})

it('translating', async ({ bench }) => {
  loadTranslations(root)
  const csv = get('fr')
  loadGettextTranslations(root, 'chat')
  const gettext = get('ru')
  const { formOf } = compilePluralForms(russian)
  let count = 0
  await bench.compare(
    bench('translate, CSV', () => void csv.translate('message 500')),
    bench('translate, gettext', () => void gettext.translate('message 500')),
    bench('translate, gettext, a plural', () =>
      void gettext.translate('%(n)d room', '%(n)d rooms', count++ % 200)),
    bench('pgettext', () => void gettext.pgettext('list', 'message 500')),
    bench('the rule of Russian plurals', () => void formOf(count++ % 200)),
    bench('formatMessage', () => void formatMessage('%(n)d of %(name)s', { n: 3, name: 'Ann' })),
  )
})

it('dates, numbers and lists', async ({ bench }) => {
  const locale = get('fr')
  const now = Date.now()
  await bench.compare(
    bench('formatDate, age', () => void locale.formatDate(now - 100_000, { now })),
    bench('formatDate, month', () => void locale.formatDate(now - 1e9, { now })),
    bench('formatDate, month, time zone', () =>
      void locale.formatDate(now - 1e9, { now, timeZone: 'Europe/Paris' })),
    bench('formatDateTime', () => void locale.formatDateTime(now)),
    bench('formatNumber', () => void locale.formatNumber(1234.5)),
    bench('list', () => void locale.list(['A', 'B', 'C'])),
    bench('formatList', () => void locale.formatList(['A', 'B', 'C'])),
  )
})

it('loading five languages', async ({ bench }) => {
  await bench.compare(
    bench('CSV, 1,000 messages each', () => loadTranslations(root)),
    bench('.po, 2,001 messages each', () => loadGettextTranslations(root, 'chat')),
  )
})

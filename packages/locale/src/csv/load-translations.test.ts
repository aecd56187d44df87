import { beforeEach, describe, expect, it } from 'vitest'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { temporaryFiles } from '../../../../scripts/vitest/temporary-files.ts'
import { CSVLocale } from './csv-locale.ts'
import { TranslationFileError } from '../errors.ts'
import { get, getSupportedLocales } from '../get.ts'
import { loadTranslations } from './load-translations.ts'
import { Locale } from '../locale.ts'
import { replaceLocales } from '../state.ts'

const french = [
  'school,école',
  '"I love you","Je t’aime"',
  '"%(name)s liked this","%(name)s a aimé ceci",singular',
  '"%(names)s liked this","%(names)s ont aimé ceci",plural',
  'Monday,lundi',
  '%(weekday)s at %(time)s,%(weekday)s à %(time)s',
].join('\n')

beforeEach(() => void replaceLocales(new Map(), 'en_US'))

describe('loadTranslations', () => {
  it('B-loc-006 finds messages among those of unknown number, and plurals by the count', () => {
    loadTranslations(temporaryFiles({ 'fr_FR.csv': french }))
    const locale = get('fr_FR')
    expect(locale).toBeInstanceOf(CSVLocale)
    expect(locale.translate('school')).toBe('école')
    expect(locale.translate('I love you')).toBe('Je t’aime')
    const liked = ['%(name)s liked this', '%(names)s liked this'] as const
    expect(locale.translate(...liked, 1)).toBe('%(name)s a aimé ceci')
    expect(locale.translate(...liked, 0)).toBe('%(names)s ont aimé ceci')
    expect(locale.translate(...liked, 2)).toBe('%(names)s ont aimé ceci')
    // The tables are apart.
    expect(locale.translate('%(name)s liked this')).toBe('%(name)s liked this')
    expect(locale.translate('school', 'schools', 1)).toBe('school')
    expect(locale.translate('school', 'schools', 2)).toBe('schools')
    expect(locale.translate('constructor')).toBe('constructor')
    expect(() => locale.translate(...liked, undefined)).toThrow(TypeError)
    const date = new Date('2026-03-09T15:04:00Z')
    expect(locale.formatDate(date, { now: new Date('2026-03-12T15:04:00Z') })).toBe('lundi à 15:04')
  })

  it('B-loc-003 skips and logs files whose names are no codes', () => {
    const root = temporaryFiles({
      'fr.csv': 'a,b',
      'pt_BR.csv': 'a,b',
      'FR.csv': 'a,b',
      'fr_fr.csv': 'a,b',
      'fr.old.csv': 'a,b',
      'zh_Hant_TW.csv': 'a,b',
      'notes.txt': 'a,b',
      'es.csv.bak': 'a,b',
    })
    using log = expectLog(genLog, /Unrecognized locale/)
    loadTranslations(root)
    expect(log.records.map((record) => /"(.*?)"/.exec(String(record.message))?.[1])).toEqual([
      'FR',
      'fr.old',
      'fr_fr',
      'zh_Hant_TW',
    ])
    expect(log.records.every((record) => record.level === 'error')).toBe(true)
    expect([...getSupportedLocales()].toSorted()).toEqual(['en_US', 'fr', 'pt_BR'])
  })

  it('B-loc-004 logs and skips rows with an unknown plural indicator', () => {
    const root = temporaryFiles({ 'fr.csv': 'one,un\ntwo,deux,dual\n' })
    using log = expectLog(genLog, /Unrecognized plural indicator "dual" in .*fr\.csv line 2/)
    loadTranslations(root)
    expect(log.records).toHaveLength(1)
    expect([get('fr').translate('one'), get('fr').translate('two')]).toEqual(['un', 'two'])
  })

  it('B-loc-005 reads UTF-8 with and without a byte order mark and UTF-16 of either order, file by file', () => {
    const little = Buffer.from('\uFEFFschool,école\n', 'utf16le')
    loadTranslations(
      temporaryFiles({
        'aa.csv': little,
        'bb.csv': 'school,école\n',
        'cc.csv': Buffer.from(little).swap16(),
        'dd.csv': '\uFEFFschool,école\n',
      }),
    )
    for (const code of ['aa', 'bb', 'cc', 'dd']) expect(get(code).translate('school')).toBe('école')
  })

  it('B-loc-005 reads another encoding if told so', () => {
    const root = temporaryFiles({ 'fr.csv': Buffer.from('school,école\n', 'latin1') })
    for (const encoding of ['latin-1', 'latin1', 'iso-8859-1', 'cp1252']) {
      loadTranslations(root, { encoding })
      expect(get('fr').translate('school')).toBe('école')
    }
    const wide = temporaryFiles({ 'fr.csv': Buffer.from('\uFEFFschool,école\n', 'utf16le').swap16() })
    loadTranslations(wide, { encoding: 'utf-16' })
    expect(get('fr').translate('school')).toBe('école')
    const marked = temporaryFiles({ 'fr.csv': '\uFEFFschool,école\n' })
    loadTranslations(marked, { encoding: 'utf-8-sig' })
    expect(get('fr').translate('school')).toBe('école')
  })

  it('names the file that is not text, and loads nothing then', () => {
    loadTranslations(temporaryFiles({ 'fr.csv': 'a,b' }))
    const root = temporaryFiles({ 'de.csv': 'a,c', 'es.csv': Buffer.from([0x61, 0x2c, 0xff]) })
    expect(() => loadTranslations(root)).toThrow(/es\.csv: Cannot decode 3 bytes as utf-8$/)
    expect(() => loadTranslations(root)).toThrow(TranslationFileError)
    expect(() => loadTranslations(root, { encoding: 'klingon' })).toThrow(/Unknown encoding "klingon"$/)
    expect([...getSupportedLocales()].toSorted()).toEqual(['en_US', 'fr'])
    expect(() => loadTranslations(`${root}/none`)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })

  it('B-loc-010 replaces what was loaded before, and the locales made of it', () => {
    loadTranslations(temporaryFiles({ 'fr.csv': 'a,b', 'es.csv': 'a,b' }))
    const before = get('fr')
    loadTranslations(temporaryFiles({ 'fr.csv': 'a,c' }))
    expect(before.translate('a')).toBe('b')
    expect(get('fr').translate('a')).toBe('c')
    expect([...getSupportedLocales()].toSorted()).toEqual(['en_US', 'fr'])
  })

  it('B-loc-008 warns of contexts, and ignores them', () => {
    loadTranslations(temporaryFiles({ 'fr.csv': 'right,droit\nrights,droits,plural' }))
    using log = expectLog(genLog, /pgettext is not supported/)
    expect(get('fr').pgettext('law', 'right')).toBe('droit')
    expect(get('fr').pgettext('law', 'right', 'rights', 2)).toBe('droits')
    expect(log.records.map((record) => record.level)).toEqual(['warning', 'warning'])
  })

  it('translates nothing for the default locale unless there is a file for it', () => {
    loadTranslations(temporaryFiles({ 'fr.csv': 'a,b' }))
    expect(get('en_US').translate('a')).toBe('a')
    expect(get('en_US')).not.toBeInstanceOf(CSVLocale)
    loadTranslations(temporaryFiles({ 'en_US.csv': 'a,A' }))
    expect(Locale.get('en_US').translate('a')).toBe('A')
  })
})

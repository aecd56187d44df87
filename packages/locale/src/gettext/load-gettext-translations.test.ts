import { beforeEach, describe, expect, it } from 'vitest'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { encodeMo } from '../../fixtures/encode-mo.ts'
import { temporaryFiles } from '../../../../scripts/vitest/temporary-files.ts'
import { get, getSupportedLocales } from '../get.ts'
import { CONTEXT_SEPARATOR } from './gettext-catalog.ts'
import { GettextLocale } from './gettext-locale.ts'
import { load } from '../load.ts'
import { loadGettextTranslations } from './load-gettext-translations.ts'
import { replaceLocales } from '../state.ts'

const french = encodeMo({
  '': 'Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n > 1);\n',
  school: 'école',
  [`law${CONTEXT_SEPARATOR}right`]: 'droit',
  [`good${CONTEXT_SEPARATOR}right`]: 'le bien',
  [`organization${CONTEXT_SEPARATOR}club\0clubs`]: 'le club\0les clubs',
  [`stick${CONTEXT_SEPARATOR}club\0clubs`]: 'le bâton\0les bâtons',
  '%(n)d room\0%(n)d rooms': '%(n)d salle\0%(n)d salles',
})

const po =
  'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "school"\nmsgstr "Schule"\n'

beforeEach(() => void replaceLocales(new Map(), 'en_US'))

describe('loadGettextTranslations', () => {
  it('B-loc-007 reads directory/LANG/LC_MESSAGES/DOMAIN.mo, and chooses plurals by the rule of the catalog', () => {
    loadGettextTranslations(temporaryFiles({ 'fr_FR/LC_MESSAGES/chat.mo': french }), 'chat')
    const locale = get('fr-fr')
    expect(locale).toBeInstanceOf(GettextLocale)
    expect(locale.code).toBe('fr_FR')
    expect(locale.translate('school')).toBe('école')
    expect(locale.translate('college')).toBe('college')
    const rooms = ['%(n)d room', '%(n)d rooms'] as const
    expect([0, 1, 2].map((count) => locale.translate(...rooms, count))).toEqual([
      '%(n)d salle',
      '%(n)d salle',
      '%(n)d salles',
    ])
    expect([0, 1, 2].map((count) => locale.translate('cat', 'cats', count))).toEqual(['cats', 'cat', 'cats'])
    expect(locale.translate('%(n)d room')).toBe('%(n)d salle')
    expect(locale.translate('')).toBe('')
    expect(() => locale.translate('cat', 'cats', undefined)).toThrow(TypeError)
  })

  it('B-loc-008 finds messages by their context, and else plurals without it', () => {
    loadGettextTranslations(temporaryFiles({ 'fr/LC_MESSAGES/chat.mo': french }), 'chat')
    const locale = get('fr')
    expect(locale.pgettext('law', 'right')).toBe('droit')
    expect(locale.pgettext('good', 'right')).toBe('le bien')
    expect(locale.pgettext('side', 'right')).toBe('right')
    expect(locale.pgettext('any', 'school')).toBe('school')
    expect(locale.pgettext('organization', 'club', 'clubs', 1)).toBe('le club')
    expect(locale.pgettext('organization', 'club', 'clubs', 7)).toBe('les clubs')
    expect(locale.pgettext('stick', 'club', 'clubs', 7)).toBe('les bâtons')
    expect(locale.pgettext('hotel', '%(n)d room', '%(n)d rooms', 2)).toBe('%(n)d salles')
    expect(locale.pgettext('hotel', 'cat', 'cats', 2)).toBe('cats')
    expect(() => locale.pgettext('law', 'right', 'rights', undefined)).toThrow(TypeError)
  })

  it('B-loc-007 skips other domains, and looks up in the language what a country does not have', () => {
    const root = temporaryFiles({
      'fr/LC_MESSAGES/chat.mo': french,
      'fr_CA/LC_MESSAGES/chat.mo': encodeMo({ school: 'escole', '%(n)d room\0%(n)d rooms': '' }),
      'de/LC_MESSAGES/other.mo': french,
      'es/chat.mo': french,
      README: 'not a folder',
    })
    loadGettextTranslations(root, 'chat')
    expect([...getSupportedLocales()].toSorted()).toEqual(['en_US', 'fr', 'fr_CA'])
    const locale = get('fr_CA')
    expect(locale.translate('school')).toBe('escole')
    expect(locale.pgettext('law', 'right')).toBe('droit')
    expect(locale.translate('%(n)d room', '%(n)d rooms', 2)).toBe('%(n)d salles')
  })

  it('reads the .po file where there is no .mo file', () => {
    const root = temporaryFiles({
      'de/LC_MESSAGES/chat.po': po,
      'fr/LC_MESSAGES/chat.mo': french,
      'fr/LC_MESSAGES/chat.po': po,
    })
    loadGettextTranslations(root, 'chat')
    expect(get('de').translate('school')).toBe('Schule')
    expect(get('fr').translate('school')).toBe('école')
  })

  it('warns of a domain of which there is nothing, the name being a slip perhaps', () => {
    const root = temporaryFiles({ 'fr/LC_MESSAGES/chat.mo': french })
    using log = expectLog(genLog, /^No translations of the domain "chta" in /, { level: 'warning' })
    loadGettextTranslations(root, 'chta')
    expect(log.matched).toBe(1)
    expect([...getSupportedLocales()]).toEqual(['en_US'])
  })

  it('logs and skips what cannot be read', () => {
    const root = temporaryFiles({
      'de/LC_MESSAGES/chat.mo': french.subarray(0, 100),
      'es/LC_MESSAGES/chat.po': 'msgid "a"\nmsgstr[0] "b"\n',
      'fr/LC_MESSAGES/chat.mo': french,
    })
    using log = expectLog(genLog, /Cannot load translation/)
    loadGettextTranslations(root, 'chat')
    expect(log.records.map((record) => [record.level, String(record.message).replaceAll(root, '.')])).toEqual(
      [
        ['error', expect.stringMatching(/"de": .*chat\.mo: .* lies beyond the \.mo file/)],
        ['error', expect.stringMatching(/"es": .*chat\.po line 2: Misplaced msgstr/)],
      ],
    )
    expect([...getSupportedLocales()].toSorted()).toEqual(['en_US', 'fr'])
    expect(() => loadGettextTranslations(`${root}/none`, 'chat')).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    )
  })
})

describe('load', () => {
  it('reads what the directory holds', () => {
    load(temporaryFiles({ 'fr.csv': 'school,école' }))
    expect(get('fr').translate('school')).toBe('école')
    load(temporaryFiles({ 'de/LC_MESSAGES/chat.po': po, 'fr.csv': 'a,b' }))
    expect([...getSupportedLocales()].toSorted()).toEqual(['de', 'en_US'])
    load(temporaryFiles({ 'fr.csv': Buffer.from('school,école', 'latin1') }), { encoding: 'latin1' })
    expect(get('fr').translate('school')).toBe('école')
  })

  it('needs the domain if there are several', () => {
    const root = temporaryFiles({ 'de/LC_MESSAGES/chat.po': po, 'fr/LC_MESSAGES/mail.mo': french })
    expect(() => load(root)).toThrow('Cannot choose a gettext domain: there are chat, mail')
    load(root, { domain: 'mail' })
    expect([...getSupportedLocales()].toSorted()).toEqual(['en_US', 'fr'])
    expect(() => load(temporaryFiles({ 'de/LC_MESSAGES/notes.txt': '' }))).toThrow(/there are none$/)
  })
})

import { describe, expect, it } from 'vitest'
import { expectLinearTime } from '../../../../scripts/vitest/linear-time.ts'
import { TranslationFileError } from '../errors.ts'
import { parsePo } from './parse-po.ts'

const header = String.raw`msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=3; plural=n>2?2:n;\n"
`

describe('parsePo', () => {
  it('reads messages, contexts and plurals', () => {
    const catalog = parsePo(String.raw`# A translation.
#, fuzzy
${header}
#. for translators
#: rooms.ts:7
msgid "school"
msgstr "école"

msgctxt "law"
msgid "right"
msgstr "droit"
msgid "no empty line between"
msgstr ""
"on "
"two lines"

#, c-format
msgid "club"
msgid_plural "clubs"
msgstr[0] "le club"
msgstr[1] "les clubs"
msgstr[2] "des "
"clubs"
`)
    expect([...catalog.messages]).toEqual([
      ['school', 'école'],
      ['law\u0004right', 'droit'],
      ['no empty line between', 'on two lines'],
    ])
    expect([...catalog.plurals]).toEqual([['club', ['le club', 'les clubs', 'des clubs']]])
    expect([0, 1, 5].map((count) => catalog.pluralForm(count))).toEqual([0, 1, 2])
    expect(catalog.headers.get('content-type')).toBe('text/plain; charset=UTF-8')
  })

  it('leaves out what is fuzzy, obsolete or not translated', () => {
    const catalog = parsePo(String.raw`
#, fuzzy, c-format
#| msgid "before"
msgid "a"
msgstr "x"

msgid "b"
msgstr ""

#~ msgid "c"
#~ msgstr "x"

msgid "d"
msgid_plural "ds"
msgstr[0] ""
msgstr[1] ""

#, c-format
msgid "e"
msgstr "E"
`)
    expect([...catalog.messages]).toEqual([['e', 'E']])
    expect(catalog.plurals.size).toBe(0)
  })

  it('undoes the escapes of C', () => {
    const { messages } = parsePo(String.raw`msgid "a\tb\\n\"q\""
msgstr "\n\r\v\f\b\a\x41\101\?"`)
    expect([...messages]).toEqual([['a\tb\\n"q"', '\n\r\v\f\b\u0007AA?']])
  })

  it('reads bytes in the charset that the header names, any line ends, and a byte order mark', () => {
    const latin = Buffer.from(`${header.replace('UTF-8', 'ISO-8859-1')}\nmsgid "é"\nmsgstr "à"\n`, 'latin1')
    expect(parsePo(latin).messages.get('é')).toBe('à')
    const windows = Buffer.from(`\uFEFF${header}\nmsgid "é"\nmsgstr "à"`.replaceAll('\n', '\r\n'))
    expect(parsePo(windows).messages.get('é')).toBe('à')
    expect(() => parsePo(Buffer.from([0x23, 0xff]))).toThrow('Cannot decode 2 bytes as utf-8')
    expect(() => parsePo(header.replace('n>2?2:n', 'eval(1)'))).toThrow(/^line 1: Cannot parse the plural/)
  })

  it.each<[string, string]>([
    ['hello', 'line 1: Cannot read "hello"'],
    ['msgid school', 'line 1: Cannot read "msgid school"'],
    ['msgid[0] "a"', 'line 1: Cannot read'],
    ['msgidx "a"', 'line 1: Cannot read'],
    ['"alone"', 'line 1: Text that belongs to no message'],
    ['msgstr "a"', 'line 1: Misplaced msgstr'],
    ['msgid "a"\nmsgstr "b"\nmsgstr "c"', 'line 3: Misplaced msgstr'],
    ['msgid "a"\nmsgid_plural "b"\nmsgstr "c"', 'line 3: Misplaced msgstr'],
    ['msgid "a"\nmsgid_plural "b"\nmsgstr[1] "c"', 'line 3: Misplaced msgstr'],
    ['msgid "a"\nmsgstr[0] "c"', 'line 2: Misplaced msgstr'],
    ['msgid "a"\nmsgstr "c"\nmsgid_plural "b"', 'line 3: Misplaced msgid_plural'],
    ['\nmsgid "a"', 'line 2: Message without msgid or msgstr'],
    ['msgctxt "a"\nmsgctxt "b"', 'line 1: Message without msgid or msgstr'],
    ['msgid "a', 'line 1: Text without its quotes'],
    ['msgid "a" b"', 'line 1: Text without its quotes'],
    ['msgid "a\\"', 'line 1: Text without its quotes'],
    ['msgid "\\q"', 'line 1: Unknown escape \\q'],
    ['msgid "\\xff"', 'line 1: Unknown escape \\xff'],
    ['msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"', 'line 4: Message "a" stands here again'],
    ['msgid ""\nmsgstr "b"\n\nmsgid ""\nmsgstr "c"', 'line 4: Second header'],
  ])('says what is wrong with %j', (text, message) => {
    expect(() => parsePo(text)).toThrow(message)
    expect(() => parsePo(text)).toThrow(TranslationFileError)
  })

  it('takes time in proportion to the text', () => {
    for (const part of ['"', '\\', '""\n', '#\n', 'msgid "a\\', 'msgid "" ', ' ', '#,', 'msgstr[']) {
      expectLinearTime(part, (text) => {
        expect(() => parsePo(`msgid "${text}`)).toThrow(TranslationFileError)
      })
    }
  })
})

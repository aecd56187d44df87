import {
  jsonEncode,
  linkify,
  type LinkifyOptions,
  squeeze,
  urlEscape,
  urlUnescape,
  xhtmlEscape,
  xhtmlUnescape,
} from '@tornado-ts/escape'
import { describe, expect, it } from 'vitest'
import { pythonTornadoVersion, runPython } from './python.ts'

const count = 10_000

/** A small generator, so that a failure can be repeated. */
let state = 20261123
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
  return (state >>> 8) % below
}

const marks = '& < > " \' ( ) [ ] { } . , ; : ! ? / \\ - _ ~ + % = # @ $ * | ^'
const pieces = [
  ...marks.split(' '),
  ...'http:// https:// HTTP:// ftp:// javascript: www. example.com /path ?a=b&c=d #top %20'.split(' '),
  ...'&amp; &lt; &#39; &#x27; &quot; &copy; &notit &# &#x; </ <!-- <script>'.split(' '),
  ...'a Z 7 é ß 日 😀 word'.split(' '),
  ...' /\t/\r/\n/\0/\u0001/\u001f/\u007f/\u0085/\u00a0/\u0130/\u200d/\u2028/\u2029/\uFEFF/\uFFFD'.split('/'),
  'a longer piece of text',
]

/** Letters and signs that both languages' tables of Unicode, of different ages, know. */
const ranges = [
  [0x20, 0x250],
  [0x3b1, 0x3ca],
  [0x4e00, 0x9fa6],
  [0x1f600, 0x1f640],
] as const

function randomText(): string {
  const parts = Array.from({ length: random(14) }, () => {
    if (random(8) > 0) return pieces[random(pieces.length)] ?? ''
    const [start, end] = ranges[random(ranges.length)] ?? ranges[0]
    return String.fromCodePoint(start + random(end - start))
  })
  return parts.join('')
}

const texts = Array.from({ length: count }, randomText)

/** Tornado before 6.4 writes another reference for the same character. */
const withNewReference = (text: string): string => text.replaceAll('&#39;', '&#x27;')

/** The differences between their texts and ours, those first found. */
function differences(theirs: unknown, ours: (text: string) => unknown): unknown[] {
  const list = theirs as unknown[]
  expect(list).toHaveLength(count)
  return texts
    .map((text, index) => ({ text, theirs: list[index], ours: ours(text) }))
    .filter((each) => each.theirs !== each.ours)
    .slice(0, 5)
}

function python(expression: string): unknown {
  return runPython(`from tornado.escape import *\nresult = [${expression} for text in given]`, texts)
}

describe.skipIf(pythonTornadoVersion === null)(
  'escape functions and Python Tornado (python3-tornado)',
  () => {
    it(`xhtmlEscape writes the same for ${count} random texts`, () => {
      const theirs = python(`xhtml_escape(text).replace('&#39;', '&#x27;')`)
      expect(differences(theirs, xhtmlEscape)).toEqual([])
    })

    it(`xhtmlUnescape reads what the other wrote, for ${count} random texts`, () => {
      const written = python('xhtml_escape(text)') as string[]
      expect(written.map((each) => xhtmlUnescape(each))).toEqual(texts)
      const read = runPython(
        'from tornado.escape import *\nresult = [xhtml_unescape(text) for text in given]',
        texts.map(xhtmlEscape),
      )
      expect(read).toEqual(texts)
    })

    it(`urlEscape writes the same for ${count} random texts`, () => {
      expect(differences(python('url_escape(text)'), (text) => urlEscape(text))).toEqual([])
      expect(
        differences(python('url_escape(text, plus=False)'), (text) => urlEscape(text, { plus: false })),
      ).toEqual([])
    })

    it(`urlUnescape reads the same from ${count} random texts`, () => {
      expect(differences(python('url_unescape(text)'), (text) => urlUnescape(text))).toEqual([])
      expect(
        differences(python('url_unescape(text, plus=False)'), (text) => urlUnescape(text, { plus: false })),
      ).toEqual([])
    })

    it(`jsonEncode writes the same for ${count} random texts, and what both escape in scripts besides`, () => {
      // These two are safe in scripts here alone: B-esc-003.
      const safer = String.raw`re.sub(r'(?i)<(?=!--|script)', r'\\u003c', json_encode(text))`
      const theirs = runPython(
        `import re\nfrom tornado.escape import *\nresult = [${safer} for text in given]`,
        texts,
      )
      expect(differences(theirs, (text) => jsonEncode(text, { ascii: true }))).toEqual([])
    })

    it(`squeeze writes the same for ${count} random texts`, () => {
      expect(differences(python('squeeze(text)'), squeeze)).toEqual([])
    })

    it.each<[string, LinkifyOptions]>([
      ['', {}],
      [', shorten=True', { shorten: true }],
      [', require_protocol=True', { requireProtocol: true }],
      [', extra_params="rel=nofollow"', { extraParams: 'rel=nofollow' }],
      [', permitted_protocols=["http", "ftp"]', { permittedProtocols: ['http', 'ftp'] }],
    ])(`linkify(text%s) writes the same for ${count} random texts`, (keywords, options) => {
      const theirs = (python(`linkify(text${keywords})`) as string[]).map(withNewReference)
      expect(differences(theirs, (text) => withNewReference(linkify(text, options)))).toEqual([])
    })
  },
)

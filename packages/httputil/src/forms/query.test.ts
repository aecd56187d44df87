import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HTTPInputError } from '../errors.ts'
import { decodeUtf8, parseQueryArguments, qsToQsl, rawBytes } from './query.ts'

function entries(text: string): [string, string[]][] {
  return [...parseQueryArguments(text)]
}

describe('parseQueryArguments', () => {
  it.each([
    ['', []],
    ['a=1', [['a', ['1']]]],
    [
      'a=1&b=2&a=3',
      [
        ['a', ['1', '3']],
        ['b', ['2']],
      ],
    ],
    ['a', [['a', ['']]]],
    ['a=', [['a', ['']]]],
    ['=x', [['', ['x']]]],
    ['=', [['', ['']]]],
    [
      'a&b=1',
      [
        ['a', ['']],
        ['b', ['1']],
      ],
    ],
    ['a=b=c', [['a', ['b=c']]]],
    ['&&a=1&&', [['a', ['1']]]],
    ['a+b=c+d', [['a b', ['c d']]]],
    ['a%3Db=%26%2B', [['a=b', ['&+']]]],
    ['a=%', [['a', ['%']]]],
    ['a=%zz%4', [['a', ['%zz%4']]]],
    ['a=%%41%4', [['a', ['%A%4']]]],
    ['a=%2541', [['a', ['%41']]]],
    ['a=%c3%a9%C3%A9', [['a', ['\xc3\xa9\xc3\xa9']]]],
    ['a[b][c]=1', [['a[b][c]', ['1']]]],
  ] as const)('parses %j', (text, expected) => {
    expect(entries(text)).toEqual(expected)
  })

  it('splits on & alone: ; is data', () => {
    expect(entries('a=1;b=2')).toEqual([['a', ['1;b=2']]])
  })

  it('decodes names as UTF-8, and keeps those that are not', () => {
    expect(entries('%C3%A9=1&%FF=2')).toEqual([
      ['é', ['1']],
      ['\xff', ['2']],
    ])
  })

  it('takes raw bytes beyond ASCII, and text beyond U+00FF as UTF-8', () => {
    expect(entries('a=\xc3\xa9')).toEqual([['a', ['\xc3\xa9']]])
    expect(decodeUtf8(parseQueryArguments('a=\u20ac%20').get('a')![0]!)).toBe('€ ')
  })

  it('adds to what is there', () => {
    const into = parseQueryArguments('a=1&b=2')
    expect(parseQueryArguments('a=3', into)).toBe(into)
    expect([...into]).toEqual([
      ['a', ['1', '3']],
      ['b', ['2']],
    ])
  })

  it('takes 1000 fields and refuses 1001, empty ones counted', () => {
    const fields = Array.from({ length: 1000 }, (_, n) => `f${n}=1`).join('&')
    expect(parseQueryArguments(fields).size).toBe(1000)
    expect(() => parseQueryArguments(`${fields}&x=1`)).toThrow(HTTPInputError)
    expect(() => parseQueryArguments('&'.repeat(1000))).toThrow('Too many fields')
    expect(parseQueryArguments('&'.repeat(999)).size).toBe(0)
    expect(() => parseQueryArguments('a&b&c', new Map(), { maxFields: 2 })).toThrow('more than 2')
  })

  it('cannot reach a prototype', () => {
    const text =
      '__proto__=1&__proto__[x]=2&constructor[prototype][y]=3&constructor=4&hasOwnProperty=5&toString=6'
    const parsed = parseQueryArguments(text)
    expect(Object.fromEntries([...parsed].map(([name, values]) => [`=${name}`, values[0]]))).toEqual({
      '=__proto__': '1',
      '=__proto__[x]': '2',
      '=constructor[prototype][y]': '3',
      '=constructor': '4',
      '=hasOwnProperty': '5',
      '=toString': '6',
    })
    const plain: Record<string, unknown> = {}
    expect([plain['x'], plain['y']]).toEqual([undefined, undefined])
  })

  it('gives back every list of fields that URLSearchParams writes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })), {
          maxLength: 20,
        }),
        (fields) => {
          const wanted = new Map<string, string[]>()
          for (const [name, value] of fields) wanted.set(name, [...(wanted.get(name) ?? []), value])
          // A field that is empty altogether is written as `=`, which is kept.
          const parsed = parseQueryArguments(new URLSearchParams(fields).toString())
          expect([...parsed].map(([name, values]) => [name, values.map(decodeUtf8)])).toEqual([...wanted])
        },
      ),
    )
  })

  it('throws nothing but HTTPInputError on any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('%', '&', '=', '+', 'a', '4', '\xff', '\0', '€'), maxLength: 60 }),
        (text) => {
          const parsed = parseQueryArguments(text)
          for (const values of parsed.values())
            for (const value of values) expect(rawBytes(value).length).toBe(value.length)
        },
      ),
    )
  })
})

describe('decodeUtf8', () => {
  it('decodes UTF-8 and keeps ASCII and a byte order mark', () => {
    expect(decodeUtf8('plain')).toBe('plain')
    expect(decodeUtf8('\xe2\x82\xac')).toBe('€')
    expect(decodeUtf8('\xef\xbb\xbfa')).toBe('\ufeffa')
    expect(decodeUtf8('\xf0\x9f\x8c\xaa')).toBe('🌪')
  })

  it.each([
    ['a lone byte', '\xe9'],
    ['an overlong form', '\xc0\xaf'],
    ['a surrogate', '\xed\xa0\x80'],
    ['a cut character', 'abc\xe2\x82'],
    ['a value past U+10FFFF', '\xf4\x90\x80\x80'],
  ])('refuses %s', (_, value) => {
    expect(() => decodeUtf8(value)).toThrow(HTTPInputError)
  })

  it('leaves the bytes within reach', () => {
    expect([...rawBytes('\xff\0a')]).toEqual([255, 0, 97])
  })
})

describe('qsToQsl', () => {
  it('flattens maps and objects in order', () => {
    const pairs = [
      ['a', '1'],
      ['a', '2'],
      ['b', ''],
    ]
    expect([...qsToQsl(parseQueryArguments('a=1&a=2&b='))]).toEqual(pairs)
    expect([...qsToQsl({ a: ['1', '2'], b: [''] })]).toEqual(pairs)
  })
})

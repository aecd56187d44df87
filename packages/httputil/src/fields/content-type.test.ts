import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHeaderParameters, parseMediaType } from './content-type.ts'

function parameters(text: string): Record<string, string> {
  return Object.fromEntries(parseHeaderParameters(text).parameters)
}

describe('parseHeaderParameters', () => {
  it.each([
    ['form-data; name="a"; filename=b', { name: 'a', filename: 'b' }],
    ['form-data;name=a;filename="b;c"', { name: 'a', filename: 'b;c' }],
    ['form-data ; NAME = "a" ', { name: 'a' }],
    [
      String.raw`x; a="q\"u\\o"; b="C:\dir\file.txt"`,
      { a: String.raw`q"u\o`, b: String.raw`C:\dir\file.txt` },
    ],
    [String.raw`x; a="\";\""; b=1`, { a: '";"', b: '1' }],
    ['x; a="open; b=1', { a: '"open; b=1' }],
    ['x; a=b"c;d"e; f=1', { a: 'b"c;d"e', f: '1' }],
    ['x; a=', { a: '' }],
    ['x; a=""', { a: '' }],
    ['x;;; a=1;', { a: '1' }],
    ['x; =1', { '': '1' }],
    ['x; a="=;"; b=2', { a: '=;', b: '2' }],
  ])('parses %j', (text, expected) => {
    expect(parameters(text)).toEqual(expected)
  })

  it('B-httputil-018 takes semicolons in quotes as data and drops parameters without =', () => {
    expect(parameters('form-data; flag; name="a;b;c"; other')).toEqual({ name: 'a;b;c' })
  })

  it('takes the first of a parameter given twice, and tells', () => {
    const { parameters: found, duplicates } = parseHeaderParameters('x; a=1; A=2; b=3')
    expect([[...found], [...duplicates]]).toEqual([
      [
        ['a', '1'],
        ['b', '3'],
      ],
      ['a'],
    ])
  })

  it('keeps names of object members apart from objects', () => {
    expect([...parseHeaderParameters('x; __proto__=1; constructor=2; toString=3').parameters]).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
      ['tostring', '3'],
    ])
  })

  it('reads back any quoted value', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', ';', '=', ' ', 'a', ',') }), (value) => {
        const quoted = value.replace(/["\\]/g, String.raw`\$&`)
        expect(parameters(`x; a=1; v="${quoted}"; b=2`)).toEqual({ a: '1', v: value, b: '2' })
      }),
    )
  })
})

describe('parseMediaType', () => {
  it('gives the type in lower case and the parameters', () => {
    expect(parseMediaType('Text/HTML; Charset="UTF-8"')).toEqual({
      type: 'text/html',
      parameters: new Map([['charset', 'UTF-8']]),
    })
    expect(parseMediaType(' application/json ')?.type).toBe('application/json')
  })

  it.each([
    '',
    'text',
    'text/',
    '/html',
    'text/html x',
    'text/html\tx',
    'text/html,text/plain',
    'te xt/html',
    'text/h/tml',
    ';charset',
    'é/a',
  ])('answers null to %j', (text) => {
    expect(parseMediaType(text)).toBeNull()
  })
})

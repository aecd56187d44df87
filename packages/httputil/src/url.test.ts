import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeUtf8, parseQueryArguments } from './forms/query.ts'
import { urlConcat, type UrlArguments } from './url.ts'

describe('urlConcat', () => {
  const yz = [
    ['y', 'y'],
    ['z', 'z'],
  ] as const

  it.each<[string, UrlArguments | null, string]>([
    ['https://localhost/path', yz, 'https://localhost/path?y=y&z=z'],
    [
      'https://localhost/path',
      [
        ['y', '/y'],
        ['z', 'z'],
      ],
      'https://localhost/path?y=%2Fy&z=z',
    ],
    ['https://localhost/path?', yz, 'https://localhost/path?y=y&z=z'],
    ['https://localhost/path?x', yz, 'https://localhost/path?x=&y=y&z=z'],
    ['https://localhost/path?x&', yz, 'https://localhost/path?x=&y=y&z=z'],
    ['https://localhost/path?a=1&b=2', yz, 'https://localhost/path?a=1&b=2&y=y&z=z'],
    ['https://localhost/path?r=1&t=2', [], 'https://localhost/path?r=1&t=2'],
    ['https://localhost/path?r=1&t=2', null, 'https://localhost/path?r=1&t=2'],
    ['https://localhost/path?x&a=é#tab', null, 'https://localhost/path?x&a=é#tab'],
    ['https://localhost/path#tab', [['y', 'y']], 'https://localhost/path?y=y#tab'],
    ['https://localhost/path?x#tab?q', [['y', 'y']], 'https://localhost/path?x=&y=y#tab?q'],
    [
      'https://localhost/path',
      [
        ['y', 'y1'],
        ['y', 'y2'],
      ],
      'https://localhost/path?y=y1&y=y2',
    ],
    ['https://localhost/path?r=1&r=2', [['y', 'y']], 'https://localhost/path?r=1&r=2&y=y'],
    ['https://localhost/path?r=1', { y: 'y', n: 2 }, 'https://localhost/path?r=1&y=y&n=2'],
    ['https://localhost/path', new Map([['a b', 'é+&=~']]), 'https://localhost/path?a+b=%C3%A9%2B%26%3D~'],
    ['/p?a=%ff&b=é&c=1;d', {}, '/p?a=%FF&b=%C3%A9&c=1%3Bd'],
    ['?a=1', { b: '2' }, '?a=1&b=2'],
    [
      '',
      [
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ],
      '?__proto__=x&constructor=y',
    ],
    ['/p', { b: '\r\nX: y' }, '/p?b=%0D%0AX%3A+y'],
  ])('B-httputil-019 %j with %j', (url, args, expected) => {
    expect(urlConcat(url, args)).toBe(expected)
  })

  it.each([1, 'a=1', true])('B-httputil-019 refuses %j', (args) => {
    expect(() => urlConcat('/', args as unknown as UrlArguments)).toThrow(TypeError)
  })

  it('adds what parseQueryArguments reads back', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(fc.tuple(text, text), { maxLength: 10 }), (pairs) => {
        const wanted = new Map<string, string[]>([['x', ['1']]])
        for (const [name, value] of pairs) wanted.set(name, [...(wanted.get(name) ?? []), value])
        const url = urlConcat('/path?x=1#end', pairs)
        const query = url.slice('/path?'.length, url.indexOf('#'))
        const parsed = [...parseQueryArguments(query)]
        expect(parsed.map(([name, values]) => [name, values.map(decodeUtf8)])).toEqual([...wanted])
      }),
    )
  })
})

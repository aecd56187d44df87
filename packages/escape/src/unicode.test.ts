import { describe, expect, it } from 'vitest'
import { UnicodeDecodeError } from './errors.ts'
import { recursiveUnicode } from './recursive-unicode.ts'
import { squeeze } from './squeeze.ts'
import { nativeStr, toBasestring, toUnicode, utf8 } from './unicode.ts'

describe('utf8 and toUnicode', () => {
  it('B-esc-010 turn text into UTF-8 and back', () => {
    for (const text of ['', 'a', 'é日😀', '\0', '\ufeffx']) {
      expect(toUnicode(utf8(text))).toBe(text)
    }
    expect(Array.from(utf8('é'))).toEqual([0xc3, 0xa9])
    expect(Array.from(utf8('\ud800'))).toEqual([0xef, 0xbf, 0xbd])
    expect([nativeStr(utf8('é')), toBasestring(utf8('é'))]).toEqual(['é', 'é'])
  })

  it('B-esc-010 pass their own type and nothing through', () => {
    const bytes = Uint8Array.of(0xff)
    expect(utf8(bytes)).toBe(bytes)
    expect(toUnicode('é')).toBe('é')
    expect([utf8(null), toUnicode(null), utf8(undefined), toUnicode(undefined)]).toEqual([
      null,
      null,
      undefined,
      undefined,
    ])
  })

  it.each([1, true, {}, [], new ArrayBuffer(1)])('B-esc-010 refuse %j', (value) => {
    // @ts-expect-error a JavaScript caller
    expect(() => utf8(value)).toThrow(TypeError)
    // @ts-expect-error a JavaScript caller
    expect(() => toUnicode(value)).toThrow(TypeError)
  })

  it.each([[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0x61, 0x80]])(
    'toUnicode refuses the bytes %j',
    (...bytes) => {
      const invalid = Uint8Array.from(bytes)
      expect(() => toUnicode(invalid)).toThrow(UnicodeDecodeError)
      expect(() => toUnicode(invalid)).toThrow(
        expect.objectContaining({
          name: 'UnicodeDecodeError',
          message: `Cannot decode ${bytes.length} bytes as UTF-8`,
        }),
      )
    },
  )
})

describe('recursiveUnicode', () => {
  it('B-esc-011 decodes in objects, arrays, maps and their keys, and sets', () => {
    const bytes = utf8('é')
    expect(recursiveUnicode(bytes)).toBe('é')
    expect(recursiveUnicode({ a: bytes, b: [bytes, { c: bytes }], d: 1, e: null })).toEqual({
      a: 'é',
      b: ['é', { c: 'é' }],
      d: 1,
      e: null,
    })
    expect(recursiveUnicode(new Map([[bytes, [bytes]]]))).toEqual(new Map([['é', ['é']]]))
    expect(recursiveUnicode(new Set([bytes, 2]))).toEqual(new Set(['é', 2]))
  })

  it('keeps everything else, and the original as it is', () => {
    const date = new Date(0)
    const original = { list: [utf8('a'), date] }
    const copy = recursiveUnicode(original)
    expect(copy).toEqual({ list: ['a', date] })
    expect(original.list[0]).toBeInstanceOf(Uint8Array)
    expect((copy as typeof original).list[1]).toBe(date)
  })

  it('takes cycles, great depth, and keys that objects treat specially', () => {
    const round: unknown[] = [utf8('x')]
    round.push(round)
    const copy = recursiveUnicode(round) as unknown[]
    expect(copy[0]).toBe('x')
    expect(copy[1]).toBe(copy)

    let deep: unknown = utf8('end')
    for (let level = 0; level < 200_000; level++) deep = level % 2 === 0 ? [deep] : { deep }
    let found = recursiveUnicode(deep)
    while (typeof found === 'object') found = Object.values(found ?? {})[0]
    expect(found).toBe('end')

    const hostile: unknown = JSON.parse('{"__proto__": {"admin": true}}')
    const safe = recursiveUnicode(hostile) as { admin?: boolean }
    expect(safe.admin).toBeUndefined()
    expect(Object.getPrototypeOf(safe)).toBe(Object.prototype)
    expect(Object.keys(safe)).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(recursiveUnicode(Object.create(null)))).toBeNull()
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(() => recursiveUnicode({ a: [Uint8Array.of(0xff)] })).toThrow(UnicodeDecodeError)
  })
})

describe('squeeze', () => {
  it.each([
    ['  a \t\r\n b\0\x1fc  ', 'a b c'],
    ['', ''],
    [' \n ', ''],
    ['a', 'a'],
    ['\xa0a\u3000b\u2028', 'a\u3000b'],
    ['\x85a\ufeff', 'a\ufeff'],
  ])('B-esc-007 makes %j into %j', (text, expected) => {
    expect(squeeze(text)).toBe(expected)
  })

  it('B-esc-007 takes exactly U+0000 to U+0020 for space within the text', () => {
    for (let code = 0; code < 0x100; code++) {
      const character = String.fromCharCode(code)
      expect(squeeze(`a${character}${character}b`)).toBe(code <= 0x20 ? 'a b' : `a${character}${character}b`)
    }
  })
})

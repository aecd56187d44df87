import { describe, expect, it } from 'vitest'
import { UnicodeDecodeError } from './errors.ts'
import { urlEscape, urlUnescape } from './url-escape.ts'

describe('urlEscape', () => {
  it.each([
    ['a b/c', 'a+b%2Fc', 'a%20b/c'],
    ['a+b%', 'a%2Bb%25', 'a%2Bb%25'],
    ['é 日', '%C3%A9+%E6%97%A5', '%C3%A9%20%E6%97%A5'],
    ['😀', '%F0%9F%98%80', '%F0%9F%98%80'],
    ['AZaz09_.-~', 'AZaz09_.-~', 'AZaz09_.-~'],
    [
      "!*'();:@&=$,?#[]",
      '%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D',
      '%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D',
    ],
    ['\r\n\0', '%0D%0A%00', '%0D%0A%00'],
    ['', '', ''],
  ])('B-esc-004 writes %j as %j in plus mode, else as %j', (text, plus, path) => {
    expect(urlEscape(text)).toBe(plus)
    expect(urlEscape(text, { plus: false })).toBe(path)
    expect(urlEscape(Buffer.from(text))).toBe(plus)
    expect(urlEscape(Buffer.from(text), { plus: false })).toBe(path)
    expect(urlUnescape(plus)).toBe(text)
    expect(urlUnescape(path, { plus: false })).toBe(text)
  })

  it('B-esc-004 leaves letters, digits and _ . - ~ alone, of all bytes', () => {
    const kept = Array.from({ length: 256 }, (_, byte) => urlEscape(Uint8Array.of(byte))).filter(
      (text) => text.length === 1,
    )
    expect(kept.join('')).toBe('+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz~')
  })

  it('takes any bytes, and halves of surrogate pairs', () => {
    expect(urlEscape(Uint8Array.of(0xff, 0x20, 0x2f), { plus: false })).toBe('%FF%20/')
    expect(urlEscape('\ud800')).toBe('%EF%BF%BD')
  })
})

describe('urlUnescape', () => {
  it('turns + into a space only in plus mode', () => {
    expect(urlUnescape('a+b%2Bc')).toBe('a b+c')
    expect(urlUnescape('a+b%2Bc', { plus: false })).toBe('a+b+c')
  })

  it.each([
    ['%', '%'],
    ['%4', '%4'],
    ['%zz%41', '%zzA'],
    ['%%41', '%A'],
    ['%c3%A9', 'é'],
    ['%c3', '\ufffd'],
    ['%c3é%a9', '\ufffdé\ufffd'],
    ['%c0%af', '\ufffd\ufffd'],
    ['%ed%a0%80', '\ufffd\ufffd\ufffd'],
    ['é%41', 'éA'],
    ['%EF%BB%BFx', '\ufeffx'],
    ['%zz%EF%BB%BFx', '%zz\ufeffx'],
  ])('resolves %j to %j', (text, expected) => {
    expect(urlUnescape(text)).toBe(expected)
    expect(urlUnescape(Buffer.from(text))).toBe(expected)
  })

  it('B-esc-005 gives bytes with encoding null', () => {
    expect(urlUnescape('%ff+%C3é%zz', { encoding: null })).toEqual(
      Uint8Array.of(0xff, 0x20, 0xc3, 0xc3, 0xa9, 0x25, 0x7a, 0x7a),
    )
    expect(urlUnescape('a+b', { encoding: null, plus: false })).toEqual(Uint8Array.from(Buffer.from('a+b')))
    const bytes = Uint8Array.of(0x61, 0xff)
    const copy = urlUnescape(bytes, { encoding: null })
    expect(copy).toEqual(bytes)
    expect(copy).not.toBe(bytes)
  })

  it('decodes other encodings', () => {
    expect(urlUnescape('%e9+%80', { encoding: 'latin1' })).toBe('é \x80')
    expect(urlUnescape('%80', { encoding: 'windows-1252' })).toBe('€')
    expect(urlUnescape('%83A', { encoding: 'shift_jis' })).toBe('ア')
    expect(() => urlUnescape('a', { encoding: 'klingon' })).toThrow(RangeError)
  })

  it('refuses bytes that are not UTF-8 before anything is resolved', () => {
    expect(() => urlUnescape(Uint8Array.of(0xff))).toThrow(new UnicodeDecodeError(1))
  })

  it('undoes urlEscape for any text', () => {
    let seed = 42
    const next = (limit: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return seed % limit
    }
    for (let round = 0; round < 2000; round++) {
      const text = Array.from({ length: next(20) }, () =>
        String.fromCodePoint(next(2) === 0 ? next(128) : next(0xd800)),
      )
      const whole = text.join('')
      expect(urlUnescape(urlEscape(whole))).toBe(whole)
      expect(urlUnescape(urlEscape(whole, { plus: false }), { plus: false })).toBe(whole)
    }
  })
})

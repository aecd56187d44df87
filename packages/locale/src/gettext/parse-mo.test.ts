import { describe, expect, it } from 'vitest'
import { encodeMo } from '../../fixtures/encode-mo.ts'
import { TranslationFileError } from '../errors.ts'
import { parseMo } from './parse-mo.ts'

const header =
  'Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=3; plural=n>2?2:n;\nX-A: one\n two\n'
const entries = {
  '': header,
  school: 'école',
  'law\u0004right': 'droit',
  'club\0clubs': 'le club\0les clubs\0des clubs',
  untranslated: '',
  __proto__x: 'y',
}

describe('parseMo', () => {
  it('reads messages, contexts, plurals and the header, of either byte order', () => {
    for (const isLittle of [true, false]) {
      for (const version of [0, 1, 0x10000]) {
        const catalog = parseMo(encodeMo(entries, { isLittle, version }))
        expect([...catalog.messages]).toEqual([
          ['school', 'école'],
          ['law\u0004right', 'droit'],
          ['__proto__x', 'y'],
        ])
        expect([...catalog.plurals]).toEqual([['club', ['le club', 'les clubs', 'des clubs']]])
        expect([0, 1, 2, 9].map((count) => catalog.pluralForm(count))).toEqual([0, 1, 2, 2])
        expect(catalog.headers.get('x-a')).toBe('one\ntwo')
        expect(catalog.headers.get('content-type')).toBe('text/plain; charset=UTF-8')
      }
    }
  })

  it('reads a part of a larger buffer', () => {
    const bytes = encodeMo({ a: 'b' })
    const larger = Buffer.concat([Buffer.from('xyz'), bytes, Buffer.from('xyz')])
    expect(parseMo(larger.subarray(3, 3 + bytes.length)).messages.get('a')).toBe('b')
  })

  it('decodes the charset of the header, UTF-8 without one', () => {
    const latin = { '': 'Content-Type: text/plain; charset=ISO-8859-1\n', é: 'à' }
    expect(parseMo(encodeMo(latin, { charset: 'latin1' })).messages.get('é')).toBe('à')
    expect(parseMo(encodeMo({ é: 'à' })).messages.get('é')).toBe('à')
    expect(
      parseMo(encodeMo({ '': 'Content-Type: text/plain; charset=CHARSET\n', a: 'à' })).messages.get('a'),
    ).toBe('à')
    const unknown = { '': 'Content-Type: text/plain; charset=klingon\n', a: 'b' }
    expect(() => parseMo(encodeMo(unknown))).toThrow('Unknown encoding "klingon"')
    expect(() => parseMo(encodeMo({ a: 'é' }, { charset: 'latin1' }))).toThrow(
      'Cannot decode 1 bytes as utf-8',
    )
  })

  it('has the plural rule of English without one in the header', () => {
    const { pluralForm } = parseMo(encodeMo({ a: 'b' }))
    expect([0, 1, 2].map((count) => pluralForm(count))).toEqual([1, 0, 1])
    const broken = { '': 'Plural-Forms: nplurals=2; plural=system("rm");\n', a: 'b' }
    expect(() => parseMo(encodeMo(broken))).toThrow(/^Cannot parse the plural expression/)
  })

  it('ends in a clear error wherever the file is cut off', () => {
    const bytes = encodeMo(entries)
    for (let size = 0; size < bytes.length - 1; size++) {
      expect(() => parseMo(bytes.subarray(0, size))).toThrow(TranslationFileError)
    }
  })

  it('ends in a clear error, or reads text, whichever byte is wrong', () => {
    const bytes = encodeMo(entries)
    for (let index = 0; index < bytes.length; index++) {
      for (const wrong of [0x00, 0x7f, 0x80, 0xff]) {
        const damaged = Uint8Array.from(bytes)
        damaged[index] = wrong
        try {
          expect(parseMo(damaged).messages.size).toBeLessThanOrEqual(5)
        } catch (error) {
          expect(error).toBeInstanceOf(TranslationFileError)
        }
      }
    }
  })

  it('refuses what would be many times as large as the file', () => {
    const count = 5000
    const bytes = Buffer.alloc(28 + count * 16 + 50_000, 'a')
    const words = [0x950412de, 0, count, 28, 28 + count * 8]
    words.forEach((word, index) => bytes.writeUInt32LE(word, index * 4))
    for (let index = 0; index < count * 2; index++) {
      bytes.writeUInt32LE(50_000, 28 + index * 8)
      bytes.writeUInt32LE(28 + count * 16, 32 + index * 8)
    }
    expect(() => parseMo(bytes)).toThrow('Strings overlap in the .mo file')
    bytes.writeUInt32LE(0xffffffff, 8)
    expect(() => parseMo(bytes)).toThrow('Table of 4294967295 strings at 28 lies beyond the .mo file')
  })

  it('says what is wrong', () => {
    expect(() => parseMo(Buffer.from('no such file'))).toThrow('Cannot be a .mo file: 12 bytes')
    expect(() => parseMo(Buffer.alloc(100))).toThrow('Cannot be a .mo file: wrong magic')
    expect(() => parseMo(encodeMo({}, { version: 0x20000 }))).toThrow('Cannot read version 2 of .mo files')
  })
})

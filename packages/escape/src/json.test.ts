import { describe, expect, it } from 'vitest'
import { UnicodeDecodeError } from './errors.ts'
import { jsonDecode, jsonEncode } from './json.ts'

describe('jsonEncode', () => {
  it.each<[unknown, string]>([
    ['</script>', String.raw`"<\/script>"`],
    ['</', String.raw`"<\/"`],
    ['<!--<SCRIPT>', String.raw`"\u003c!--\u003cSCRIPT>"`],
    ['<b> & < /', '"<b> & < /"'],
    ['\u2028\u2029', String.raw`"\u2028\u2029"`],
    [{ a: [1, 1.5, true, null, 'é😀'] }, '{"a":[1,1.5,true,null,"é😀"]}'],
    [{ '</script>': 1 }, String.raw`{"<\/script>":1}`],
    [null, 'null'],
  ])('B-esc-003 writes %j so that it may stand in a script', (value, expected) => {
    expect(jsonEncode(value)).toBe(expected)
    expect(jsonDecode(jsonEncode(value))).toEqual(value)
  })

  it('leaves nothing that ends or nests a script, wherever it stands', () => {
    for (const text of [
      '<!-',
      '<!--',
      '<script',
      '</',
      '<<!--',
      '<ScRiPt>',
      '<</script',
      '\\</',
      '\\\\<!--',
      '"</',
    ]) {
      for (const value of [text, [text], { [text]: text }, { deep: [{ text: `a${text}b` }] }]) {
        const json = jsonEncode(value)
        expect(json).not.toMatch(/<\/|<!--|<script/i)
        expect(JSON.parse(json)).toEqual(value)
      }
    }
  })

  it('B-esc-003 writes what is beyond ASCII as escapes if asked', () => {
    expect(jsonEncode(['é😀\x7f\u2028', '</é'], { ascii: true })).toBe(
      String.raw`["\u00e9\ud83d\ude00\u007f\u2028","<\/\u00e9"]`,
    )
  })

  it.each([undefined, () => 1, Symbol('s'), 1n])('refuses %s', (value) => {
    expect(() => jsonEncode(value)).toThrow(TypeError)
  })
})

describe('jsonDecode', () => {
  it('takes text and UTF-8', () => {
    expect(jsonDecode('"é"')).toBe('é')
    expect(jsonDecode(Buffer.from('{"a":"é"}'))).toEqual({ a: 'é' })
  })

  it('refuses what is not JSON, or not UTF-8', () => {
    expect(() => jsonDecode('{')).toThrow(SyntaxError)
    expect(() => jsonDecode('')).toThrow(SyntaxError)
    expect(() => jsonDecode(Uint8Array.of(0x22, 0xff, 0x22))).toThrow(UnicodeDecodeError)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatContentDisposition, formatFormDataDisposition } from './content-disposition.ts'
import { parseHeaderParameters } from './content-type.ts'
import { decodeExtendedValue } from './extended-value.ts'
import { parsePartHead } from '../protocol/part-head.ts'

describe('formatContentDisposition (RFC 6266)', () => {
  it.each([
    ['a.txt', 'attachment; filename="a.txt"'],
    ['a"b;c.txt', String.raw`attachment; filename="a\"b;c.txt"`],
    ['€ rates.txt', `attachment; filename="_ rates.txt"; filename*=UTF-8''%E2%82%AC%20rates.txt`],
    ["100%'(x)*.txt", `attachment; filename="100%'(x)*.txt"; filename*=UTF-8''100%25%27%28x%29%2A.txt`],
    ['../../etc/passwd', 'attachment; filename=".._.._etc_passwd"'],
    [String.raw`C:\x`, 'attachment; filename="C:_x"'],
    ['\ud800', `attachment; filename="_"; filename*=UTF-8''%EF%BF%BD`],
  ])('quotes %j', (filename, expected) => {
    expect(formatContentDisposition('attachment', filename)).toBe(expected)
  })

  it('has no file name unless told', () => {
    expect(formatContentDisposition('inline')).toBe('inline')
  })

  it.each(['a\r\nX: y', 'a\nb', 'a\0b', 'a\x7fb'])('refuses the file name %j', (filename) => {
    expect(() => formatContentDisposition('attachment', filename)).toThrow(TypeError)
    expect(() => formatContentDisposition(`attachment${filename}`)).toThrow(TypeError)
  })

  it('is read back', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((name) => !/[/\\\p{Cc}]/u.test(name)),
        (filename) => {
          const line = formatContentDisposition('attachment', filename)
          expect(/^[ -~]*$/.test(line)).toBe(true)
          const { parameters } = parseHeaderParameters(line)
          const extended = parameters.get('filename*')
          expect(extended === undefined ? parameters.get('filename') : decodeExtendedValue(extended)).toBe(
            filename,
          )
        },
      ),
    )
  })
})

describe('formatFormDataDisposition (RFC 7578 §4.2)', () => {
  it('escapes as browsers do', () => {
    expect(formatFormDataDisposition('a"b\r\nc', 'é.txt')).toBe(
      'form-data; name="a%22b%0D%0Ac"; filename="é.txt"',
    )
  })

  it('refuses empty names and control characters', () => {
    expect(() => formatFormDataDisposition('')).toThrow(TypeError)
    expect(() => formatFormDataDisposition('a\0')).toThrow(TypeError)
    expect(() => formatFormDataDisposition('a', '\x1b')).toThrow(TypeError)
  })

  it('is read back by the multipart parser', () => {
    const name = fc
      .string({
        unit: fc.oneof(
          fc.constantFrom('"', '\r', '\n', ';', '=', ' '),
          fc.string({ unit: 'grapheme', maxLength: 1 }),
        ),
      })
      .filter((text) => text.trim() !== '' && !/[%\\]|[^\P{Cc}\r\n]/u.test(text))
    fc.assert(
      fc.property(name, name, (field, filename) => {
        const head = parsePartHead(
          Buffer.from(`Content-Disposition: ${formatFormDataDisposition(field, filename)}`),
        )
        expect([head.name, head.filename]).toEqual([field, filename])
      }),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HTTPInputError } from '../errors.ts'
import { MultipartDecoder, type MultipartLimits } from './multipart-decoder.ts'

interface Part {
  name: string
  filename: string | null
  content: string
}

/** The parts of a body received in these chunks; the last event must be the end. */
function decode(
  chunks: Iterable<Uint8Array>,
  { boundary = 'B', ...limits }: MultipartLimits & { boundary?: string } = {},
): Part[] {
  const decoder = new MultipartDecoder(boundary, limits)
  const parts: Part[] = []
  const types: string[] = []
  for (const chunk of chunks) {
    decoder.receive(chunk)
    for (let event = decoder.next(); event !== null; event = decoder.next()) {
      if (event.type !== 'data' || types.at(-1) !== 'data') types.push(event.type)
      if (event.type === 'part')
        parts.push({ name: event.head.name, filename: event.head.filename, content: '' })
      if (event.type === 'data') {
        expect(event.chunk.length).toBeGreaterThan(0)
        parts.at(-1)!.content += Buffer.from(event.chunk).toString('latin1')
      }
    }
  }
  decoder.finish()
  const expected = parts.flatMap(({ content }) =>
    content === '' ? ['part', 'partEnd'] : ['part', 'data', 'partEnd'],
  )
  expect(types).toEqual([...expected, 'end'])
  return parts
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

function whole(text: string, limits?: MultipartLimits & { boundary?: string }): Part[] {
  return decode([bytes(text)], limits)
}

function singly(text: string): Uint8Array[] {
  return Array.from(text, bytes)
}

function head(name: string, more = ''): string {
  return `Content-Disposition: form-data; name="${name}"${more}\r\n\r\n`
}

/** Contents that come close to a boundary in every way. */
const nearMisses = [
  '',
  '\r',
  '\n',
  '\r\n',
  '-',
  '--',
  '--B-',
  '--BX',
  '\r\n-',
  '\r\n--',
  '\r\n--BX',
  '\r\n--B-',
  '\r\n--B-X',
  '\r\n--B\r',
  '\r\n--B\rX',
  '\r\n--B \tX',
  '\r\n--B \t\rX',
  '\r\n--B \t-',
  '\n--B\r\n',
  '\r--B--',
  '\r\r\n--b\r\n',
  '\r\n\r\n--A\r\n\r\n',
  `\r\n--B${' '.repeat(66)}\r\n`,
  '\r\n--\r\n--BX',
  '\0\x01\xff'.repeat(10),
]

const body =
  nearMisses
    .map(
      (content, n) => `${n === 0 ? '' : '\r\n'}--B${n % 3 === 0 ? '' : ' \t'}\r\n${head(`f${n}`)}${content}`,
    )
    .join('') + '\r\n--B--'

const parts = nearMisses.map((content, n) => ({ name: `f${n}`, filename: null, content }))

describe('any split gives the same parts', () => {
  it('whole', () => {
    expect(whole(body)).toEqual(parts)
  })

  it('byte by byte, with empty chunks between', () => {
    expect(decode(singly(body).flatMap((byte) => [byte, new Uint8Array(0)]))).toEqual(parts)
  })

  it('every split in two', () => {
    const all = bytes(body)
    for (let at = 0; at <= all.length; at++) {
      expect(decode([all.subarray(0, at), all.subarray(at)])).toEqual(parts)
    }
  })

  it('all chunks before the first event is asked for', () => {
    const decoder = new MultipartDecoder('B')
    for (const byte of singly(body)) decoder.receive(byte)
    let ends = 0
    for (let event = decoder.next(); event !== null; event = decoder.next())
      if (event.type === 'partEnd') ends++
    expect(ends).toBe(parts.length)
    decoder.finish()
  })

  it('any contents in any chunks (property)', () => {
    const delimiter = /(?:^|\r\n)--B(?:--|[ \t]{0,64}\r\n)/
    const content = fc
      .array(fc.constantFrom('\r', '\n', '-', '--', 'B', ' ', '\t', 'x', '\r\n--B', '\r\n--', '\xff'), {
        maxLength: 12,
      })
      .map((units) => units.join(''))
      .filter((text) => delimiter.exec(`${text}\r\n--B\r\n`)!.index === text.length)
    const property = fc.property(
      fc.array(content, { maxLength: 6 }),
      fc.array(fc.nat({ max: 9 }), { maxLength: 60 }),
      (contents, sizes) => {
        const text = `${contents.map((part, n) => `--B\r\n${head(`f${n}`)}${part}\r\n`).join('')}--B--\r\nepilogue`
        const chunks: Uint8Array[] = []
        let rest = bytes(text)
        for (const size of sizes) {
          chunks.push(rest.subarray(0, size))
          rest = rest.subarray(size)
        }
        chunks.push(rest)
        const expected = contents.map((part, n) => ({ name: `f${n}`, filename: null, content: part }))
        expect(decode(chunks)).toEqual(expected)
      },
    )
    expect(() => fc.assert(property, { numRuns: 1000 })).not.toThrow()
  })
})

describe('boundaries (RFC 2046 §5.1.1)', () => {
  const one = (boundary: string, before = '', after = ''): string =>
    `${before}--${boundary}\r\n${head('a')}1\r\n--${boundary}--${after}`

  it.each(['B', "'()+_,-./:=?", 'a b', '--B', '-', '='.repeat(70), '<@>'])('takes %j', (boundary) => {
    expect(whole(one(boundary), { boundary })).toEqual([{ name: 'a', filename: null, content: '1' }])
  })

  it.each(['', ' ', 'B ', 'B'.repeat(71), 'B\r\nX', 'B\0', 'é', '\x7f'])('refuses %j', (boundary) => {
    expect(() => new MultipartDecoder(boundary)).toThrow(HTTPInputError)
  })

  it.each(['', '\r\n', '\r\n\r\n', 'preamble\r\n', '--X\r\n\r\n--b\r\n', '--BX\r\n'])(
    'ignores %j before the first',
    (before) => {
      expect(whole(one('B', before))).toHaveLength(1)
      expect(decode(singly(one('B', before)))).toHaveLength(1)
    },
  )

  it.each([
    '',
    '\r\n',
    '  \r\n',
    '\r',
    'epilogue',
    `\r\n--B\r\n${head('late')}x\r\n--B--`,
    '\r\n--B--\r\n--B--',
  ])('ignores %j after the last', (after) => {
    expect(whole(one('B', '', after))).toHaveLength(1)
    expect(decode(singly(one('B', '', after)))).toHaveLength(1)
  })

  it('takes a body without parts', () => {
    expect(whole('--B--')).toEqual([])
    expect(whole('--B--\r\n')).toEqual([])
  })

  it('takes a part whose content is missing with its line end', () => {
    const text = `--B\r\n${head('a')}--B\r\n${head('b')}\r\n--B--`
    const expected = [
      { name: 'a', filename: null, content: '' },
      { name: 'b', filename: null, content: '' },
    ]
    expect(whole(text)).toEqual(expected)
    expect(decode(singly(text))).toEqual(expected)
  })

  it('does not take a boundary that is not at the start of a line', () => {
    expect(whole(`--B\r\n${head('a')}x--B\r\n\r\n--B--`)[0]?.content).toBe('x--B\r\n')
  })
})

describe('malformed bodies', () => {
  it.each([
    ['nothing', ''],
    ['no boundary', 'just text'],
    ['another boundary', `--X\r\n${head('a')}1\r\n--X--`],
    ['bare LF', `--B\n${head('a')}1\n--B--`],
    ['no final boundary', `--B\r\n${head('a')}1\r\n--B\r\n`],
    ['a cut final boundary', `--B\r\n${head('a')}1\r\n--B-`],
    ['a cut content', `--B\r\n${head('a')}1`],
    ['a cut head', '--B\r\nContent-Disposition: form-data; name="a"\r\n'],
    ['no content line end', `--B\r\n${head('a')}1--B--`],
    ['no head', '--B\r\n\r\n1\r\n--B--'],
    ['no empty line', '--B\r\nContent-Disposition: form-data; name="a"\r\n1\r\n--B--'],
    ['a head and then the end', '--B\r\nContent-Disposition: form-data; name="a"\r\n--B--\r\n'],
    ['two boundaries in a row', `--B\r\n--B\r\n${head('a')}1\r\n--B--`],
    ['a head ended by LF', '--B\r\nContent-Disposition: form-data; name="a"\n\n1\r\n--B--'],
    ['a head ended by CR', '--B\r\nContent-Disposition: form-data; name="a"\r\r1\r\n--B--'],
  ])('refuses a body with %s', (_, text) => {
    expect(() => whole(text)).toThrow(HTTPInputError)
    expect(() => decode(singly(text))).toThrow(HTTPInputError)
  })

  it('refuses every truncation of a good body', () => {
    for (let length = 0; length < body.length; length++) {
      expect(() => whole(body.slice(0, length))).toThrow(HTTPInputError)
    }
  })

  it('throws nothing but HTTPInputError on damaged bodies (property)', () => {
    const property = fc.property(
      fc.array(
        fc.tuple(
          fc.nat({ max: body.length }),
          fc.constantFrom('', '\r', '\n', '-', ':', '"', '\0', '\xff', 'B'),
        ),
        {
          minLength: 1,
          maxLength: 8,
        },
      ),
      (damages) => {
        let text = body
        for (const [at, replacement] of damages) text = text.slice(0, at) + replacement + text.slice(at + 1)
        const outcomes = [[bytes(text)], singly(text)].map((chunks) => {
          try {
            return JSON.stringify(decode(chunks))
          } catch (error) {
            if (error instanceof HTTPInputError) return error.message
            throw error
          }
        })
        expect(outcomes[0]).toBe(outcomes[1])
      },
    )
    expect(() => fc.assert(property, { numRuns: 300 })).not.toThrow()
  })
})

describe('limits', () => {
  const fields = (count: number): string =>
    `${Array.from({ length: count }, (_, n) => `--B\r\n${head(`f${n}`)}${n}\r\n`).join('')}--B--`

  it('takes 100 parts and refuses 101', () => {
    expect(whole(fields(100))).toHaveLength(100)
    expect(() => whole(fields(101))).toThrow('more than 100 parts')
    expect(() => whole(fields(3), { maxParts: 2 })).toThrow(HTTPInputError)
  })

  it('takes a head of 10 KiB and refuses one byte more, however it comes', () => {
    const sized = (size: number): string => {
      const line = 'Content-Disposition: form-data; name="a"\r\nX: '
      return `--B\r\n${line}${'x'.repeat(size - line.length)}\r\n\r\n1\r\n--B--`
    }
    for (const cut of [bytes, singly]) {
      expect(decode([cut(sized(10_240))].flat())).toHaveLength(1)
      expect(() => decode([cut(sized(10_241))].flat())).toThrow('head is larger than 10240')
    }
    expect(() => whole(`--B\r\n${'x'.repeat(20_000)}`)).toThrow('head is larger than 10240')
  })

  it('refuses as soon as the limit is passed, without waiting for the end', () => {
    const decoder = new MultipartDecoder('B')
    decoder.receive(bytes('--B\r\n'))
    decoder.receive(bytes('x'.repeat(10_244)))
    expect(() => decoder.next()).toThrow(HTTPInputError)
  })

  it('refuses more than 10 KiB before the first boundary', () => {
    expect(whole(`${'x'.repeat(10_000)}\r\n--B--`)).toEqual([])
    expect(() => whole(`${'x'.repeat(10_241)}\r\n--B--`)).toThrow(HTTPInputError)
  })

  it('refuses parts and bodies that are too large with status 413', () => {
    const text = `--B\r\n${head('a')}12345\r\n--B\r\n${head('b')}12345\r\n--B--`
    expect(whole(text, { maxPartSize: 5, maxTotalSize: text.length })).toHaveLength(2)
    expect(() => whole(text, { maxPartSize: 4 })).toThrow(expect.objectContaining({ status: 413 }))
    expect(() => whole(text, { maxTotalSize: text.length - 1 })).toThrow(
      expect.objectContaining({ status: 413 }),
    )
  })
})

import { parseMultipartFormData, type FilesByName, type RawArguments } from '@tornado-ts/httputil'
import { expect, it } from 'vitest'
import { describeCases } from '../data.ts'

interface Case {
  readonly id: string
  readonly body_base64: string
  readonly expected_yaml: string
}

interface Part {
  readonly name: string
  readonly filename?: string
  readonly contentType?: string
  readonly data: string
}

/** Where RFC 2046 or 7578 has another answer than the data; the README beside says why. */
const differences = new Map<string, 'refused' | 'no parts' | 'as sent'>([
  ['single_field_blocks', 'refused'],
  ['bad_initial_boundary', 'no parts'],
  ['base64_encoding', 'as sent'],
  ['mixed_case_headers', 'as sent'],
  ['mixed_plain_and_base64_encoding', 'as sent'],
  ['quoted_printable_encoding', 'as sent'],
])

describeCases<Case>('multipart-bodies.json', (cases) => {
  it.each(cases.map((each) => [each.id, each] as const))('%s', (id, each) => {
    const { boundary, parts } = readExpected(each.expected_yaml)
    const body = Buffer.from(each.body_base64, 'base64')
    const difference = differences.get(id)
    if (difference === 'refused') {
      expect(parts).not.toBeNull()
      expect(parse(boundary, body)).toBeNull()
    } else if (difference === 'no parts') {
      expect(parts).toBeNull()
      expect(parse(boundary, body)).toEqual([])
    } else if (difference === 'as sent') {
      const ours = parse(boundary, body)!
      const encoded = new Set(parts!.map(({ data }) => data))
      expect(ours.map(({ name }) => name)).toEqual(parts!.map(({ name }) => name))
      for (const { data } of ours)
        expect(encoded.has(data) || body.includes(`\r\n\r\n${data}\r\n`)).toBe(true)
    } else {
      expect(parse(boundary, body)).toEqual(parts)
    }
  })
})

/** The parts, files and fields each in order of the body; `null` for a body that is refused. */
function parse(boundary: string, body: Uint8Array): Part[] | null {
  const arguments_: RawArguments = new Map()
  const files: FilesByName = new Map()
  try {
    parseMultipartFormData(boundary, body, arguments_, files)
  } catch (error) {
    if (error instanceof Error && error.name === 'HTTPInputError') return null
    throw error
  }
  const fields = [...arguments_].flatMap(([name, values]) => values.map((data) => ({ name, data })))
  const uploads = [...files].flatMap(([name, list]) =>
    list.map(({ filename, contentType, body: content }) => ({
      name,
      filename,
      contentType,
      data: Buffer.from(content).toString('latin1'),
    })),
  )
  return [...fields, ...uploads]
}

/** Reads the little of YAML that the data uses: a boundary, and an error or a list of parts with binary contents. */
function readExpected(yaml: string): { boundary: string; parts: Part[] | null } {
  const boundary = /^boundary: (.*)$/m.exec(yaml)![1]!
  if (/^ +error: /m.test(yaml)) return { boundary, parts: null }
  const parts = yaml
    .split(/^ +- (?=name: )/m)
    .slice(1)
    .map((text): Part => {
      const value = (key: string): string | undefined =>
        new RegExp(`^ *${key}: (['"]?)(.*)\\1$`, 'm').exec(text)?.[2]
      const base64 = /!!binary \|\n([\s\S]*)$/.exec(text)![1]!
      const data = Buffer.from(base64, 'base64').toString('latin1')
      const name = value('name')!
      if (value('type') !== 'file') return { name, data }
      return { name, filename: value('file_name')!, contentType: value('content_type')!, data }
    })
  return {
    boundary,
    parts: [...parts.filter((part) => !('filename' in part)), ...parts.filter((part) => 'filename' in part)],
  }
}

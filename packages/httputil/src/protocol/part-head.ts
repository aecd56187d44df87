import { hasControl, trimBlanks } from '../characters.ts'
import { parseHeaderParameters } from '../fields/content-type.ts'
import { HTTPInputError } from '../errors.ts'
import { decodeExtendedValue } from '../fields/extended-value.ts'
import { decodeUtf8Bytes } from '../utf8.ts'

/** What the head of a part of a `multipart/form-data` body says. */
export interface PartHead {
  /** Name of the form field; never empty. */
  readonly name: string
  /** Name the client gave the file: data, not a path. `null` when the part has none, `''` for an input left empty. */
  readonly filename: string | null
  /** The part's `Content-Type`, or `null`. */
  readonly contentType: string | null
  /** All headers of the part by lower-case name; several values of a name are joined with `, `. */
  readonly headers: ReadonlyMap<string, string>
}

const fieldName = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/

/**
 * Parses the lines between a boundary and the empty line, without the last CRLF.
 *
 * @throws {HTTPInputError} On text that is not UTF-8, control characters, malformed lines, and a `Content-Disposition`
 *   that is missing, given twice, not `form-data`, or without a name.
 * @see RFC 7578 §4.2; RFC 2046 §5.1.1; for `%22`, `%0D` and `%0A`, WHATWG HTML §4.10.21.8
 */
export function parsePartHead(bytes: Uint8Array): PartHead {
  const text = decodeUtf8Bytes(bytes)
  if (text === null) throw new HTTPInputError('multipart/form-data part head is not UTF-8')
  const headers = parseFields(text)
  const disposition = headers.get('content-disposition')
  if (disposition === undefined) {
    throw new HTTPInputError('multipart/form-data part has no Content-Disposition')
  }
  const { value, parameters, duplicates } = parseHeaderParameters(disposition)
  if (value.toLowerCase() !== 'form-data') {
    throw new HTTPInputError('multipart/form-data part has another Content-Disposition than form-data')
  }
  if (duplicates.has('name') || duplicates.has('filename') || duplicates.has('filename*')) {
    throw new HTTPInputError('multipart/form-data part has two names')
  }
  const name = unescapeName(parameters.get('name') ?? '')
  if (name === '') throw new HTTPInputError('multipart/form-data part has no name')
  return {
    name,
    filename: readFilename(parameters),
    contentType: headers.get('content-type') ?? null,
    headers,
  }
}

function parseFields(text: string): Map<string, string> {
  const headers = new Map<string, string>()
  if (text === '') return headers
  let name = ''
  for (const line of text.split('\r\n')) {
    if (hasControl(line)) throw new HTTPInputError('multipart/form-data part head has a control character')
    if (line.startsWith(' ') || line.startsWith('\t')) {
      if (name === '')
        throw new HTTPInputError('multipart/form-data part head begins with a continuation line')
      headers.set(name, `${headers.get(name)} ${trimBlanks(line)}`)
      continue
    }
    const colon = line.indexOf(':')
    name = line.slice(0, Math.max(colon, 0)).toLowerCase()
    if (!fieldName.test(name)) throw new HTTPInputError('multipart/form-data part head has a malformed line')
    const value = trimBlanks(line, colon + 1)
    const before = headers.get(name)
    if (before !== undefined && name === 'content-disposition') {
      throw new HTTPInputError('multipart/form-data part has two Content-Dispositions')
    }
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return headers
}

function readFilename(parameters: ReadonlyMap<string, string>): string | null {
  const plain = parameters.get('filename')
  const extended = parameters.get('filename*')
  if (extended === undefined) return plain === undefined ? null : unescapeName(plain)
  const decoded = decodeExtendedValue(extended)
  if (decoded === null) return plain === undefined ? extended : unescapeName(plain)
  if (hasControl(decoded)) throw new HTTPInputError('multipart/form-data file name has a control character')
  return decoded
}

/** Undoes what browsers do to the three characters that would break a quoted name, and no more: `%41` stays. */
function unescapeName(name: string): string {
  if (!name.includes('%')) return name
  return name.replaceAll('%22', '"').replaceAll('%0D', '\r').replaceAll('%0A', '\n')
}

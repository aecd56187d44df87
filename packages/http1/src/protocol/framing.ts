import { HTTPInputError, isValidHost } from '@tornado-ts/httputil'
import { parseDecimal, trimOws } from './grammar.ts'
import {
  seenConnection,
  seenContentLength,
  seenExpect,
  seenTransferEncoding,
  seenUpgrade,
} from './head-scanner.ts'
import type { FieldBlock } from './field-block.ts'
import type { BodyFraming, HTTPVersion, RequestFraming, ResponseHead } from './message-head.ts'

/**
 * Decides from a request's fields where its body ends, whether the connection lasts, and what else framing touches
 * (RFC 9112 §3.2, §6.3, §9.3).
 *
 * Whatever two readers of the same bytes might take differently is refused: that is how requests are smuggled.
 *
 * @throws {HTTPInputError} With status 400.
 */
export function resolveRequestFraming(version: HTTPVersion, fields: FieldBlock): RequestFraming {
  const { seenFields, hostField } = fields
  const http11 = version === 'HTTP/1.1'
  if (hostField === -1) {
    if (http11) throw new HTTPInputError('Missing Host header')
  } else checkHost(fields.fieldValue(hostField))
  if (seenFields === 0) return http11 ? lasting : ending
  return {
    framing: resolveRequestBody(http11, fields),
    keepAlive: resolveKeepAlive(http11, fields),
    expectsContinue:
      (seenFields & seenExpect) !== 0 && http11 && fieldList(fields, 'Expect').includes('100-continue'),
    upgrade: (seenFields & seenUpgrade) !== 0 && fieldList(fields, 'Connection').includes('upgrade'),
  }
}

/** Without any of the fields that framing depends on. */
const lasting: RequestFraming = { framing: 0, keepAlive: true, expectsContinue: false, upgrade: false }
const ending: RequestFraming = { framing: 0, keepAlive: false, expectsContinue: false, upgrade: false }

function resolveRequestBody(http11: boolean, fields: FieldBlock): BodyFraming {
  const { seenFields } = fields
  if ((seenFields & seenTransferEncoding) === 0) {
    return (seenFields & seenContentLength) === 0 ? 0 : contentLength(fields)
  }
  if (!http11) throw new HTTPInputError('Transfer-Encoding in an HTTP/1.0 request')
  if ((seenFields & seenContentLength) !== 0)
    throw new HTTPInputError('Both Transfer-Encoding and Content-Length')
  if (transferEncoding(fields) !== 'chunked') throw new HTTPInputError('Unsupported Transfer-Encoding')
  return 'chunked'
}

/**
 * Decides where a response's body ends, given the method of its request (RFC 9112 §6.3).
 *
 * @throws {HTTPInputError} When the fields contradict each other or the status.
 */
export function resolveResponseFraming(head: ResponseHead, requestMethod: string): void {
  const { code, fields } = head
  const { seenFields } = fields
  head.keepAlive = resolveKeepAlive(head.version === 'HTTP/1.1', fields)
  const chunked = (seenFields & seenTransferEncoding) !== 0
  if (chunked && (seenFields & seenContentLength) !== 0) {
    throw new HTTPInputError('Both Transfer-Encoding and Content-Length')
  }
  const length = (seenFields & seenContentLength) === 0 ? null : contentLength(fields)
  if (code < 200 || code === 204 || (requestMethod === 'CONNECT' && code < 300)) {
    if ((code < 200 || code === 204) && (chunked || (length !== null && length > 0))) {
      throw new HTTPInputError(`Response with status ${code} cannot have a body`)
    }
    head.framing = 0
  } else if (requestMethod === 'HEAD' || code === 304) head.framing = 0
  else if (chunked) {
    const coding = transferEncoding(fields)
    if (coding !== 'chunked') throw new HTTPInputError('Unsupported Transfer-Encoding')
    head.framing = 'chunked'
  } else head.framing = length ?? 'until-close'
  // Whoever says 1.0 may not know chunks: its framing counts as faulty (RFC 9112 §6.1).
  if (head.framing === 'until-close' || (chunked && head.version === 'HTTP/1.0')) head.keepAlive = false
}

/** A server hears few names: the last one it was called by is most often the next. */
let lastValidHost = ''

function checkHost(host: string): void {
  if (host === lastValidHost) return
  if (!isValidHost(host)) throw new HTTPInputError('Invalid Host header')
  lastValidHost = host
}

function resolveKeepAlive(http11: boolean, fields: FieldBlock): boolean {
  if ((fields.seenFields & seenConnection) === 0) return http11
  const options = fieldList(fields, 'Connection')
  if (options.includes('close')) return false
  return http11 || options.includes('keep-alive')
}

function contentLength(fields: FieldBlock): Exclude<BodyFraming, string> {
  const first = fields.findField('Content-Length', 0)
  const value = fields.fieldValue(first)
  // All but those that are wrong have one field with one number.
  if (!value.includes(',') && fields.findField('Content-Length', first + 1) === -1) {
    const length = parseDecimal(value)
    if (length === -1) throw new HTTPInputError('Invalid Content-Length')
    return length
  }
  const values = fieldValues(fields, 'Content-Length').flatMap((each) => each.split(','))
  let length = -1
  for (const each of values) {
    const parsed = parseDecimal(trimOws(each))
    if (parsed === -1) throw new HTTPInputError('Invalid Content-Length')
    if (length !== -1 && parsed !== length) throw new HTTPInputError('Different Content-Length values')
    length = parsed
  }
  return length
}

/** The one transfer coding in lower case, or `null` when there are several or they stand on several lines. */
function transferEncoding(fields: FieldBlock): string | null {
  const values = fieldValues(fields, 'Transfer-Encoding')
  return values.length === 1 ? values[0]!.toLowerCase() : null
}

/** The elements of a comma-separated list, in lower case. */
function fieldList(fields: FieldBlock, name: string): string[] {
  const index = fields.findField(name, 0)
  if (index === -1) return []
  const first = fields.fieldValue(index).toLowerCase()
  // One element is by far the most common list.
  if (!first.includes(',') && fields.findField(name, index + 1) === -1) return [first]
  return fieldValues(fields, name).flatMap((value) => value.toLowerCase().split(',').map(trimOws))
}

function fieldValues(fields: FieldBlock, name: string): string[] {
  const values: string[] = []
  for (let i = fields.findField(name, 0); i !== -1; i = fields.findField(name, i + 1))
    values.push(fields.fieldValue(i))
  return values
}

import { HTTPInputError, isValidHost } from '@tornado-ts/httputil'
import { parseDecimal, trimOws } from './grammar.ts'
import {
  seenConnection,
  seenContentLength,
  seenExpect,
  seenTransferEncoding,
  seenUpgrade,
  type HeadScanner,
} from './head-scanner.ts'
import type { BodyFraming, RequestHead, ResponseHead } from './message-head.ts'

/**
 * Decides from a request's fields where its body ends, whether the connection lasts, and what else framing touches
 * (RFC 9112 §3.2, §6.3, §9.3).
 *
 * Whatever two readers of the same bytes might take differently is refused: that is how requests are smuggled.
 *
 * @throws {HTTPInputError} With status 400.
 */
export function resolveRequestFraming(head: RequestHead, scanner: HeadScanner): void {
  const { seenFields } = scanner
  if (scanner.hostField === -1) {
    if (head.version === 'HTTP/1.1') throw new HTTPInputError('Missing Host header')
  } else checkHost(head.fieldValue(scanner.hostField))
  if (seenFields === 0) {
    head.keepAlive = head.version === 'HTTP/1.1'
    return
  }
  head.keepAlive = resolveKeepAlive(head, seenFields)
  if ((seenFields & seenTransferEncoding) !== 0) {
    if (head.version === 'HTTP/1.0') throw new HTTPInputError('Transfer-Encoding in an HTTP/1.0 request')
    if ((seenFields & seenContentLength) !== 0) {
      throw new HTTPInputError('Both Transfer-Encoding and Content-Length')
    }
    if (transferEncoding(head) !== 'chunked') throw new HTTPInputError('Unsupported Transfer-Encoding')
    head.framing = 'chunked'
  } else if ((seenFields & seenContentLength) !== 0) head.framing = contentLength(head)
  if ((seenFields & seenExpect) !== 0 && head.version === 'HTTP/1.1') {
    head.expectsContinue = fieldList(head, 'Expect').includes('100-continue')
  }
  if ((seenFields & seenUpgrade) !== 0) head.upgrade = fieldList(head, 'Connection').includes('upgrade')
}

/**
 * Decides where a response's body ends, given the method of its request (RFC 9112 §6.3).
 *
 * @throws {HTTPInputError} When the fields contradict each other or the status.
 */
export function resolveResponseFraming(
  head: ResponseHead,
  scanner: HeadScanner,
  requestMethod: string,
): void {
  const { seenFields } = scanner
  const { code } = head
  head.keepAlive = resolveKeepAlive(head, seenFields)
  const chunked = (seenFields & seenTransferEncoding) !== 0
  if (chunked && (seenFields & seenContentLength) !== 0) {
    throw new HTTPInputError('Both Transfer-Encoding and Content-Length')
  }
  const length = (seenFields & seenContentLength) === 0 ? null : contentLength(head)
  if (code < 200 || code === 204 || (requestMethod === 'CONNECT' && code < 300)) {
    if ((code < 200 || code === 204) && (chunked || (length !== null && length > 0))) {
      throw new HTTPInputError(`Response with status ${code} cannot have a body`)
    }
    head.framing = 0
  } else if (requestMethod === 'HEAD' || code === 304) head.framing = 0
  else if (chunked) {
    const coding = transferEncoding(head)
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

function resolveKeepAlive(head: RequestHead | ResponseHead, seenFields: number): boolean {
  const byVersion = head.version === 'HTTP/1.1'
  if ((seenFields & seenConnection) === 0) return byVersion
  const options = fieldList(head, 'Connection')
  if (options.includes('close')) return false
  return byVersion || options.includes('keep-alive')
}

function contentLength(head: RequestHead | ResponseHead): Exclude<BodyFraming, string> {
  const values = fieldValues(head, 'Content-Length').flatMap((value) => value.split(','))
  let length = -1
  for (const value of values) {
    const parsed = parseDecimal(values.length === 1 ? value : trimOws(value))
    if (parsed === -1) throw new HTTPInputError('Invalid Content-Length')
    if (length !== -1 && parsed !== length) throw new HTTPInputError('Different Content-Length values')
    length = parsed
  }
  return length
}

/** The one transfer coding in lower case, or `null` when there are several or they stand on several lines. */
function transferEncoding(head: RequestHead | ResponseHead): string | null {
  const values = fieldValues(head, 'Transfer-Encoding')
  return values.length === 1 ? values[0]!.toLowerCase() : null
}

/** The elements of a comma-separated list, in lower case. */
function fieldList(head: RequestHead | ResponseHead, name: string): string[] {
  const index = head.findField(name, 0)
  if (index === -1) return []
  const first = head.fieldValue(index).toLowerCase()
  // One element is by far the most common list.
  if (!first.includes(',') && head.findField(name, index + 1) === -1) return [first]
  return fieldValues(head, name).flatMap((value) => value.toLowerCase().split(',').map(trimOws))
}

function fieldValues(head: RequestHead | ResponseHead, name: string): string[] {
  const values: string[] = []
  for (let i = head.findField(name, 0); i !== -1; i = head.findField(name, i + 1))
    values.push(head.fieldValue(i))
  return values
}

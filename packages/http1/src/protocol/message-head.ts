import { HTTPInputError, isValidHost, parseResponseStartLine } from '@tornado-ts/httputil'
import type { HeadScanner } from './head-scanner.ts'
import type { FieldBlock } from './field-block.ts'

/** How the end of a body is known: its length, by chunks, or only when the connection closes. */
export type BodyFraming = number | 'chunked' | 'until-close'

/** What the fields of a request say about its body and its connection (RFC 9112 §6, §9.3). */
export interface RequestFraming {
  readonly framing: BodyFraming
  readonly keepAlive: boolean
  /** The client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean
  /** The client asks to go on in another protocol. */
  readonly upgrade: boolean
}

/** A request's head. */
export class RequestHead implements RequestFraming {
  readonly kind = 'request'
  readonly method: string
  /** The request target as received. */
  readonly target: string
  readonly version: HTTPVersion
  readonly fields: FieldBlock
  readonly framing: BodyFraming
  readonly keepAlive: boolean
  readonly expectsContinue: boolean
  readonly upgrade: boolean

  constructor({ method, target, version }: RequestLine, fields: FieldBlock, framing: RequestFraming) {
    this.method = method
    this.target = target
    this.version = version
    this.fields = fields
    this.framing = framing.framing
    this.keepAlive = framing.keepAlive
    this.expectsContinue = framing.expectsContinue
    this.upgrade = framing.upgrade
  }
}

/** A response's head. */
export class ResponseHead {
  readonly kind = 'response'
  readonly version: HTTPVersion
  readonly code: number
  readonly reason: string
  readonly fields: FieldBlock
  /** Set by the decoder from the fields and the request's method (RFC 9112 §6.3, §9.3). */
  framing: BodyFraming = 0
  keepAlive = true

  /** @throws {HTTPInputError} When the status line is malformed. */
  constructor(statusLine: string, fields: FieldBlock) {
    const { version, code, reason } = parseResponseStartLine(statusLine)
    this.version = versionOf(version)
    this.code = code
    this.reason = reason
    this.fields = fields
  }

  /** Whether another head follows for the same request. 101 is final: what follows is another protocol. */
  get informational(): boolean {
    return this.code < 200 && this.code !== 101
  }
}

/** The versions that are told apart; see {@link versionOf}. */
export type HTTPVersion = 'HTTP/1.0' | 'HTTP/1.1'

/** The parts of a request line. */
export interface RequestLine {
  readonly method: string
  readonly target: string
  readonly version: HTTPVersion
}

/**
 * The request line that a scan has found in `bytes`, whose head begins at `origin`.
 *
 * @throws {HTTPInputError} When the target has none of the four forms, or the version is not HTTP/1.
 */
export function readRequestLine(bytes: Buffer, origin: number, scanner: HeadScanner): RequestLine {
  const { firstStart, methodEnd, targetEnd } = scanner
  const method = readMethod(bytes, origin + firstStart, origin + methodEnd)
  const slash = bytes[origin + methodEnd + 1] === 0x2f
  // The shortest target is by far the most common one.
  const target =
    slash && targetEnd - methodEnd === 2
      ? '/'
      : bytes.toString('latin1', origin + methodEnd + 1, origin + targetEnd)
  const at = origin + targetEnd + 1
  const common = bytes[at + 7] === 0x31 && bytes[at + 5] === 0x31 && isHTTP(bytes, at)
  const version = common ? 'HTTP/1.1' : versionOf(bytes.toString('latin1', at, at + 8))
  if (!slash || method === 'CONNECT') checkTarget(method, target)
  return { method, target, version }
}

/** The status line that a scan has found, likewise. */
export function readStatusLine(bytes: Buffer, origin: number, { firstStart, firstEnd }: HeadScanner): string {
  return bytes.toString('latin1', origin + firstStart, origin + firstEnd)
}

/** The most common method without a string of its own. */
function readMethod(bytes: Buffer, start: number, end: number): string {
  const isGet =
    end - start === 3 && bytes[start] === 0x47 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54
  return isGet ? 'GET' : bytes.toString('latin1', start, end)
}

/** Whether `HTTP/` and, two bytes on, a dot stand at `at`. */
function isHTTP(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 0x48 &&
    bytes[at + 1] === 0x54 &&
    bytes[at + 2] === 0x54 &&
    bytes[at + 3] === 0x50 &&
    bytes[at + 4] === 0x2f &&
    bytes[at + 6] === 0x2e
  )
}

/** A later minor version is spoken to as 1.1, the highest that is known (RFC 9110 §2.5). */
function versionOf(text: string): HTTPVersion {
  if (text === 'HTTP/1.1' || text === 'HTTP/1.0') return text
  if (/^HTTP\/1\.[2-9]$/.test(text)) return 'HTTP/1.1'
  if (/^HTTP\/\d\.\d$/.test(text)) throw new HTTPInputError('Unsupported HTTP version', { status: 505 })
  throw new HTTPInputError('Malformed HTTP version')
}

/** Refuses targets that are none of the forms of RFC 9112 §3.2; those of other methods that begin with a slash are origin-form. */
function checkTarget(method: string, target: string): void {
  if (method === 'CONNECT') {
    if (authorityForm.test(target) && isValidHost(target)) return
  } else if (target === '*') {
    if (method === 'OPTIONS') return
  } else {
    // Its authority takes the place of the Host header's, so it is held to the same (RFC 9112 §3.2.2).
    const authority = absoluteForm.exec(target)?.[1]
    if (authority !== undefined && isValidHost(authority)) return
  }
  throw new HTTPInputError('Malformed request target')
}

const absoluteForm = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]+)/
const authorityForm = /^[^/?#@]+:[0-9]{1,5}$/

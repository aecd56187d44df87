import { HTTPInputError, isValidHost, parseResponseStartLine } from '@tornado-ts/httputil'
import type { HeadScanner } from './head-scanner.ts'
import { ReceivedHead } from './received-head.ts'

/** How the end of a body is known: its length, by chunks, or only when the connection closes. */
export type BodyFraming = number | 'chunked' | 'until-close'

/** A request's head. */
export class RequestHead extends ReceivedHead {
  readonly kind = 'request'
  readonly method: string
  /** The request target as received. */
  readonly target: string
  readonly version: 'HTTP/1.0' | 'HTTP/1.1'
  /** Set by the decoder from the fields (RFC 9112 §6, §9.3). */
  framing: BodyFraming = 0
  keepAlive = true
  /** The client waits for `100 Continue` before it sends the body. */
  expectsContinue = false
  /** The client asks to go on in another protocol. */
  upgrade = false

  /** @throws {HTTPInputError} When the target has none of the four forms, or the version is not HTTP/1. */
  constructor(text: string, scanner: HeadScanner) {
    super(text, scanner.takePositions())
    const { firstStart, methodEnd, targetEnd } = scanner
    this.method = text.startsWith('GET ', firstStart) ? 'GET' : text.slice(firstStart, methodEnd)
    this.target = text.slice(methodEnd + 1, targetEnd)
    this.version = versionAt(text, targetEnd + 1)
    if (!this.target.startsWith('/') || this.method === 'CONNECT') checkTarget(this.method, this.target)
  }
}

/** A response's head. */
export class ResponseHead extends ReceivedHead {
  readonly kind = 'response'
  readonly version: 'HTTP/1.0' | 'HTTP/1.1'
  readonly code: number
  readonly reason: string
  framing: BodyFraming = 0
  keepAlive = true

  /** @throws {HTTPInputError} When the status line is malformed. */
  constructor(text: string, scanner: HeadScanner) {
    super(text, scanner.takePositions())
    const { version, code, reason } = parseResponseStartLine(text.slice(scanner.firstStart, scanner.firstEnd))
    this.version = versionAt(version, 0)
    this.code = code
    this.reason = reason
  }

  /** Whether another head follows for the same request. 101 is final: what follows is another protocol. */
  get informational(): boolean {
    return this.code < 200 && this.code !== 101
  }
}

/** A later minor version is spoken to as 1.1, the highest that is known (RFC 9110 §2.5). */
function versionAt(text: string, at: number): 'HTTP/1.0' | 'HTTP/1.1' {
  if (text.startsWith('HTTP/1.1', at)) return 'HTTP/1.1'
  if (text.startsWith('HTTP/1.0', at)) return 'HTTP/1.0'
  const minor = text.charCodeAt(at + 7)
  if (text.startsWith('HTTP/1.', at) && minor >= 0x32 && minor <= 0x39) return 'HTTP/1.1'
  if (/^HTTP\/\d\.\d/.test(text.slice(at, at + 8))) {
    throw new HTTPInputError('Unsupported HTTP version', { status: 505 })
  }
  throw new HTTPInputError('Malformed HTTP version')
}

/** Refuses targets that are none of the forms of RFC 9112 §3.2; those of other methods that begin with a slash are origin-form. */
function checkTarget(method: string, target: string): void {
  if (method === 'CONNECT') {
    if (authorityForm.test(target)) return
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

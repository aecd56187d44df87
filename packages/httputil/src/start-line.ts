import { HTTPInputError } from './errors.ts'

/** First line of a request. `path` is the request target as received. Tornado: httputil.RequestStartLine. */
export class RequestStartLine {
  readonly method: string
  readonly path: string
  /** `HTTP/1.1` and the like. */
  readonly version: string

  constructor(method: string, path: string, version: string) {
    this.method = method
    this.path = path
    this.version = version
  }
}

/** First line of a response. Tornado: httputil.ResponseStartLine. */
export class ResponseStartLine {
  /** `HTTP/1.1` and the like. */
  readonly version: string
  readonly code: number
  /** The reason phrase; may be empty. */
  readonly reason: string

  constructor(version: string, code: number, reason: string) {
    this.version = version
    this.code = code
    this.reason = reason
  }
}

/**
 * Parses `METHOD SP target SP HTTP/1.x` (RFC 9112 §3), without its line end.
 *
 * @throws {HTTPInputError} When it is malformed, or 505 for another major version.
 */
export function parseRequestStartLine(line: string): RequestStartLine {
  const match = requestLine.exec(line)
  if (match === null) throw new HTTPInputError('Malformed request line')
  const [, method, path, version] = match as unknown as [string, string, string, string]
  if (!version.startsWith('HTTP/1')) throw new HTTPInputError('Unsupported HTTP version', { status: 505 })
  return new RequestStartLine(method, path, version)
}

/**
 * Parses `HTTP/1.x SP code SP [reason]` (RFC 9112 §4), without its line end. The last space may be missing when there is no
 * reason, as several servers send it.
 *
 * @throws {HTTPInputError} When it is malformed.
 */
export function parseResponseStartLine(line: string): ResponseStartLine {
  const match = statusLine.exec(line)
  if (match === null) throw new HTTPInputError('Malformed status line')
  const [, version, code, reason = ''] = match as unknown as [string, string, string, string?]
  return new ResponseStartLine(version, Number(code), reason)
}

const requestLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) (HTTP\/[0-9]\.[0-9])$/
const statusLine = /^(HTTP\/1\.[0-9]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/

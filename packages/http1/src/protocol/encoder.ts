import {
  HTTPOutputError,
  isToken,
  responses,
  type HTTPHeaders,
  type RequestStartLine,
  type ResponseStartLine,
} from '@tornado-ts/httputil'

/**
 * The status line and fields of a response, one character a byte (RFC 9112 §4), without the empty line that ends a head.
 *
 * Responses always say HTTP/1.1, whatever the request said (RFC 9110 §6.2).
 *
 * @throws {HTTPOutputError} When code or reason cannot stand in a status line. (Headers cannot hold what must not be sent.)
 */
export function encodeResponseHead({ code, reason }: ResponseStartLine, headers: HTTPHeaders): string {
  if (responses[code] === reason) return standardStatusLines[code]! + headers.toWire()
  checkStatus(code, reason)
  return `HTTP/1.1 ${code} ${reason}\r\n${headers.toWire()}`
}

/** The status line of each code with its standard reason: one piece of text less to join for each response. */
const standardStatusLines: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(responses).map(([code, reason]) => [code, `HTTP/1.1 ${code} ${reason}\r\n`]),
)

/**
 * The request line and fields of a request, likewise (RFC 9112 §3).
 *
 * @throws {HTTPOutputError} When method or target cannot stand in a request line.
 */
export function encodeRequestHead({ method, path }: RequestStartLine, headers: HTTPHeaders): string {
  if (!isToken(method)) throw new HTTPOutputError(`Invalid method ${JSON.stringify(method)}`)
  if (!validTarget.test(path))
    throw new HTTPOutputError(`Invalid request target ${JSON.stringify(path.slice(0, 100))}`)
  return `${method} ${path} HTTP/1.1\r\n${headers.toWire()}`
}

/** The size line that precedes a chunk's data; the data is followed by CR LF (RFC 9112 §7.1). */
export function encodeChunkSize(size: number): string {
  return `${size.toString(16)}\r\n`
}

/** Ends a chunked body that has no trailers. */
export const lastChunk = '0\r\n\r\n'

/** Ends a chunked body that has these (RFC 9112 §7.1.2). */
export function encodeLastChunk(trailers: HTTPHeaders): string {
  return `0\r\n${trailers.toWire()}\r\n`
}

function checkStatus(code: number, reason: string): void {
  if (!Number.isInteger(code) || code < 100 || code > 999)
    throw new HTTPOutputError(`Invalid status code ${code}`)
  // A caller without types may pass an object whose text changes between the check and the use.
  if (typeof reason !== 'string') throw new TypeError('Reason must be a string')
  if (!validReason.test(reason))
    throw new HTTPOutputError(`Invalid reason ${JSON.stringify(reason.slice(0, 100))}`)
}

const validReason = /^[\t\x20-\x7e\x80-\xff]*$/
const validTarget = /^[\x21-\x7e\x80-\xff]+$/

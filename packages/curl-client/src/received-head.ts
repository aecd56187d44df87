import { HTTP1Decoder, ResponseHead } from '@tornado-ts/http1'
import { HTTPStreamClosedError } from '@tornado-ts/httpclient'
import { HTTPHeaders, ResponseStartLine } from '@tornado-ts/httputil'

/** The head of a response. */
export interface ReceivedHead {
  readonly startLine: ResponseStartLine
  readonly headers: HTTPHeaders
}

/**
 * Reads the last of the heads that libcurl has written one behind the other: those before are informational, or of a proxy
 * that asked for credentials.
 *
 * libcurl is lenient. The head is held to the rules of the other client, so that what one refuses the other does, too.
 *
 * @throws {HTTPInputError} When it is malformed or too large.
 * @throws {HTTPStreamClosedError} When it is cut short.
 */
export function readHead(bytes: Buffer, method: string, maxHeaderSize: number): ReceivedHead {
  const last = lastHead(bytes)
  const isHttp2 = last.toString('latin1', 0, 7) === 'HTTP/2 ' || last.toString('latin1', 0, 7) === 'HTTP/3 '
  const decoder = new HTTP1Decoder({ role: 'client', maxHeaderSize })
  decoder.expectResponse(method)
  // Its fields are the same; only what frames the body is not.
  decoder.receive(isHttp2 ? Buffer.concat([http1Version, last.subarray(6)]) : last)
  const head = decoder.next()
  // For libcurl the end of the connection is the end of a head, too.
  if (!(head instanceof ResponseHead))
    throw new HTTPStreamClosedError('Connection closed before the head of the response was complete')
  const version = isHttp2 ? last.toString('latin1', 0, 6) : head.version
  return {
    startLine: new ResponseStartLine(version, head.code, head.reason),
    headers: HTTPHeaders.fromReceived(head.fields),
  }
}

function lastHead(bytes: Buffer): Buffer {
  let start = 0
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', start)
    if (end === -1 || end + 4 >= bytes.length) return start === 0 ? bytes : bytes.subarray(start)
    start = end + 4
  }
}

const http1Version: Buffer = Buffer.from('HTTP/1.1')

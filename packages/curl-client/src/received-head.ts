import { readResponseHead, type ResponseHead } from '@tornado-ts/http1'
import { HTTPStreamClosedError } from '@tornado-ts/httpclient'
import { HTTPHeaders, ResponseStartLine, type ReceivedFields } from '@tornado-ts/httputil'

/** The head of a response. */
export interface ReceivedHead {
  readonly startLine: ResponseStartLine
  readonly headers: HTTPHeaders
  /** Bytes of all heads; what follows are trailers. */
  readonly size: number
  readonly mayHaveTrailers: boolean
}

interface ReadHeadOptions {
  readonly requestMethod: string
  readonly maxHeaderSize: number
  /** Whether the reason phrase is made a field. */
  readonly addsReason: boolean
}

/**
 * Reads the last of the heads that libcurl has written one behind the other: those before are informational, or of a proxy
 * that asked for credentials.
 *
 * libcurl is lenient. Heads are held to the rules of the other client, so that what one refuses the other does, too.
 *
 * @throws {HTTPInputError} When it is malformed or too large.
 * @throws {HTTPStreamClosedError} When it is cut short.
 */
export function readHead(
  bytes: Buffer,
  { requestMethod, maxHeaderSize, addsReason }: ReadHeadOptions,
): ReceivedHead {
  for (let start = 0; ;) {
    const rest = start === 0 ? bytes : bytes.subarray(start)
    const newer = rest[5] === two || rest[5] === three ? rest[5] : 0
    // The fields of HTTP/2 and 3 are the same; only what frames the body is not.
    const found = readResponseHead(newer === 0 ? rest : asHttp1(rest), { requestMethod, maxHeaderSize })
    // For libcurl the end of the connection is the end of a head, too.
    if (found === null)
      throw new HTTPStreamClosedError('Connection closed before the head of the response was complete')
    const { head } = found
    start += newer === 0 ? found.size : found.size - 2
    if (start < bytes.length && bytes[start + 4] === slash) continue
    const version = newer === 0 ? head.version : newer === two ? 'HTTP/2' : 'HTTP/3'
    return {
      startLine: new ResponseStartLine(version, head.code, head.reason),
      headers: addsReason ? withReason(head) : HTTPHeaders.fromReceived(head.fields),
      size: start,
      mayHaveTrailers: newer !== 0 || head.framing === 'chunked',
    }
  }
}

/** `HTTP/2 200` as `HTTP/1.1 200`. */
function asHttp1(bytes: Buffer): Buffer {
  return Buffer.concat([http1Version, bytes.subarray(6)])
}

/** The fields, and the reason phrase as another: HTTP/2 knows none, and this tells what there was. As Tornado has it. */
function withReason({ fields, reason }: ResponseHead): HTTPHeaders {
  if (fields.findField(reasonName, 0) === -1) return HTTPHeaders.fromReceived(new WithReason(fields, reason))
  const headers = HTTPHeaders.fromReceived(fields)
  headers.set(reasonName, reason)
  return headers
}

/** Fields as received, and one more behind them: it costs nothing until someone asks for it. */
class WithReason implements ReceivedFields {
  readonly fieldCount: number
  readonly #fields: ReceivedFields
  readonly #reason: string

  constructor(fields: ReceivedFields, reason: string) {
    this.fieldCount = fields.fieldCount + 1
    this.#fields = fields
    this.#reason = reason
  }

  fieldName(index: number): string {
    return index === this.fieldCount - 1 ? reasonName : this.#fields.fieldName(index)
  }

  fieldValue(index: number): string {
    return index === this.fieldCount - 1 ? this.#reason : this.#fields.fieldValue(index)
  }

  findField(name: string, from: number): number {
    const found = this.#fields.findField(name, from)
    if (found !== -1 || name.length !== reasonName.length || from >= this.fieldCount) return found
    return name.toLowerCase() === reasonName.toLowerCase() ? this.fieldCount - 1 : -1
  }
}

/** Tornado: as `curl_httpclient` calls it. */
export const reasonName = 'X-Http-Reason'
const http1Version: Buffer = Buffer.from('HTTP/1.1')
const two = 0x32
const three = 0x33
/** Behind `HTTP`; the name of a field holds none. */
const slash = 0x2f

import { HTTPHeaders, responses } from '@tornado-ts/httputil'
import { FastCGIProtocolError } from '../errors.ts'

/** The head of a response of CGI (RFC 3875 §6). */
export interface CGIHead {
  readonly code: number
  readonly reason: string
  readonly headers: HTTPHeaders
}

/** Finds where the head of a response ends and parses it; what is behind is body. */
export class CGIHeadDecoder {
  readonly #maxHeaderSize: number
  #held: Buffer | null = null

  constructor(maxHeaderSize: number) {
    this.#maxHeaderSize = maxHeaderSize
  }

  /**
   * Takes the next piece of the output. Once the head is whole, it answers that and the bytes behind it.
   *
   * @throws {FastCGIProtocolError} When the head is malformed or longer than the limit.
   */
  receive(chunk: Buffer): { readonly head: CGIHead; readonly rest: Buffer } | null {
    const bytes = this.#held === null ? chunk : Buffer.concat([this.#held, chunk])
    const end = endOfHead(bytes, this.#held === null ? 0 : Math.max(0, this.#held.length - 3))
    if (end === null ? bytes.length > this.#maxHeaderSize : end.head > this.#maxHeaderSize) {
      throw new FastCGIProtocolError(`Head of the response is longer than ${this.#maxHeaderSize} bytes`)
    }
    if (end === null) {
      // The chunk is its owner's.
      this.#held = bytes === chunk ? Buffer.from(chunk) : bytes
      return null
    }
    this.#held = null
    return { head: parseCGIHead(bytes.toString('latin1', 0, end.head)), rest: bytes.subarray(end.body) }
  }
}

/**
 * Parses header lines, of which `Status` gives the status; without it a `Location` makes it 302, else it is 200. Fields of
 * the connection are left out: that is the server's.
 *
 * @throws {FastCGIProtocolError} When a line is malformed, or the status is.
 */
export function parseCGIHead(text: string): CGIHead {
  const headers = new HTTPHeaders()
  let status: string | null = null
  let start = 0
  while (start < text.length) {
    let end = text.indexOf('\n', start)
    if (end === -1) end = text.length
    const line = text.slice(start, text.charCodeAt(end - 1) === 0x0d && end > start ? end - 1 : end)
    start = end + 1
    if (!statusField.test(line)) addLine(headers, line)
    else if (status === null) status = line.slice(7).trim()
    else throw new FastCGIProtocolError('Head of the response has two lines of Status')
  }
  checkLength(headers)
  for (const name of connectionFields) headers.delete(name)
  if (status === null) {
    const code = headers.has('Location') ? 302 : 200
    return { code, reason: responses[code]!, headers }
  }
  const match = statusPattern.exec(status)
  if (match === null)
    throw new FastCGIProtocolError(`Malformed status ${JSON.stringify(status.slice(0, 100))}`)
  const code = Number(match[1])
  if (code < 200) throw new FastCGIProtocolError(`Response with the informational status ${code}`)
  return { code, reason: match[2] ?? responses[code] ?? '', headers }
}

/** One that says two things would end the body where the client does not take it to end. */
function checkLength(headers: HTTPHeaders): void {
  const lengths = headers.getList('Content-Length')
  if (lengths.length === 0) return
  if (lengths.length > 1 || !/^[0-9]{1,15}$/.test(lengths[0]!))
    throw new FastCGIProtocolError(`Malformed Content-Length ${JSON.stringify(lengths.join().slice(0, 100))}`)
}

function addLine(headers: HTTPHeaders, line: string): void {
  try {
    headers.parseLine(line)
  } catch (error) {
    throw new FastCGIProtocolError(`Malformed header line ${JSON.stringify(line.slice(0, 100))}`, {
      cause: error,
    })
  }
}

/** The end of the lines and the begin of the body, where an empty line stands between them. */
function endOfHead(bytes: Buffer, from: number): { readonly head: number; readonly body: number } | null {
  // Output that begins with an empty line has no header at all.
  if (from === 0) {
    if (bytes[0] === 0x0a) return { head: 0, body: 1 }
    if (bytes[0] === 0x0d && bytes[1] === 0x0a) return { head: 0, body: 2 }
  }
  let at = bytes.indexOf(0x0a, from)
  while (at !== -1) {
    if (bytes[at + 1] === 0x0a) return { head: at, body: at + 2 }
    if (bytes[at + 1] === 0x0d && bytes[at + 2] === 0x0a) return { head: at, body: at + 3 }
    at = bytes.indexOf(0x0a, at + 1)
  }
  return null
}

const statusField = /^status:/i
const statusPattern = /^([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/
const connectionFields = ['Connection', 'Keep-Alive', 'Transfer-Encoding', 'Upgrade', 'Trailer'] as const

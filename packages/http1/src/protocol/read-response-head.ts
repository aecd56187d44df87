import { HTTPInputError } from '@tornado-ts/httputil'
import { resolveResponseFraming } from './framing.ts'
import { HeadScanner } from './head-scanner.ts'
import { readStatusLine, ResponseHead } from './message-head.ts'

/** What {@link readResponseHead} has found. */
export interface WholeResponseHead {
  readonly head: ResponseHead
  /** Its bytes, the empty line included; what follows is the next head, a body, or trailers. */
  readonly size: number
}

/** What {@link readResponseHead} holds a head to. */
export interface ReadResponseHeadOptions {
  /** What the response answers: HEAD and CONNECT decide about its body. @default 'GET' */
  requestMethod?: string
  /** Largest status line plus fields. In bytes. @default 65_536 (64 KiB) */
  maxHeaderSize?: number
  /** Most header fields. @default 100 */
  maxFieldCount?: number
}

/**
 * Reads a response's head that has come whole, at the beginning of `bytes`: for those who let others move the bytes. It is
 * held to the same rules as by an `HTTP1Decoder`. The bytes must not change while the head is in use.
 *
 * @returns `null` when the head goes on beyond the bytes.
 * @throws {HTTPInputError} When the bytes are no head, or it is beyond a limit.
 */
export function readResponseHead(
  bytes: Buffer,
  { requestMethod = 'GET', maxHeaderSize = 65_536, maxFieldCount = 100 }: ReadResponseHeadOptions = {},
): WholeResponseHead | null {
  // It keeps nothing of the head before, so all can be read by the same.
  if (scanner.maxFieldCount !== maxFieldCount) scanner = new HeadScanner(maxFieldCount)
  scanner.begin('response')
  // Never beyond the limit: what is wrong first then does not depend on how the bytes came.
  const size = scanner.scan(bytes, 0, 0, Math.min(bytes.length, maxHeaderSize + 1))
  if ((size === -1 ? bytes.length : size) > maxHeaderSize)
    throw new HTTPInputError(`Head exceeds ${maxHeaderSize} bytes`, { status: 431 })
  if (size === -1) return null
  const head = new ResponseHead(readStatusLine(bytes, 0, scanner), scanner.takeFields(bytes, 0, size))
  resolveResponseFraming(head, requestMethod)
  return { head, size }
}

let scanner = new HeadScanner(100)

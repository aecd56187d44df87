import { WebSocketProtocolError } from '../errors.ts'
import { maxControlSize } from './opcode.ts'
import { Utf8Validator } from './utf8-validator.ts'

/** Whether a code may stand in a close frame: those of the registry, of libraries (3000) and of applications (4000). */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false
  if (code >= 3000) return code <= 4999
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006
}

/** What a close frame says; both `null` when it is empty. */
export interface CloseStatus {
  readonly code: number | null
  readonly reason: string | null
}

/**
 * Reads the payload of a close frame.
 *
 * @throws {WebSocketProtocolError} 1002 for half a code or one that nobody may send, 1007 for a reason that is not UTF-8.
 */
export function parseClosePayload(payload: Buffer): CloseStatus {
  if (payload.length === 0) return { code: null, reason: null }
  if (payload.length === 1) throw new WebSocketProtocolError(1002, 'Close frame with half a code')
  const code = payload.readUInt16BE(0)
  if (!isSendableCloseCode(code)) throw new WebSocketProtocolError(1002, `Invalid close code ${code}`)
  const text = payload.subarray(2)
  const validator = new Utf8Validator()
  if (!validator.accept(text, 0, text.length) || !validator.complete) {
    throw new WebSocketProtocolError(1007, 'Close reason is not UTF-8')
  }
  return { code, reason: text.length === 0 ? null : text.toString('utf8') }
}

/**
 * Makes the payload of a close frame. A reason alone goes with 1000; without either the payload is empty.
 *
 * @throws {RangeError} For a code that may not be sent, and beyond 125 bytes.
 */
export function makeClosePayload(code: number | undefined, reason: string | undefined): Buffer {
  if (code === undefined && reason === undefined) return emptyPayload
  const sent = code ?? normalClosure
  if (!isSendableCloseCode(sent)) throw new RangeError(`Cannot close with code ${sent}`)
  const text = reason ?? ''
  const size = 2 + Buffer.byteLength(text)
  if (size > maxControlSize)
    throw new RangeError(`Cannot close with a reason of ${size - 2} bytes: at most 123`)
  const payload = Buffer.allocUnsafe(size)
  payload.writeUInt16BE(sent, 0)
  payload.write(text, 2)
  return payload
}

/** RFC 6455 §7.4.1. */
const normalClosure = 1000
const emptyPayload: Buffer = Buffer.alloc(0)

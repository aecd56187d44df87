import type { ReceivedFields } from '@tornado-ts/httputil'
import { trimOws } from './grammar.ts'

/**
 * The fields of a head as they were received: its bytes, and where in them each name and value lie.
 *
 * Text is made when the first value is asked for; of most requests none ever is. A block does not change, so heads with
 * the same fields may share one.
 */
export class FieldBlock implements ReceivedFields {
  /** The fields that framing depends on, as bits of `seenConnection` and its kin. */
  readonly seenFields: number
  /** Index of the Host field, or -1. */
  readonly hostField: number

  readonly bytes: Buffer
  /** Where the head begins in `bytes`: positions count from there. */
  readonly origin: number
  readonly #start: number
  readonly #end: number
  /** For each field: start and end of its name, start and end of its value. */
  readonly #positions: readonly number[]
  /** The head from its beginning, one character a byte. */
  #text: string | null = null

  constructor({ bytes, origin, start, end, positions, seenFields, hostField }: FieldBlockInit) {
    this.bytes = bytes
    this.origin = origin
    this.#start = start
    this.#end = end
    this.#positions = positions
    this.seenFields = seenFields
    this.hostField = hostField
  }

  get fieldCount(): number {
    return this.#positions.length / 4
  }

  /** Bytes of the block, the empty line included. */
  get size(): number {
    return this.#end - this.#start
  }

  fieldName(index: number): string {
    return this.#slice(this.#positions[index * 4]!, this.#positions[index * 4 + 1]!)
  }

  fieldValue(index: number): string {
    const value = this.#slice(this.#positions[index * 4 + 2]!, this.#positions[index * 4 + 3]!)
    // Only a value folded over several lines holds a CR: the scan lets no other through (RFC 9112 §5.2).
    return value.includes('\r') ? unfold(value) : value
  }

  findField(name: string, from: number): number {
    const positions = this.#positions
    const size = name.length
    for (let i = from * 4; i < positions.length; i += 4) {
      const start = positions[i]!
      if (positions[i + 1]! - start === size && this.#isName(start, name)) return i / 4
    }
    return -1
  }

  /** Whether the same block stands in `bytes` at `start`, before `limit`. */
  standsIn(bytes: Buffer, start: number, limit: number): boolean {
    const end = start + this.size
    // The two bytes that blocks of other sizes most often differ in are looked at first.
    if (end > limit || bytes[end - 1] !== 0x0a || bytes[end - 3] !== 0x0a) return false
    if (this.size > smallSize) return bytes.compare(this.bytes, this.#start, this.#end, start, end) === 0
    for (let i = this.#start, at = start; at < end; i++, at++) if (this.bytes[i] !== bytes[at]) return false
    return true
  }

  #slice(start: number, end: number): string {
    this.#text ??= this.bytes.toString('latin1', this.origin, this.#end)
    return this.#text.slice(start, end)
  }

  /** Whether the name at `start` is `name`, in any case of its letters. */
  #isName(start: number, name: string): boolean {
    const bytes = this.bytes
    const at = this.origin + start
    for (let i = 0; i < name.length; i++) {
      const a = bytes[at + i]!
      const b = name.charCodeAt(i)
      // Token characters that differ in bit 5 alone and are no letters (`^` and `~`, …) must not pass for each other.
      if (a !== b && ((a ^ b) !== 0x20 || (a | 0x20) < 0x61 || (a | 0x20) > 0x7a)) return false
    }
    return true
  }
}

/** Up to here a loop is done before a call out has begun. */
const smallSize = 64

/** What a {@link FieldBlock} is made of. */
export interface FieldBlockInit {
  readonly bytes: Buffer
  readonly origin: number
  readonly start: number
  readonly end: number
  readonly positions: readonly number[]
  readonly seenFields: number
  readonly hostField: number
}

/** A folded value on one line: each fold counts as one space, and none is left at the ends. */
function unfold(value: string): string {
  const lines = value.split('\r\n').map(trimOws)
  return lines.filter((line) => line !== '').join(' ')
}

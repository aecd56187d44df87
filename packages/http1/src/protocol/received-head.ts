import type { ReceivedFields } from '@tornado-ts/httputil'
import { trimOws } from './grammar.ts'

/**
 * The head of a message as it was received: its text, and where in it each field's name and value lie.
 *
 * Values are cut out when asked for; most are never asked for.
 */
export class ReceivedHead implements ReceivedFields {
  readonly #text: string
  /** For each field: start and end of the name, start and end of the value. */
  readonly #positions: readonly number[]

  constructor(text: string, positions: readonly number[]) {
    this.#text = text
    this.#positions = positions
  }

  get fieldCount(): number {
    return this.#positions.length / 4
  }

  fieldName(index: number): string {
    return this.#text.slice(this.#positions[index * 4]!, this.#positions[index * 4 + 1]!)
  }

  fieldValue(index: number): string {
    const value = this.#text.slice(this.#positions[index * 4 + 2]!, this.#positions[index * 4 + 3]!)
    // Only a value folded over several lines holds a CR: the scan lets no other through (RFC 9112 §5.2).
    return value.includes('\r') ? unfold(value) : value
  }

  findField(name: string, from: number): number {
    const text = this.#text
    const positions = this.#positions
    const size = name.length
    for (let i = from * 4; i < positions.length; i += 4) {
      const start = positions[i]!
      if (positions[i + 1]! - start === size && equalsIgnoringCase(text, start, name)) return i / 4
    }
    return -1
  }
}

/** A folded value on one line: each fold counts as one space, and none is left at the ends. */
function unfold(value: string): string {
  const lines = value.split('\r\n').map(trimOws)
  return lines.filter((line) => line !== '').join(' ')
}

/** Whether `text` holds `name` at `start`, in any case of its letters. Both are ASCII. */
function equalsIgnoringCase(text: string, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const a = text.charCodeAt(start + i)
    const b = name.charCodeAt(i)
    // Token characters that differ in bit 5 alone and are no letters (`^` and `~`, …) must not pass for each other.
    if (a !== b && ((a ^ b) !== 0x20 || (a | 0x20) < 0x61 || (a | 0x20) > 0x7a)) return false
  }
  return true
}

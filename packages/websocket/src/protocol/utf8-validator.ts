import { utf8Text } from './buffer-text.ts'

/**
 * Checks UTF-8 as it arrives (RFC 3629 §4), whatever the splits: the first byte that cannot belong to a text is found when
 * it comes.
 */
export class Utf8Validator {
  /** Continuation bytes that the character under way still needs. */
  #needed = 0
  /** What the next byte must lie between: narrower than 80–BF after some first bytes. */
  #low = 0x80
  #high = 0xbf

  /** Whether the text may end here. */
  get complete(): boolean {
    return this.#needed === 0
  }

  /** Whether `bytes` from `start` to `end` can follow what came before. */
  accept(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start
    while (at < end) {
      const byte = bytes[at++]!
      if (this.#needed > 0) {
        if (byte < this.#low || byte > this.#high) return false
        this.#needed--
        this.#low = 0x80
        this.#high = 0xbf
      } else if (byte >= 0x80 && !this.#begin(byte)) return false
    }
    return true
  }

  /** A first byte of two, three or four. Overlong forms, surrogates and what is beyond U+10FFFF have no way on. */
  #begin(byte: number): boolean {
    if (byte < 0xc2 || byte > 0xf4) return false
    if (byte < 0xe0) this.#needed = 1
    else if (byte < 0xf0) {
      this.#needed = 2
      if (byte === 0xe0) this.#low = 0xa0
      else if (byte === 0xed) this.#high = 0x9f
    } else {
      this.#needed = 3
      if (byte === 0xf0) this.#low = 0x90
      else if (byte === 0xf4) this.#high = 0x8f
    }
    return true
  }
}

/** The text of UTF-8 bytes, or `null` when they are none. */
export function decodeUtf8(bytes: Buffer, start: number, end: number): string | null {
  const text = utf8Text(bytes, start, end)
  // The decoder puts U+FFFD in place of what is wrong; it may also have been sent.
  if (!text.includes('\ufffd')) return text
  const validator = new Utf8Validator()
  return validator.accept(bytes, start, end) && validator.complete ? text : null
}

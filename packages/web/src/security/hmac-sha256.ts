import { createHmac, hash } from 'node:crypto'

/**
 * HMAC-SHA-256 (RFC 2104) under one key, in lower-case hexadecimal digits. What the key makes of both blocks is kept, and short
 * messages take two one-shot hashes: half the time of an `Hmac` object.
 */
export class HmacSha256 {
  readonly #key: string
  readonly #inner: Buffer
  readonly #outer: Buffer

  constructor(key: string) {
    this.#key = key
    const bytes = Buffer.from(key)
    const short = bytes.length <= blockSize ? bytes : hash('sha256', bytes, 'buffer')
    this.#inner = Buffer.alloc(blockSize + maxShortMessage, 0)
    this.#outer = Buffer.alloc(blockSize + hashSize, 0)
    for (let at = 0; at < blockSize; at++) {
      this.#inner[at] = (short[at] ?? 0) ^ 0x36
      this.#outer[at] = (short[at] ?? 0) ^ 0x5c
    }
  }

  /** Of the text as UTF-8. */
  hex(message: string): string {
    // At most three bytes a character.
    if (message.length > maxShortMessage / 3)
      return createHmac('sha256', this.#key).update(message).digest('hex')
    const size = this.#inner.write(message, blockSize)
    const inner = hash('sha256', this.#inner.subarray(0, blockSize + size), 'latin1')
    this.#outer.write(inner, blockSize, 'latin1')
    return hash('sha256', this.#outer, 'hex')
  }
}

const blockSize = 64
const hashSize = 32
const maxShortMessage = 3072

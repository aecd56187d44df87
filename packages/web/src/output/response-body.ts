import { isAscii } from 'node:buffer'
import { createHash } from 'node:crypto'
import { entityTagOf } from './entity-tag.ts'

/** Bytes of ASCII up to this size become text, which goes out in one piece with the head. */
const maxTextSize = 1024

/** What a handler has written and not flushed yet. Text stays text for as long as it can be sent as such. */
export class ResponseBody {
  /** What follows `#parts`. */
  #text = ''
  #parts: (string | Uint8Array)[] | null = null

  get empty(): boolean {
    return this.#text === '' && this.#parts === null
  }

  write(chunk: string | Uint8Array): void {
    if (typeof chunk === 'string') {
      this.#text += chunk
      return
    }
    if (chunk.byteLength === 0) return
    if (chunk.byteLength <= maxTextSize && isAscii(chunk)) {
      this.#text += bufferOf(chunk).toString('latin1')
      return
    }
    this.#parts ??= []
    if (this.#text !== '') this.#parts.push(this.#text)
    this.#parts.push(chunk)
    this.#text = ''
  }

  clear(): void {
    this.#text = ''
    this.#parts = null
  }

  /** Everything, in one piece; the body is empty afterwards. */
  take(): string | Uint8Array {
    const whole = this.#whole()
    this.clear()
    return whole
  }

  /** Bytes, when sent as UTF-8. */
  get size(): number {
    const whole = this.#whole()
    return typeof whole === 'string' ? Buffer.byteLength(whole) : whole.byteLength
  }

  /** SHA-1 of the bytes, in lower-case hexadecimal digits between double quotes. */
  entityTag(): string {
    if (this.#parts === null) return entityTagOf(this.#text)
    const sum = createHash('sha1')
    for (const part of this.#parts) sum.update(part)
    return `"${sum.update(this.#text).digest('hex')}"`
  }

  #whole(): string | Uint8Array {
    if (this.#parts === null) return this.#text
    if (this.#text === '' && this.#parts.length === 1) return this.#parts[0]!
    const bytes = [...this.#parts, this.#text].map((part) =>
      typeof part === 'string' ? Buffer.from(part) : part,
    )
    const joined = Buffer.concat(bytes)
    this.#parts = [joined]
    this.#text = ''
    return joined
  }
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

import { StringDecoder } from 'node:string_decoder'

/** What one request writes to the log of errors: whole lines, however its bytes arrive, and not without bound. */
export class ErrorText {
  readonly #log: (text: string) => void
  readonly #decoder = new StringDecoder('utf8')
  /** The begin of a line. */
  #held = ''
  #left = maxSize

  constructor(log: (text: string) => void) {
    this.#log = log
  }

  receive(chunk: Buffer): void {
    if (this.#left === 0) return
    const kept = chunk.subarray(0, this.#left)
    this.#left -= kept.length
    const text = this.#held + this.#decoder.write(kept)
    const end = text.length >= maxLineSize ? text.length : text.lastIndexOf('\n') + 1
    this.#held = text.slice(end)
    this.#put(text.slice(0, end))
    if (this.#left === 0) {
      this.end()
      this.#log(`Wrote more than ${maxSize} bytes of errors; the rest is dropped`)
    }
  }

  /** There is no more of it. */
  end(): void {
    const text = this.#held + this.#decoder.end()
    this.#held = ''
    this.#put(text)
  }

  #put(text: string): void {
    const trimmed = text.trimEnd()
    if (trimmed !== '') this.#log(trimmed)
  }
}

const maxSize = 1_048_576
const maxLineSize = 65_536

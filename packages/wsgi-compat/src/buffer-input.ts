import type { WSGIInput } from './wsgi-types.ts'

/** A body in memory, read as a file. */
export class BufferInput implements WSGIInput {
  readonly #body: Uint8Array
  #at = 0

  constructor(body: Uint8Array) {
    this.#body = body
  }

  read(size: number = Infinity): Uint8Array {
    const end = size < 0 ? Infinity : this.#at + size
    return this.#takeTo(end)
  }

  readline(size: number = Infinity): Uint8Array {
    const lineFeed = this.#body.indexOf(0x0a, this.#at)
    const lineEnd = lineFeed === -1 ? Infinity : lineFeed + 1
    return this.#takeTo(Math.min(lineEnd, size < 0 ? Infinity : this.#at + size))
  }

  readlines(hint: number = Infinity): Uint8Array[] {
    const lines: Uint8Array[] = []
    let size = 0
    for (const line of this) {
      lines.push(line)
      size += line.length
      if (hint > 0 && size >= hint) break
    }
    return lines
  }

  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    for (let line = this.readline(); line.length > 0; line = this.readline()) yield line
  }

  #takeTo(end: number): Uint8Array {
    const start = this.#at
    this.#at = Math.min(end, this.#body.length)
    return this.#body.subarray(start, this.#at)
  }
}

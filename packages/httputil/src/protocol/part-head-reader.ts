import { HTTPInputError } from '../errors.ts'

const emptyLine = Buffer.from('\r\n\r\n')

/** Finds the end of a part's head, which may come in many pieces. */
export class PartHeadReader {
  readonly #maxSize: number
  #gathered: Buffer = Buffer.alloc(0)
  #size = 0

  constructor(maxSize: number) {
    this.#maxSize = maxSize
  }

  /**
   * The head, without the empty line, and where its content begins in `chunk`; `null` when all of `chunk` from `start` on
   * was taken and the head goes on.
   *
   * @throws {HTTPInputError} On a head larger than `maxSize`.
   */
  read(chunk: Buffer, start: number): { head: Buffer; contentStart: number } | null {
    if (this.#size === 0) {
      // A head that lies whole in one chunk is not copied.
      if (isLineEnd(chunk, start)) return { head: emptyLine.subarray(0, 0), contentStart: start + 2 }
      const end = chunk.indexOf(emptyLine, start)
      if (end !== -1) return this.#checked(chunk.subarray(start, end), end + emptyLine.length)
    }
    const before = this.#size
    this.#append(chunk.subarray(start, start + this.#maxSize + emptyLine.length - before))
    const gathered = this.#gathered.subarray(0, this.#size)
    const empty = isLineEnd(gathered, 0)
    const end = empty ? 0 : gathered.indexOf(emptyLine, Math.max(0, before - emptyLine.length + 1))
    if (end === -1) {
      if (this.#size === this.#maxSize + emptyLine.length) this.#refuse()
      return null
    }
    this.#size = 0
    return this.#checked(gathered.subarray(0, end), start - before + (empty ? 2 : end + emptyLine.length))
  }

  #checked(head: Buffer, contentStart: number): { head: Buffer; contentStart: number } {
    if (head.length > this.#maxSize) this.#refuse()
    return { head, contentStart }
  }

  #append(bytes: Buffer): void {
    const size = this.#size + bytes.length
    if (size > this.#gathered.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, this.#gathered.length * 2, 256))
      this.#gathered.copy(larger, 0, 0, this.#size)
      this.#gathered = larger
    }
    bytes.copy(this.#gathered, this.#size)
    this.#size = size
  }

  #refuse(): never {
    throw new HTTPInputError(`Multipart part head is larger than ${this.#maxSize} bytes`)
  }
}

function isLineEnd(bytes: Buffer, start: number): boolean {
  return bytes[start] === 0x0d && bytes[start + 1] === 0x0a
}

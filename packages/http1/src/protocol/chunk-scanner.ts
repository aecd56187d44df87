import { HTTPInputError } from '@tornado-ts/httputil'
import { byteClasses, CR, hexValue, HTAB, LF, SEMICOLON, SP, valueClass } from './grammar.ts'

/**
 * Reads the lines between the data of a chunked body (RFC 9112 §7.1): the CR LF behind a chunk and the next size.
 *
 * Extensions are skipped. Their bytes are counted over the whole message, since a peer could send them without end.
 */
export class ChunkScanner {
  /** Size of the chunk that follows, once {@link scan} has found the end of the line. */
  size = 0

  readonly #maxExtensionSize: number
  #state = sizeFirst
  #digits = 0
  #extensionSize = 0

  constructor(maxExtensionSize: number) {
    this.#maxExtensionSize = maxExtensionSize
  }

  /** Makes ready for a new body. */
  begin(): void {
    this.#state = sizeFirst
    this.#extensionSize = 0
  }

  /** The data of a chunk is over: a CR LF must precede the next size. */
  chunkEnded(): void {
    this.#state = dataCR
  }

  /**
   * Scans a size line from `from`.
   *
   * @returns The index behind the line, or -1 when it goes on beyond `end`.
   * @throws {HTTPInputError} When it is malformed.
   */
  scan(bytes: Uint8Array, from: number, end: number): number {
    for (let i = from; i < end; i++) {
      const byte = bytes[i]!
      switch (this.#state) {
        case dataCR:
          if (byte !== CR) throw new HTTPInputError('Chunk is longer than its size')
          this.#state = dataLF
          break
        case dataLF:
          if (byte !== LF) throw new HTTPInputError('Chunk must end in CR LF')
          this.#state = sizeFirst
          break
        case sizeFirst:
          this.size = hexValue(byte)
          if (this.size === -1) throw new HTTPInputError('Invalid chunk size')
          this.#digits = 1
          this.#state = sizeRest
          break
        case sizeRest: {
          const digit = hexValue(byte)
          if (digit !== -1) {
            // Sixteen digits of which the first are zeros still fit a double exactly, or else are over any limit.
            if (++this.#digits > 16) throw new HTTPInputError('Invalid chunk size')
            this.size = this.size * 16 + digit
          } else if (byte === CR) this.#state = sizeLF
          else if (byte === SEMICOLON) this.#state = inExtension
          else if (byte === SP || byte === HTAB) this.#state = beforeExtension
          else throw new HTTPInputError('Invalid chunk size')
          break
        }
        case beforeExtension:
          this.#countExtension()
          if (byte === SEMICOLON) this.#state = inExtension
          else if (byte !== SP && byte !== HTAB) throw new HTTPInputError('Invalid chunk size')
          break
        case inExtension:
          this.#countExtension()
          if (byte === CR) this.#state = sizeLF
          else if ((byteClasses[byte]! & valueClass) === 0)
            throw new HTTPInputError('Invalid chunk extension')
          break
        default:
          if (byte !== LF) throw new HTTPInputError('Chunk size must end in CR LF')
          return i + 1
      }
    }
    return -1
  }

  #countExtension(): void {
    if (++this.#extensionSize > this.#maxExtensionSize) {
      throw new HTTPInputError(`Chunk extensions exceed ${this.#maxExtensionSize} bytes`)
    }
  }
}

const dataCR = 0
const dataLF = 1
const sizeFirst = 2
const sizeRest = 3
const beforeExtension = 4
const inExtension = 5
const sizeLF = 6

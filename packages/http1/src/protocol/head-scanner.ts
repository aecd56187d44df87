import { HTTPInputError } from '@tornado-ts/httputil'
import { byteClasses, COLON, CR, HTAB, LF, SP, targetClass, tokenClass, valueClass } from './grammar.ts'

/** Which first line a head has: trailers have none. */
export type HeadKind = 'request' | 'response' | 'trailers'

/** Fields that decide framing or routing, as bits of {@link HeadScanner.seenFields}. */
export const seenConnection = 1
export const seenContentLength = 2
export const seenTransferEncoding = 4
export const seenExpect = 8
export const seenUpgrade = 16

/**
 * Finds the parts of a head in one pass over its bytes.
 *
 * The pass stops where the bytes end and goes on there when there are more, so each byte is looked at once however the
 * head is split. It accepts exactly RFC 9112's grammar: lines end in CR LF, a field name touches its colon, and control
 * characters stand nowhere. Folded lines are an error, but for a response, where §5.2 lets a client read them.
 */
export class HeadScanner {
  /** Bounds of the parts of a first line, counted from the head's first byte. */
  firstStart = 0
  methodEnd = 0
  targetEnd = 0
  firstEnd = 0
  /** For each field: start and end of its name, start and end of its value, counted likewise. */
  readonly positions: number[] = []
  seenFields = 0
  /** Index of the Host field, or -1. */
  hostField = -1

  readonly #maxFieldCount: number
  #kind: HeadKind = 'request'
  #state = atStart
  #nameStart = 0
  #nameEnd = 0
  #valueStart = 0

  constructor(maxFieldCount: number) {
    this.#maxFieldCount = maxFieldCount
  }

  /** Makes ready for a new head. */
  begin(kind: HeadKind): void {
    this.#kind = kind
    this.#state = kind === 'trailers' ? fieldStart : atStart
    this.positions.length = 0
    this.seenFields = 0
    this.hostField = -1
  }

  /** Whether a byte of the head has been seen; the stray line end that may precede one does not count. */
  get begun(): boolean {
    return this.#state > afterStray
  }

  /** Whether the scan is still within the first line. */
  get inFirstLine(): boolean {
    return this.#state < fieldStart
  }

  /**
   * Scans `bytes` from `from` to `end`; the head began at `base`, which only positions depend on.
   *
   * @returns The index behind the head, or -1 when it goes on beyond `end`.
   * @throws {HTTPInputError} At the first byte that cannot be part of a head.
   */
  scan(bytes: Uint8Array, base: number, from: number, end: number): number {
    const classes = byteClasses
    let state = this.#state
    let i = from
    scan: while (i < end) {
      switch (state) {
        case atStart:
          if (bytes[i] === CR) {
            i++
            state = strayLF
            break
          }
          this.firstStart = i - base
          state = this.#kind === 'request' ? inMethod : inStatusLine
          break
        case strayLF:
          if (bytes[i] !== LF) throw new HTTPInputError('Empty line must end in CR LF')
          i++
          state = afterStray
          break
        case afterStray:
          this.firstStart = i - base
          state = this.#kind === 'request' ? inMethod : inStatusLine
          break
        case inMethod:
          while (i < end && (classes[bytes[i]!]! & tokenClass) !== 0) i++
          if (i === end) break scan
          if (bytes[i] !== SP || i - base === this.firstStart) throw new HTTPInputError('Malformed method')
          this.methodEnd = i - base
          i++
          state = inTarget
          break
        case inTarget:
          while (i < end && (classes[bytes[i]!]! & targetClass) !== 0) i++
          if (i === end) break scan
          if (bytes[i] !== SP || i - base === this.methodEnd + 1)
            throw new HTTPInputError('Malformed request target')
          this.targetEnd = i - base
          i++
          state = inVersion
          break
        case inVersion:
          while (i < end && i - base - this.targetEnd <= versionSize && bytes[i] !== CR) i++
          if (i === end) break scan
          if (bytes[i] !== CR || i - base - this.targetEnd - 1 !== versionSize) {
            throw new HTTPInputError('Malformed HTTP version')
          }
          this.firstEnd = i - base
          i++
          state = firstLF
          break
        case inStatusLine:
          while (i < end && (classes[bytes[i]!]! & valueClass) !== 0) i++
          if (i === end) break scan
          if (bytes[i] !== CR) throw new HTTPInputError('Malformed status line')
          this.firstEnd = i - base
          i++
          state = firstLF
          break
        case firstLF:
          if (bytes[i] !== LF) throw new HTTPInputError('First line must end in CR LF')
          i++
          state = fieldStart
          break
        case fieldStart: {
          const byte = bytes[i]!
          if (byte === CR) {
            i++
            state = lastLF
          } else if (byte === SP || byte === HTAB) {
            if (this.#kind !== 'response' || this.positions.length === 0) {
              throw new HTTPInputError('Header line cannot start with whitespace')
            }
            this.#unfinishValue()
            state = inValue
          } else {
            this.#nameStart = i - base
            state = inName
          }
          break
        }
        case inName:
          while (i < end && (classes[bytes[i]!]! & tokenClass) !== 0) i++
          if (i === end) break scan
          if (bytes[i] !== COLON || i - base === this.#nameStart)
            throw new HTTPInputError('Invalid header name')
          this.#nameEnd = i - base
          this.#noteName(bytes, base)
          i++
          state = beforeValue
          break
        case beforeValue:
          while (i < end && (bytes[i] === SP || bytes[i] === HTAB)) i++
          if (i === end) break scan
          this.#valueStart = i - base
          state = inValue
          break
        case inValue:
          while (i < end && (classes[bytes[i]!]! & valueClass) !== 0) i++
          if (i === end) break scan
          if (bytes[i] !== CR) throw new HTTPInputError('Invalid header value')
          this.#finishValue(bytes, base, i)
          i++
          state = valueLF
          break
        case valueLF:
          if (bytes[i] !== LF) throw new HTTPInputError('Header line must end in CR LF')
          i++
          state = fieldStart
          break
        default:
          if (bytes[i] !== LF) throw new HTTPInputError('Head must end in CR LF')
          this.#state = atStart
          return i + 1
      }
    }
    this.#state = state
    return -1
  }

  #finishValue(bytes: Uint8Array, base: number, at: number): void {
    let valueEnd = at
    const first = base + this.#valueStart
    while (valueEnd > first && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--
    if (this.positions.length >= this.#maxFieldCount * 4) {
      throw new HTTPInputError(`More than ${this.#maxFieldCount} header fields`, { status: 431 })
    }
    this.positions.push(this.#nameStart, this.#nameEnd, this.#valueStart, valueEnd - base)
  }

  /** The last value goes on in a folded line: takes it back to be finished again, with its first line's bounds. */
  #unfinishValue(): void {
    this.positions.pop()
    this.#valueStart = this.positions.pop()!
    this.#nameEnd = this.positions.pop()!
    this.#nameStart = this.positions.pop()!
  }

  /** Remembers the fields that framing depends on. The length tells most names apart already. */
  #noteName(bytes: Uint8Array, base: number): void {
    const start = base + this.#nameStart
    switch (this.#nameEnd - this.#nameStart) {
      case 4:
        if (isName(bytes, start, 'host')) {
          if (this.hostField !== -1 && this.#kind === 'request')
            throw new HTTPInputError('More than one Host header')
          this.hostField = this.positions.length / 4
        }
        break
      case 6:
        if (isName(bytes, start, 'expect')) this.seenFields |= seenExpect
        break
      case 7:
        if (isName(bytes, start, 'upgrade')) this.seenFields |= seenUpgrade
        break
      case 10:
        if (isName(bytes, start, 'connection')) this.seenFields |= seenConnection
        break
      case 14:
        if (isName(bytes, start, 'content-length')) this.seenFields |= seenContentLength
        break
      case 17:
        if (isName(bytes, start, 'transfer-encoding')) this.seenFields |= seenTransferEncoding
        break
      default:
    }
  }
}

/** Whether the token at `start` is `name`, which is in lower case. A hyphen is the only other character of these names. */
function isName(bytes: Uint8Array, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const expected = name.charCodeAt(i)
    const byte = bytes[start + i]!
    if (byte !== expected && (expected === 0x2d || (byte | 0x20) !== expected)) return false
  }
  return true
}

/** `HTTP/1.1` */
const versionSize = 8

// States, in the order of a head.
const atStart = 0
const strayLF = 1
const afterStray = 2
const inMethod = 3
const inTarget = 4
const inVersion = 5
const inStatusLine = 6
const firstLF = 7
const fieldStart = 8
const inName = 9
const beforeValue = 10
const inValue = 11
const valueLF = 12
const lastLF = 13

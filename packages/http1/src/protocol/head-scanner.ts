import { HTTPInputError } from '@tornado-ts/httputil'
import { FieldBlock } from './field-block.ts'
import {
  byteClasses,
  COLON,
  CR,
  HTAB,
  isOws,
  LF,
  SP,
  targetClass,
  tokenClass,
  valueClass,
} from './grammar.ts'

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
  /** Where the first field begins, counted likewise. */
  fieldsStart = 0
  seenFields = 0
  /** Index of the Host field, or -1. */
  hostField = -1

  readonly maxFieldCount: number
  /** For each field: start and end of its name, start and end of its value, counted as those of the first line. */
  readonly #positions: number[] = []
  #count = 0
  readonly #maxCount: number
  #kind: HeadKind = 'request'
  #state = atStart
  #nameStart = 0
  #nameEnd = 0
  #valueStart = 0

  constructor(maxFieldCount: number) {
    this.maxFieldCount = maxFieldCount
    this.#maxCount = maxFieldCount * 4
  }

  /** Makes ready for a new head. */
  begin(kind: HeadKind): void {
    this.#kind = kind
    this.#state = kind === 'trailers' ? fieldStart : atStart
    this.fieldsStart = 0
    this.#count = 0
    this.seenFields = 0
    this.hostField = -1
  }

  /** The fields of a complete head, whose bytes these are from `origin` to `end`. */
  takeFields(bytes: Buffer, origin: number, end: number): FieldBlock {
    const { seenFields, hostField } = this
    const positions = this.#positions.slice(0, this.#count)
    return new FieldBlock({
      bytes,
      origin,
      start: origin + this.fieldsStart,
      end,
      positions,
      seenFields,
      hostField,
    })
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
   * Scans `bytes` from `from` to `end`, going on where the last scan of this head stopped; the head began at `base`, which
   * only positions depend on.
   *
   * @returns The index behind the head, or -1 when it goes on beyond `end`.
   * @throws {HTTPInputError} At the first byte that cannot be part of a head.
   */
  scan(bytes: Uint8Array, base: number, from: number, end: number): number {
    const at = this.inFirstLine ? this.scanFirstLine(bytes, base, from, end) : from
    return at === -1 ? -1 : this.scanFields(bytes, null, base, at, end)
  }

  /** As {@link scan}, to the end of the first line: answers the index behind it, or -1. */
  scanFirstLine(bytes: Uint8Array, base: number, from: number, end: number): number {
    const classes = byteClasses
    let i = from
    let state = this.#state
    for (;;) {
      // Each part falls through to the next. Where the bytes end, the state says which part to go on with.
      switch (state) {
        case atStart:
          if (i === end) return this.#pause(atStart)
          if (bytes[i] !== CR) {
            this.firstStart = i - base
            state = this.#kind === 'request' ? inMethod : inStatusLine
            continue
          }
          i++
        case strayLF:
          if (i === end) return this.#pause(strayLF)
          if (bytes[i] !== LF) throw new HTTPInputError('Empty line must end in CR LF')
          i++
        case afterStray:
          if (i === end) return this.#pause(afterStray)
          this.firstStart = i - base
          state = this.#kind === 'request' ? inMethod : inStatusLine
          continue
        case inMethod:
          while (i < end && (classes[bytes[i]!]! & tokenClass) !== 0) i++
          if (i === end) return this.#pause(inMethod)
          if (bytes[i] !== SP || i - base === this.firstStart) throw new HTTPInputError('Malformed method')
          this.methodEnd = i - base
          i++
        case inTarget:
          while (i < end && (classes[bytes[i]!]! & targetClass) !== 0) i++
          if (i === end) return this.#pause(inTarget)
          if (bytes[i] !== SP || i - base === this.methodEnd + 1) {
            throw new HTTPInputError('Malformed request target')
          }
          this.targetEnd = i - base
          i++
        case inVersion:
          while (i < end && i - base - this.targetEnd <= versionSize && bytes[i] !== CR) i++
          if (i === end) return this.#pause(inVersion)
          if (bytes[i] !== CR || i - base - this.targetEnd - 1 !== versionSize) {
            throw new HTTPInputError('Malformed HTTP version')
          }
          this.firstEnd = i - base
          i++
          state = firstLF
          continue
        case inStatusLine:
          // At once: what is no HTTP may never send the end of a head.
          for (let at = i - base - this.firstStart; at < protocolName.length && i < end; at++, i++) {
            if (bytes[i] !== protocolName.charCodeAt(at)) throw new HTTPInputError('Malformed status line')
          }
          while (i < end && (classes[bytes[i]!]! & valueClass) !== 0) i++
          if (i === end) return this.#pause(inStatusLine)
          if (bytes[i] !== CR) throw new HTTPInputError('Malformed status line')
          this.firstEnd = i - base
          i++
        default:
          if (i === end) return this.#pause(firstLF)
          if (bytes[i] !== LF) throw new HTTPInputError('First line must end in CR LF')
          i++
          this.#pause(fieldStart)
          this.fieldsStart = i - base
          return i
      }
    }
  }

  /**
   * As {@link scan}, from the end of the first line.
   *
   * @param words The same bytes as 32-bit words, if they can be had so: values are then checked four bytes at a step.
   *   The byte at `end` must be zero, to stop the steps.
   */
  scanFields(bytes: Uint8Array, words: Int32Array | null, base: number, from: number, end: number): number {
    const classes = byteClasses
    const positions = this.#positions
    let i = from
    let state = this.#state
    let nameStart = this.#nameStart
    let nameEnd = this.#nameEnd
    let valueStart = this.#valueStart
    // A field costs one step of this loop and no store but those of its positions.
    for (;;) {
      switch (state) {
        case fieldStart: {
          if (i === end) return this.#pause(fieldStart)
          const byte = bytes[i]!
          if (byte === CR) {
            i++
            state = lastLF
            continue
          }
          if (byte === SP || byte === HTAB) {
            if (this.#kind !== 'response' || this.#count === 0) {
              throw new HTTPInputError('Header line cannot start with whitespace')
            }
            // The last value goes on: it is taken back, to be finished again with its first line's bounds.
            this.#count -= 4
            nameStart = positions[this.#count]!
            nameEnd = positions[this.#count + 1]!
            valueStart = positions[this.#count + 2]!
            state = inValue
            continue
          }
          nameStart = i - base
        }
        case inName: {
          while (i < end && (classes[bytes[i]!]! & tokenClass) !== 0) i++
          if (i === end) return this.#pause(inName, nameStart)
          nameEnd = i - base
          if (bytes[i] !== COLON || nameEnd === nameStart) throw new HTTPInputError('Invalid header name')
          const size = nameEnd - nameStart
          if (size <= 17 && (notedSizes & (1 << size)) !== 0) this.#noteName(bytes, base + nameStart, size)
          i++
        }
        case beforeValue:
          while (i < end && (bytes[i] === SP || bytes[i] === HTAB)) i++
          if (i === end) return this.#pause(beforeValue, nameStart, nameEnd)
          valueStart = i - base
        case inValue: {
          if (words !== null) i = skipVisible(bytes, words, i)
          while (i < end && (classes[bytes[i]!]! & valueClass) !== 0) i++
          if (i === end) return this.#pause(inValue, nameStart, nameEnd, valueStart)
          if (bytes[i] !== CR) throw new HTTPInputError('Invalid header value')
          let valueEnd = i - base
          while (valueEnd > valueStart && isOws(bytes[base + valueEnd - 1]!)) valueEnd--
          const count = this.#count
          if (count >= this.#maxCount) {
            throw new HTTPInputError(`More than ${this.#maxCount / 4} header fields`, { status: 431 })
          }
          positions[count] = nameStart
          positions[count + 1] = nameEnd
          positions[count + 2] = valueStart
          positions[count + 3] = valueEnd
          this.#count = count + 4
          i++
        }
        case valueLF:
          if (i === end) return this.#pause(valueLF)
          if (bytes[i] !== LF) throw new HTTPInputError('Header line must end in CR LF')
          i++
          state = fieldStart
          continue
        default:
          if (i === end) return this.#pause(lastLF)
          if (bytes[i] !== LF) throw new HTTPInputError('Head must end in CR LF')
          this.#state = atStart
          return i + 1
      }
    }
  }

  #pause(state: number, nameStart = 0, nameEnd = 0, valueStart = 0): -1 {
    this.#state = state
    this.#nameStart = nameStart
    this.#nameEnd = nameEnd
    this.#valueStart = valueStart
    return -1
  }

  /** Remembers the fields that framing depends on. */
  #noteName(bytes: Uint8Array, start: number, size: number): void {
    if (size === 4) {
      if (!isName(bytes, start, 'host')) return
      if (this.hostField !== -1 && this.#kind === 'request')
        throw new HTTPInputError('More than one Host header')
      this.hostField = this.#count / 4
    } else if (size === 6) {
      if (isName(bytes, start, 'expect')) this.seenFields |= seenExpect
    } else if (size === 7) {
      if (isName(bytes, start, 'upgrade')) this.seenFields |= seenUpgrade
    } else if (size === 10) {
      if (isName(bytes, start, 'connection')) this.seenFields |= seenConnection
    } else if (size === 14) {
      if (isName(bytes, start, 'content-length')) this.seenFields |= seenContentLength
    } else if (isName(bytes, start, 'transfer-encoding')) this.seenFields |= seenTransferEncoding
  }
}

/** The lengths of the names that {@link HeadScanner} takes note of, a bit each: they tell most others apart already. */
const notedSizes = (1 << 4) | (1 << 6) | (1 << 7) | (1 << 10) | (1 << 14) | (1 << 17)

/** Whether the token at `start` is `name`, which is in lower case. A hyphen is the only other character of these names. */
function isName(bytes: Uint8Array, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const expected = name.charCodeAt(i)
    const byte = bytes[start + i]!
    if (byte !== expected && (expected === 0x2d || (byte | 0x20) !== expected)) return false
  }
  return true
}

/**
 * Steps over characters of a value a word at a time, up to the word that holds a control character. (It stops at a tab,
 * which may stand in a value, as well: the caller looks at the bytes from there.)
 */
function skipVisible(bytes: Uint8Array, words: Int32Array, from: number): number {
  let i = from
  while ((i & 3) !== 0 && bytes[i]! >= 0x20 && bytes[i] !== 0x7f) i++
  if ((i & 3) !== 0) return i
  let at = i >> 2
  for (;;) {
    const word = words[at]!
    // The high bit of a byte of `below` is set when that byte is under 0x20, of `del` when it is 0x7f. A borrow can set one
    // above a true hit as well, never one without a hit.
    const below = (word - 0x20202020) & ~word
    const flipped = word ^ 0x7f7f7f7f
    const del = (flipped - 0x01010101) & ~flipped
    if (((below | del) & 0x80808080) !== 0) return at << 2
    at++
  }
}

/** `HTTP/1.1` */
const versionSize = 8

/** What a status line begins with. */
const protocolName = 'HTTP/'

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

import { strongEtagsEqual } from './etag.ts'
import { parseHttpDate } from './date.ts'

/** One range of a `Range` header: `0-499` is first and last byte, `500-` has no end, `-500` asks for the last 500. */
export type ByteRange =
  | { readonly first: number; readonly last: number | null }
  | { readonly suffixSize: number }

/** Bytes `first` to `last`, both included, of something long enough. */
export interface ResolvedRange {
  readonly first: number
  readonly last: number
}

/** Options of {@link parseRange}. */
export interface ParseRangeOptions {
  /** Most ranges; a header with more is ignored. @default 1 */
  maxRanges?: number
}

const byteRange = /^(?:([0-9]+)-([0-9]*)|-([0-9]+))$/

/**
 * Parses a `Range` header, or gives `null` when it has to be ignored: another unit than `bytes`, anything but digits in its
 * place (`+1-4`, `1_0-`), or more than `maxRanges` ranges. Whether a range can be served is for {@link resolveRange} to say.
 * Linear in the length.
 *
 * @see RFC 9110 §14.1.2, §14.2
 */
export function parseRange(header: string, { maxRanges = 1 }: ParseRangeOptions = {}): ByteRange[] | null {
  const equals = header.indexOf('=')
  if (equals === -1 || header.slice(0, equals).trim().toLowerCase() !== 'bytes') return null
  const ranges: ByteRange[] = []
  for (let start = equals + 1; start <= header.length;) {
    let end = header.indexOf(',', start)
    if (end === -1) end = header.length
    const text = header.slice(start, end).trim()
    start = end + 1
    // RFC 9110 §5.6.1: empty elements of a list do not count.
    if (text === '') continue
    const match = byteRange.exec(text)
    if (match === null || ranges.length === maxRanges) return null
    const [, first, last, suffix] = match
    if (first === undefined) ranges.push({ suffixSize: position(suffix!) })
    else ranges.push({ first: position(first), last: last ? position(last) : null })
  }
  return ranges.length === 0 ? null : ranges
}

/**
 * The bytes that a range means in something of `size` bytes, or `null` when there are none: it begins behind the end, ends before it
 * begins, or asks for the last 0.
 */
export function resolveRange(range: ByteRange, size: number): ResolvedRange | null {
  if ('suffixSize' in range) {
    if (range.suffixSize === 0 || size === 0) return null
    return { first: Math.max(0, size - range.suffixSize), last: size - 1 }
  }
  const { first, last } = range
  if (first >= size || (last !== null && last < first)) return null
  return { first, last: last === null ? size - 1 : Math.min(last, size - 1) }
}

/** The value of `Content-Range`: `bytes 0-499/1234`, or `bytes * /1234` (without the space) for an answer of 416. */
export function formatContentRange(range: ResolvedRange | null, size: number | null): string {
  const part = range === null ? '*' : `${range.first}-${range.last}`
  return `bytes ${part}/${size ?? '*'}`
}

/** What a `Content-Range` header says: `range` is `null` in an answer of 416, `size` when the sender does not know it. */
export interface ContentRange {
  readonly range: ResolvedRange | null
  readonly size: number | null
}

const contentRange = /^bytes +(?:([0-9]+)-([0-9]+)|\*)\/(?:([0-9]+)|\*)$/i

/** Parses a `Content-Range` header; `null` when it is malformed or contradicts itself. RFC 9110 §14.4. */
export function parseContentRange(header: string): ContentRange | null {
  const match = contentRange.exec(header.trim())
  if (match === null) return null
  const [, first, last, total] = match
  const size = total === undefined ? null : Number(total)
  if (first === undefined || last === undefined) return size === null ? null : { range: null, size }
  const range = { first: Number(first), last: Number(last) }
  if (![range.first, range.last, size ?? 0].every(Number.isSafeInteger)) return null
  if (range.last < range.first || (size !== null && range.last >= size)) return null
  return { range, size }
}

/** What `If-Range` is held against. */
export interface RangeValidators {
  /** The current entity tag, with quotes. */
  readonly etag?: string | null
  /** The current `Last-Modified`, in milliseconds since the epoch. */
  readonly lastModifiedMs?: number | null
}

/**
 * Whether a range may be served in spite of an `If-Range` header: its entity tag must be equal and strong, its date the very
 * second. Anything else means that the whole is to be sent.
 *
 * @see RFC 9110 §13.1.5
 */
export function ifRangeMatches(header: string, { etag, lastModifiedMs }: RangeValidators): boolean {
  const text = header.trim()
  if (text.includes('"')) return Boolean(etag) && strongEtagsEqual(text, etag!)
  const ms = parseHttpDate(text)
  return ms !== null && lastModifiedMs !== null && lastModifiedMs !== undefined
    ? ms === lastModifiedMs - (lastModifiedMs % 1000)
    : false
}

/** Behind the end of anything when there are too many digits to count with. */
function position(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER)
}

import { formatContentRange, parseRange, resolveRange, type ResolvedRange } from '@tornado-ts/httputil'
import { randomBytes } from 'node:crypto'

/** What a request with a `Range` header is to get: the whole, no range of it, or these ranges. */
export type RangePlan = 'whole' | 'unsatisfiable' | readonly [ResolvedRange, ...ResolvedRange[]]

/**
 * Decides what to send of something of `size` bytes. A header that is malformed, asks for too many ranges, for the same bytes
 * twice or for all of them, is answered with the whole; ranges behind the end are left out.
 *
 * @see RFC 9110 §14.2, §17.15
 */
export function planRanges(header: string, size: number, maxRanges: number): RangePlan {
  const asked = parseRange(header, { maxRanges })
  if (asked === null) return 'whole'
  const ranges = asked.map((range) => resolveRange(range, size)).filter((range) => range !== null)
  const [first, ...others] = ranges
  if (first === undefined) return 'unsatisfiable'
  const wanted = ranges.reduce((sum, range) => sum + rangeSize(range), 0)
  return wanted >= size || overlap(ranges) ? 'whole' : [first, ...others]
}

export function rangeSize({ first, last }: ResolvedRange): number {
  return last - first + 1
}

/** The frame of several ranges in one response: `multipart/byteranges` (RFC 9110 §14.6). */
export class MultipartRanges {
  /** For the response's `Content-Type`. */
  readonly contentType: string
  /** Bytes of the whole body. */
  readonly size: number
  /** Ends the body. */
  readonly end: string
  readonly #heads: readonly string[]

  constructor(
    ranges: readonly ResolvedRange[],
    { contentType, size }: { contentType: string; size: number },
  ) {
    const boundary = randomBytes(12).toString('hex')
    const typeLine = contentType === '' ? '' : `Content-Type: ${contentType}\r\n`
    this.contentType = `multipart/byteranges; boundary=${boundary}`
    this.end = `\r\n--${boundary}--\r\n`
    this.#heads = ranges.map(
      (range, index) =>
        `${index === 0 ? '' : '\r\n'}--${boundary}\r\n${typeLine}Content-Range: ${formatContentRange(range, size)}\r\n\r\n`,
    )
    this.size =
      ranges.reduce((sum, range) => sum + rangeSize(range), this.end.length) +
      this.#heads.reduce((sum, head) => sum + head.length, 0)
  }

  /** What precedes the bytes of a range. */
  headOf(index: number): string {
    return this.#heads[index]!
  }
}

function overlap(ranges: readonly ResolvedRange[]): boolean {
  if (ranges.length < 2) return false
  const sorted = ranges.toSorted((a, b) => a.first - b.first)
  return sorted.some((range, index) => index > 0 && range.first <= sorted[index - 1]!.last)
}

import { trimBlanks } from '../characters.ts'

/** An element of a header such as `Accept-Encoding`. */
export interface QualityItem {
  /** In lower case and without parameters: `gzip`, `en-us`, `text/html`, `*`. */
  readonly value: string
  /** Its weight from 0 (not acceptable) to 1. */
  readonly quality: number
}

const weight = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/

/**
 * Parses a list with weights (`Accept-Encoding`, `Accept-Language`, `Accept`), the most wanted first and equals in the order
 * received. Elements with a malformed weight (`q=nan`, `q=1e999`) are dropped, and parameters other than `q` are not kept.
 *
 * @see RFC 9110 §12.4.2
 */
export function parseQualityList(header: string): QualityItem[] {
  const items: QualityItem[] = []
  for (const element of header.split(',')) {
    const [first, ...parameters] = element.split(';')
    const value = trimBlanks(first!).toLowerCase()
    const quality = qualityOf(parameters)
    if (value !== '' && quality !== null) items.push({ value, quality })
  }
  return items.toSorted((a, b) => b.quality - a.quality)
}

/**
 * The content coding to send: the one of `available` that the client weighs highest, of equals the first, or `identity`. `null` when
 * the client refuses all of them and `identity` too.
 *
 * @param header The request's `Accept-Encoding`; without one, `identity`.
 * @param available Codings this side has, in lower case, the best first.
 * @see RFC 9110 §12.5.3
 */
export function negotiateEncoding(header: string | undefined, available: readonly string[]): string | null {
  if (header === undefined) return 'identity'
  const qualities = new Map<string, number>()
  for (const { value, quality } of parseQualityList(header)) {
    const coding = value === 'x-gzip' ? 'gzip' : value
    if (!qualities.has(coding)) qualities.set(coding, quality)
  }
  const others = qualities.get('*')
  // Nothing said about `identity`: a last resort, unless `*;q=0` rules it out.
  let best = qualities.get('identity') ?? (others === 0 ? 0 : Number.MIN_VALUE)
  let chosen: string | null = best > 0 ? 'identity' : null
  for (const coding of available) {
    const quality = qualities.get(coding) ?? others ?? 0
    // At equal weight the coding is sent, since whoever lists it wants it.
    if (quality > best || (quality === best && quality > 0 && chosen === 'identity')) {
      best = quality
      chosen = coding
    }
  }
  return chosen
}

function qualityOf(parameters: readonly string[]): number | null {
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=')
    if (equals === -1 || trimBlanks(parameter, 0, equals).toLowerCase() !== 'q') continue
    const text = trimBlanks(parameter, equals + 1)
    return weight.test(text) ? Number(text) : null
  }
  return 1
}

import { closestCode } from './closest-code.ts'
import { Locale } from './locale.ts'

/** RFC 9110 §12.4.2, and any number of digits. */
const weight = /^\s*q\s*=\s*(0?\.\d+|0\.?|1(?:\.0*)?)\s*$/i
const anyWeight = /^\s*q\s*=/i

/**
 * The languages of an Accept-Language header, those wanted most first. Those of weight 0 and those whose weight is no
 * number from 0 to 1 are left out; so is `*`, which asks for nothing.
 *
 * It takes time in proportion to the length of the header, and of a sort. RFC 9110 §12.5.4.
 */
export function parseAcceptLanguage(header: string): string[] {
  const entries: { code: string; q: number }[] = []
  eachLanguage(header, (code, q) => entries.push({ code, q }))
  return entries.sort((a, b) => b.q - a.q).map((entry) => entry.code)
}

/**
 * The locale that serves the sender of an Accept-Language header best.
 *
 * @param fallback Code of the locale to take where the header is missing or names no language. A header that names
 *   languages of which none is supported gives the default locale.
 *
 * Tornado: web.RequestHandler.get_browser_locale.
 */
export function matchAcceptLanguage(header: string | null | undefined, fallback = 'en_US'): Locale {
  let best: string | null = null
  let bestQ = 0
  let isEmpty = true
  eachLanguage(header ?? '', (code, q) => {
    isEmpty = false
    if (q <= bestQ) return
    const found = closestCode(code)
    if (found === null) return
    best = found
    bestQ = q
  })
  if (best !== null) return Locale.get(best)
  return isEmpty ? Locale.getClosest(fallback) : Locale.getClosest()
}

function eachLanguage(header: string, visit: (code: string, q: number) => void): void {
  for (let start = 0; start < header.length;) {
    let end = header.indexOf(',', start)
    if (end === -1) end = header.length
    const entry = header.slice(start, end)
    start = end + 1

    const semicolon = entry.indexOf(';')
    const code = (semicolon === -1 ? entry : entry.slice(0, semicolon)).trim()
    if (code === '' || code === '*') continue
    const q = semicolon === -1 ? 1 : parseWeight(entry.slice(semicolon + 1))
    if (q > 0) visit(code, q)
  }
}

/** The weight that the first parameter gives: 1 if it is another parameter, 0 if it is no number from 0 to 1. */
function parseWeight(parameters: string): number {
  const semicolon = parameters.indexOf(';')
  const first = semicolon === -1 ? parameters : parameters.slice(0, semicolon)
  return anyWeight.test(first) ? Number(weight.exec(first)?.[1] ?? 0) : 1
}

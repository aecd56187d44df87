import { isSpace, isWord } from './characters.ts'

/** A URL within text. */
export interface FoundURL {
  readonly start: number
  readonly end: number
  /** `http` for example; empty for `www.` without a protocol. */
  readonly protocol: string
  /** Characters of protocol, colon and slashes; 0 without a protocol. */
  readonly prefixSize: number
}

const heads = /:\/|www\./g
const maxSlashes = 3
const amp = '&amp;'
const quot = '&quot;'

/** What may stand within a URL, but not at its end. */
const punctuation = new Set(Array.from('!"#$%*+,.:;<=>?@[]^`{|}~\'', (character) => character.charCodeAt(0)))

/**
 * The first URL at or after `from` in text that is escaped for HTML: a protocol with its slashes, or `www.`, and
 * what follows up to white space, a parenthesis or an entity other than `&amp;` and `&quot;`; punctuation at its end
 * is left out, balanced parentheses are kept in. `from` is 0 or the end of the URL before.
 *
 * Each character is looked at a bounded number of times, whatever the text.
 */
export function findURL(text: string, from: number): FoundURL | null {
  heads.lastIndex = from
  for (let head = heads.exec(text); head !== null; head = heads.exec(text)) {
    const { index } = head
    const found =
      text.charCodeAt(index) === 0x3a ? withProtocol(text, index, from) : withoutProtocol(text, index)
    if (found !== null) return found
    heads.lastIndex = index + 1
  }
  return null
}

function withProtocol(text: string, colon: number, from: number): FoundURL | null {
  const start = protocolStart(text, colon, from)
  if (start === -1) return null
  let slashes = 1
  while (slashes < maxSlashes && text.charCodeAt(colon + 1 + slashes) === 0x2f) slashes++
  // A slash that nothing follows is taken for the body, so that `file:///` is a URL.
  for (; slashes > 0; slashes--) {
    const body = colon + 1 + slashes
    const end = bodyEnd(text, body)
    if (end !== -1) return { start, end, protocol: text.slice(start, colon), prefixSize: body - start }
  }
  return null
}

function withoutProtocol(text: string, start: number): FoundURL | null {
  if (start > 0 && isWord(pointBefore(text, start))) return null
  const end = bodyEnd(text, start + 'www.'.length)
  return end === -1 ? null : { start, end, protocol: '', prefixSize: 0 }
}

/** Where the word characters and hyphens before the colon begin, hyphens at the beginning left out; -1 if there are none. */
function protocolStart(text: string, colon: number, from: number): number {
  let start = -1
  let index = colon
  while (index > from) {
    const point = pointBefore(text, index)
    const word = isWord(point)
    if (!word && point !== 0x2d) break
    index -= point > 0xffff ? 2 : 1
    if (word) start = index
  }
  return start
}

/** The end of what may follow a head; -1 if nothing does. */
function bodyEnd(text: string, from: number): number {
  let end = -1
  let index = from
  for (;;) {
    const last = runEnds(text, index).lastEnd
    if (last !== -1) {
      index = last
      end = last
    }
    if (text.charCodeAt(index) !== 0x28) return end
    const close = runEnds(text, index + 1).end
    if (text.charCodeAt(close) !== 0x29) return end
    index = close + 1
    end = index
  }
}

/**
 * The run of characters that URLs may hold.
 *
 * `end` is where it ends, `lastEnd` the position behind its last character that a URL may end with, or -1.
 */
function runEnds(text: string, from: number): { end: number; lastEnd: number } {
  let lastEnd = -1
  let end = from
  while (end < text.length) {
    const unit = text.charCodeAt(end)
    if (unit === 0x26) {
      const entity = [amp, quot].find((each) => text.startsWith(each, end))
      if (entity === undefined) break
      end += entity.length
      continue
    }
    if (unit === 0x28 || unit === 0x29 || isSpace(unit)) break
    end++
    if (!punctuation.has(unit)) lastEnd = end
  }
  return { end, lastEnd }
}

function pointBefore(text: string, index: number): number {
  const unit = text.charCodeAt(index - 1)
  const low = unit >= 0xdc00 && unit <= 0xdfff
  const point = low ? (text.codePointAt(index - 2) ?? unit) : unit
  return point > 0xffff ? point : unit
}

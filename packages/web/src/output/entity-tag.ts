import { hash } from 'node:crypto'

/**
 * The entity tag of a text: the SHA-1 of its UTF-8 bytes in lower-case hexadecimal digits, between double quotes.
 *
 * The tags of some texts that were met twice lately are remembered. Clients ask for tags because they ask again and again for
 * what changes seldom; comparing such a text with what it was the last time costs far less than hashing it anew.
 */
export function entityTagOf(text: string): string {
  const size = text.length
  if (size === 0 || size > maxRememberedSize) return makeTag(text)
  const print = fingerprint(text, size)
  const place = print & (placeCount - 1)
  if (prints[place] !== print) {
    // Met for the first time: what is not met again need not be kept.
    prints[place] = print
    return makeTag(text)
  }
  if (texts[place] === text) return tags[place]!
  const tag = makeTag(text)
  texts[place] = ownCopy(text)
  tags[place] = tag
  return tag
}

function makeTag(text: string): string {
  return `"${hash('sha1', text, 'hex')}"`
}

/** Differs for most texts that differ; never negative. */
function fingerprint(text: string, size: number): number {
  const quarter = size >> 2
  let print = size * 31 + text.charCodeAt(0)
  print = print * 31 + text.charCodeAt(quarter)
  print = print * 31 + text.charCodeAt(quarter * 2)
  print = (print & 0xffffff) * 31 + text.charCodeAt(quarter * 3)
  return ((print & 0xffffff) * 31 + text.charCodeAt(size - 1)) & 0x3fffffff
}

/** A text that was cut out of a longer one keeps all of that in memory. */
function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le')
}

/** Characters. With {@link placeCount} it bounds what is remembered to a megabyte. */
const maxRememberedSize = 8192
/** A power of two. */
const placeCount = 64
const prints = new Int32Array(placeCount)
const texts: string[] = Array.from({ length: placeCount }, () => '')
const tags: string[] = Array.from({ length: placeCount }, () => '')

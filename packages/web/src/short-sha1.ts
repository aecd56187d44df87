/** The longest text that {@link shortSha1} takes: with its padding it is one block. */
export const maxShortSha1 = 55

/**
 * SHA-1 (RFC 3174) of a short ASCII text, in lower-case hexadecimal digits.
 *
 * For one block a call into `node:crypto` costs several times the arithmetic: most of an entity tag of a short answer would be
 * that call. Longer texts are better off there. Not for secrets: it takes no care about its timing.
 */
export function shortSha1(text: string): string {
  fillBlock(text)
  const w = words
  let a = h0
  let b = h1
  let c = h2
  let d = h3
  let e = h4
  // Five steps a turn, so that each variable comes back to its place and none has to be moved.
  for (let i = 0; i < 20; i += 5) {
    e = (((a << 5) | (a >>> 27)) + ((b & c) | (~b & d)) + e + k0 + w[i]!) | 0
    b = (b << 30) | (b >>> 2)
    d = (((e << 5) | (e >>> 27)) + ((a & b) | (~a & c)) + d + k0 + w[i + 1]!) | 0
    a = (a << 30) | (a >>> 2)
    c = (((d << 5) | (d >>> 27)) + ((e & a) | (~e & b)) + c + k0 + w[i + 2]!) | 0
    e = (e << 30) | (e >>> 2)
    b = (((c << 5) | (c >>> 27)) + ((d & e) | (~d & a)) + b + k0 + w[i + 3]!) | 0
    d = (d << 30) | (d >>> 2)
    a = (((b << 5) | (b >>> 27)) + ((c & d) | (~c & e)) + a + k0 + w[i + 4]!) | 0
    c = (c << 30) | (c >>> 2)
  }
  for (let i = 20; i < 40; i += 5) {
    e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + k1 + w[i]!) | 0
    b = (b << 30) | (b >>> 2)
    d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + d + k1 + w[i + 1]!) | 0
    a = (a << 30) | (a >>> 2)
    c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + c + k1 + w[i + 2]!) | 0
    e = (e << 30) | (e >>> 2)
    b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + b + k1 + w[i + 3]!) | 0
    d = (d << 30) | (d >>> 2)
    a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + a + k1 + w[i + 4]!) | 0
    c = (c << 30) | (c >>> 2)
  }
  for (let i = 40; i < 60; i += 5) {
    e = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + k2 + w[i]!) | 0
    b = (b << 30) | (b >>> 2)
    d = (((e << 5) | (e >>> 27)) + ((a & b) | (c & (a | b))) + d + k2 + w[i + 1]!) | 0
    a = (a << 30) | (a >>> 2)
    c = (((d << 5) | (d >>> 27)) + ((e & a) | (b & (e | a))) + c + k2 + w[i + 2]!) | 0
    e = (e << 30) | (e >>> 2)
    b = (((c << 5) | (c >>> 27)) + ((d & e) | (a & (d | e))) + b + k2 + w[i + 3]!) | 0
    d = (d << 30) | (d >>> 2)
    a = (((b << 5) | (b >>> 27)) + ((c & d) | (e & (c | d))) + a + k2 + w[i + 4]!) | 0
    c = (c << 30) | (c >>> 2)
  }
  for (let i = 60; i < 80; i += 5) {
    e = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + k3 + w[i]!) | 0
    b = (b << 30) | (b >>> 2)
    d = (((e << 5) | (e >>> 27)) + (a ^ b ^ c) + d + k3 + w[i + 1]!) | 0
    a = (a << 30) | (a >>> 2)
    c = (((d << 5) | (d >>> 27)) + (e ^ a ^ b) + c + k3 + w[i + 2]!) | 0
    e = (e << 30) | (e >>> 2)
    b = (((c << 5) | (c >>> 27)) + (d ^ e ^ a) + b + k3 + w[i + 3]!) | 0
    d = (d << 30) | (d >>> 2)
    a = (((b << 5) | (b >>> 27)) + (c ^ d ^ e) + a + k3 + w[i + 4]!) | 0
    c = (c << 30) | (c >>> 2)
  }
  return hex((h0 + a) | 0) + hex((h1 + b) | 0) + hex((h2 + c) | 0) + hex((h3 + d) | 0) + hex((h4 + e) | 0)
}

/** The text, a one bit, zeros, and the length in bits; then the 64 words that follow from them. */
function fillBlock(text: string): void {
  const w = words
  const size = text.length
  for (let i = 0; i < 16; i++) {
    const at = i * 4
    let word = 0
    if (at + 3 < size) {
      word =
        (text.charCodeAt(at) << 24) |
        (text.charCodeAt(at + 1) << 16) |
        (text.charCodeAt(at + 2) << 8) |
        text.charCodeAt(at + 3)
    } else if (at <= size) {
      for (let j = at; j < size; j++) word |= text.charCodeAt(j) << (24 - (j - at) * 8)
      word |= 0x80 << (24 - (size - at) * 8)
    }
    w[i] = word
  }
  w[15] = size * 8
  for (let i = 16; i < 80; i++) {
    const word = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!
    w[i] = (word << 1) | (word >>> 31)
  }
}

function hex(word: number): string {
  return (
    digits[word >>> 24]! + digits[(word >>> 16) & 0xff]! + digits[(word >>> 8) & 0xff]! + digits[word & 0xff]!
  )
}

const digits: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const words = new Int32Array(80)
const h0 = 0x67452301
const h1 = 0xefcdab89 | 0
const h2 = 0x98badcfe | 0
const h3 = 0x10325476
const h4 = 0xc3d2e1f0 | 0
const k0 = 0x5a827999
const k1 = 0x6ed9eba1
const k2 = 0x8f1bbcdc | 0
const k3 = 0xca62c1d6 | 0

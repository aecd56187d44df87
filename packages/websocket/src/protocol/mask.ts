/**
 * Masks or unmasks bytes in place (RFC 6455 §5.3). `key` holds the four bytes of the masking key, the first in its lowest
 * bits; `phase` tells which of them is first.
 *
 * @returns All bytes joined by OR, after it: without bit 7 in any of four, they are ASCII. See {@link isAscii}.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number, phase: number): number {
  let rotated = rotate(key, phase)
  let seen = 0
  let at = start
  if (end - start >= wordSize) {
    while (((bytes.byteOffset + at) & 3) !== 0) {
      seen |= bytes[at] = bytes[at]! ^ (rotated & 0xff)
      rotated = rotate(rotated, 1)
      at++
    }
    const count = (end - at) >> 2
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, count)
    let index = 0
    for (const whole = count - 3; index < whole; index += 4) {
      seen |=
        (words[index] = words[index]! ^ rotated) |
        (words[index + 1] = words[index + 1]! ^ rotated) |
        (words[index + 2] = words[index + 2]! ^ rotated) |
        (words[index + 3] = words[index + 3]! ^ rotated)
    }
    for (; index < count; index++) seen |= words[index] = words[index]! ^ rotated
    at += count * 4
  }
  const first = rotated & 0xff
  const second = (rotated >>> 8) & 0xff
  const third = (rotated >>> 16) & 0xff
  const fourth = rotated >>> 24
  for (; at + 3 < end; at += 4) {
    seen |=
      (bytes[at] = bytes[at]! ^ first) |
      (bytes[at + 1] = bytes[at + 1]! ^ second) |
      (bytes[at + 2] = bytes[at + 2]! ^ third) |
      (bytes[at + 3] = bytes[at + 3]! ^ fourth)
  }
  if (at < end) seen |= bytes[at] = bytes[at++]! ^ first
  if (at < end) seen |= bytes[at] = bytes[at++]! ^ second
  if (at < end) seen |= bytes[at] = bytes[at]! ^ third
  return seen
}

/** Whether bytes that {@link applyMask} or {@link joinBytes} has joined are all ASCII. */
export function isAscii(seen: number): boolean {
  return (seen & 0x80808080) === 0
}

/** All bytes joined by OR. */
export function joinBytes(bytes: Uint8Array, start: number, end: number): number {
  let seen = 0
  for (let at = start; at < end; at++) seen |= bytes[at]!
  return seen
}

/** The key as it applies `phase` bytes further on. */
export function rotate(key: number, phase: number): number {
  const bits = (phase & 3) * 8
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits))
}

/** Words hold the key as the platform orders bytes. */
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
/** From here on whole words pay for the view that they need. */
const wordSize = littleEndian ? 96 : Infinity

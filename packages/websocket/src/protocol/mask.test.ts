import fc from 'fast-check'
import { expect, it } from 'vitest'
import { applyMask, isAscii, joinBytes } from './mask.ts'

/** As the RFC writes it: each byte with the byte of the key in its turn (RFC 6455 §5.3). */
function maskSlowly(bytes: Uint8Array, start: number, end: number, key: Uint8Array, phase: number): void {
  for (let at = start; at < end; at++) bytes[at]! ^= key[(at - start + phase) & 3]!
}

const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, at) => (at * 73 + 5) & 0xff)
const keyBytes = Uint8Array.of(0x37, 0xfa, 0x21, 0xbd)
const key = Buffer.from(keyBytes).readInt32LE()

it('B-util-009 the key is of four bytes; in words, at any place and of any length, it masks as byte by byte', () => {
  for (let offset = 0; offset < 8; offset++) {
    for (let size = 0; size < 140; size++) {
      for (let phase = 0; phase < 4; phase++) {
        const memory = bytes(offset + size + 3)
        const expected = memory.slice()
        maskSlowly(expected, offset, offset + size, keyBytes, phase)
        const seen = applyMask(memory, offset, offset + size, key, phase)
        if (Buffer.compare(memory, expected) !== 0)
          expect([offset, size, phase]).toBe('masked as byte by byte')
        expect(isAscii(seen)).toBe(isAscii(joinBytes(memory, offset, offset + size)))
      }
    }
  }
})

it('masking twice changes nothing, whatever the bytes and the key (property)', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer(), fc.nat(3), (given, anyKey, phase) => {
      const masked = given.slice()
      applyMask(masked, 0, masked.length, anyKey, phase)
      applyMask(masked, 0, masked.length, anyKey, phase)
      expect(masked).toEqual(given)
    }),
  )
})

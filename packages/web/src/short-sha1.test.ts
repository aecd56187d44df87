import fc from 'fast-check'
import { hash } from 'node:crypto'
import { expect, it } from 'vitest'
import { maxShortSha1, shortSha1 } from './short-sha1.ts'

it('is the SHA-1 of node:crypto for every length that it takes', () => {
  for (let size = 0; size <= maxShortSha1; size++) {
    const text = 'The quick brown fox jumps over the lazy dog 0123456789.~'.slice(0, size)
    expect(shortSha1(text)).toBe(hash('sha1', text, 'hex'))
  }
})

it('is the SHA-1 of node:crypto for any ASCII text (property)', () => {
  const ascii = fc.array(fc.integer({ min: 0, max: 127 }), { maxLength: maxShortSha1 })
  fc.assert(
    fc.property(ascii, (codes) => {
      const text = String.fromCharCode(...codes)
      expect(shortSha1(text)).toBe(hash('sha1', text, 'hex'))
    }),
    { numRuns: 2000 },
  )
})

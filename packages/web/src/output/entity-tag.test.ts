import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { entityTagOf } from './entity-tag.ts'

function sha1(text: string): string {
  return `"${createHash('sha1').update(text).digest('hex')}"`
}

it('is the SHA-1 of any text, new or met before (property)', () => {
  const text = fc.oneof(fc.string({ maxLength: 3 }), fc.string({ unit: 'grapheme', maxLength: 60 }))
  fc.assert(
    fc.property(text, (given) => {
      for (let time = 0; time < 4; time++) expect(entityTagOf(given)).toBe(sha1(given))
    }),
    { numRuns: 2000 },
  )
})

it('tells texts apart that differ in one place', () => {
  for (let place = 0; place < 100; place++) {
    const text = `${'a'.repeat(place)}b${'a'.repeat(100 - place)}`
    expect([entityTagOf(text), entityTagOf(text)]).toEqual([sha1(text), sha1(text)])
  }
})

it.each([0, 1, 8191, 8192, 8193, 1_000_000])('takes a text of %i characters', (size) => {
  const text = 'x'.repeat(size)
  expect([1, 2, 3].map(() => entityTagOf(text))).toEqual([1, 2, 3].map(() => sha1(text)))
})

import { expect, it } from 'vitest'
import { slugOf, unusedSlug } from './slug.ts'

it.each([
  ['Hello, world!', 'hello-world'],
  ['  Crème brûlée — 2 ways  ', 'creme-brulee-2-ways'],
  ['日本語 の題', '日本語-の題'],
  ['../../etc/passwd', 'etc-passwd'],
  ['?!', 'entry'],
  ['', 'entry'],
  [`${'a'.repeat(79)} b`, 'a'.repeat(79)],
])('the slug of %j is %j', (title, slug) => {
  expect(slugOf(title)).toBe(slug)
})

it('numbers a slug that is taken', () => {
  const taken = new Set(['a', 'a-2'])
  expect(['a', 'b'].map((slug) => unusedSlug(slug, (one) => taken.has(one)))).toEqual(['a-3', 'b'])
})

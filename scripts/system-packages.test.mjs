import assert from 'node:assert/strict'
import { test } from 'node:test'
import { provideSystemPackages } from './system-packages.mjs'

function fakeSystem(...installed) {
  const present = new Set(installed)
  const packages = ['a', 'b', 'c'].map((debian) => ({
    debian,
    use: `tests of ${debian}`,
    present: () => present.has(debian),
  }))
  return { present, packages }
}

test('installs nothing when all is there', () => {
  const { packages } = fakeSystem('a', 'b', 'c')
  const result = provideSystemPackages(packages, () => assert.fail('no install was called for'))
  assert.deepEqual(result, { present: ['a', 'b', 'c'], missing: [] })
})

test('installs only what is missing', () => {
  const { packages, present } = fakeSystem('b')
  const result = provideSystemPackages(packages, (names) => {
    assert.deepEqual(names, ['a', 'c'])
    names.forEach((name) => present.add(name))
  })
  assert.deepEqual(result, { present: ['a', 'b', 'c'], missing: [] })
})

test('names what could not be had, and why', () => {
  const { packages } = fakeSystem('a', 'b')
  const result = provideSystemPackages(packages, () => 'no network')
  assert.deepEqual(result, {
    present: ['a', 'b'],
    missing: [{ debian: 'c', use: 'tests of c', reason: 'no network' }],
  })
})

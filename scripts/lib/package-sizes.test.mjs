import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkContents, closureOf, formatSizes } from './package-sizes.mjs'

const good = ['LICENSE', 'NOTICE', 'README.md', 'dist/index.d.ts', 'dist/index.js', 'package.json']

test('takes a package that holds what it must', () => {
  assert.deepEqual(checkContents('a', good), [])
})

test('names what is missing and what is too much', () => {
  assert.deepEqual(
    checkContents('a', [...good.slice(1), 'src/index.ts', 'dist/index.js.map', 'dist/x.test.js']),
    [
      'a has no LICENSE',
      'a has src, which is of no use there',
      'a has src/index.ts',
      'a has dist/index.js.map',
      'a has dist/x.test.js',
    ],
  )
})

test('adds up what an install brings, each package once', () => {
  const installed = new Map([
    ['top', { size: 5000, files: [], needs: ['left', 'right', 'third-party'] }],
    ['left', { size: 3000, files: [], needs: ['base'] }],
    ['right', { size: 2000, files: [], needs: ['base'] }],
    ['base', { size: 1000, files: [], needs: [] }],
  ])
  assert.deepEqual(closureOf('top', installed), {
    names: ['top', 'left', 'base', 'right'],
    others: ['third-party'],
    size: 11_000,
  })
  assert.match(formatSizes(installed)[0], /^top +5 kB +11 kB +4 +third-party$/)
})

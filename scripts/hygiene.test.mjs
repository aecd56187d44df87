import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkText } from './hygiene.mjs'

// Joined here, so that this file itself stays clean.
const machinePath = ['', 'work', 'main', 'x.ts'].join('/')
const registryHost = ['registry', 'npmjs', 'org'].join('.')
const only = ['it', 'only'].join('.')
const skip = ['describe', 'skip'].join('.')

test('finds a path of one machine', () => {
  assert.match(checkText('README.md', `a\nsee ${machinePath}\n`)[0], /^README\.md:2 {2}a path of one machine/)
  assert.deepEqual(checkText('README.md', './work/x, docs/root/y, $root/x, https://example.com/root/x'), [])
})

test("finds a registry's host", () => {
  assert.match(checkText('x.yaml', `tarball: https://${registryHost}/x.tgz`)[0], /registry's host/)
  assert.match(checkText('x.yaml', `https://${'nexus'}.example.com/x.tgz`)[0], /registry's host/)
  assert.deepEqual(checkText('x.md', 'the npm registry'), [])
})

test('finds tests that keep others from running, in code only', () => {
  assert.match(checkText('x.test.ts', `${only}('a', () => {})`)[0], /keeps the other tests/)
  assert.match(checkText('x.test.mjs', `${skip}('a', () => {})`)[0], /never runs/)
  assert.deepEqual(checkText('x.md', only), [])
  assert.deepEqual(checkText('x.test.ts', "it.skipIf(python === null)('a', () => {})"), [])
})

test('finds an unresolved merge', () => {
  assert.match(checkText('x.md', '<<<<<<< HEAD'.padEnd(14))[0], /unresolved merge/)
})

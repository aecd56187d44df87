import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getDependencyReleaseLine, getReleaseLine } from './changelog.mjs'

test('a changeset is an item of the list, all its lines', () => {
  assert.equal(getReleaseLine({ summary: 'New.\n' }), '- New.')
  assert.equal(
    getReleaseLine({ summary: 'New.\n\n```ts\n  run()\n```' }),
    '- New.\n\n  ```ts\n    run()\n  ```',
  )
})

test('packages that come with a release stand in one line', () => {
  const updated = [
    { name: 'b', newVersion: '0.2.0' },
    { name: 'a', newVersion: '1.0.0' },
  ]
  assert.equal(getDependencyReleaseLine([], updated), '- Needs a 1.0.0, b 0.2.0.')
  assert.equal(getDependencyReleaseLine([], []), '')
})

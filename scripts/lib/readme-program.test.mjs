import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findHelloProgram } from './readme-program.mjs'

test('takes the first program under the heading, not what stands before it', () => {
  const markdown = [
    '# Name',
    '```ts',
    'early()',
    '```',
    '## Hello, world',
    '```sh',
    'npm start',
    '```',
    '```ts',
    'hello()',
    '',
    'listen()',
    '```',
    '```ts',
    'later()',
    '```',
  ].join('\n')
  assert.deepEqual(findHelloProgram(markdown), { source: 'hello()\n\nlisten()\n', extension: 'ts', line: 10 })
})

test('a comment marks a program as well', () => {
  const markdown = '<!-- hello-world -->\n~~~js\nhello()\n~~~\n'
  assert.deepEqual(findHelloProgram(markdown), { source: 'hello()\n', extension: 'mjs', line: 3 })
})

test('a heading inside a program is none', () => {
  assert.equal(findHelloProgram('```sh\n# hello\n```\n```ts\na()\n```\n'), undefined)
})

test('a README without one has none', () => {
  assert.equal(findHelloProgram('# Hello\n\nText.\n'), undefined)
  assert.equal(findHelloProgram('# Name\n```ts\na()\n```\n'), undefined)
})

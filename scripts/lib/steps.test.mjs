import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runPhase, summarize } from './steps.mjs'

const node = (source) => [process.execPath, '--eval', source]

/** Runs one phase and gives its lines, the durations left out. */
async function linesOf(phase, results = new Map()) {
  const lines = []
  await runPhase(phase, results, { print: (text) => lines.push(...text.split('\n')) })
  return { results, lines: lines.map((line) => line.replace(/\d+\.\d s/, 'N s')) }
}

test('shows one line for what passed, with its notes, and all output of what failed', async () => {
  const { lines, results } = await linesOf({
    title: 'Checks',
    steps: [
      { name: 'good', command: node("console.log('much'); console.log('note: no x: skipped')") },
      { name: 'bad', command: node("console.log('why'); console.error('and where'); process.exitCode = 2") },
    ],
  })
  assert.deepEqual(lines, [
    '',
    'Checks',
    '  ✓ good (N s)',
    '    note: no x: skipped',
    '  ✗ bad (N s)',
    '    why',
    '    and where',
  ])
  assert.deepEqual(
    [...results],
    [
      ['good', 'passed'],
      ['bad', 'failed'],
    ],
  )
})

test('a step is not run without what it needs', async () => {
  const { lines, results } = await linesOf(
    { title: 'Next', steps: [{ name: 'test', needs: ['build'], command: node('process.exit(0)') }] },
    new Map([['build', 'failed']]),
  )
  assert.deepEqual(lines, ['', 'Next', '  - test: not run, since build did not pass'])
  assert.equal(results.get('test'), 'not run')
})

test('passes an environment, and tells a detail of a success without colours', async () => {
  const { lines } = await linesOf({
    title: 'Next',
    steps: [
      {
        name: 'env',
        env: { GREETING: 'hello' },
        command: node("console.log('\\x1b[32m' + process.env.GREETING)"),
        detail: (output) => output.trim(),
      },
    ],
  })
  assert.deepEqual(lines.slice(2), ['  ✓ env (N s): hello'])
})

test('a program that does not exist is a failure', async () => {
  const { results, lines } = await linesOf({
    title: 'Next',
    steps: [{ name: 'none', command: ['no-such-program'] }],
  })
  assert.equal(results.get('none'), 'failed')
  assert.match(lines.at(-1), /ENOENT/)
})

test('lanes run at the same time', async () => {
  // Each waits for the other one's file: they end only when both run.
  const meet = (mine, other) => `
    const { existsSync, mkdirSync } = require('node:fs')
    mkdirSync(process.env.MEET + '${mine}')
    const timer = setInterval(() => existsSync(process.env.MEET + '${other}') && clearInterval(timer), 5)`
  const { mkdtempSync, rmSync } = await import('node:fs')
  const { join } = await import('node:path')
  const dir = mkdtempSync(join((await import('node:os')).tmpdir(), 'lanes-'))
  const env = { MEET: join(dir, '_') }
  const { results } = await linesOf({
    title: 'Both',
    lanes: 2,
    steps: [
      { name: 'a', command: node(meet('a', 'b')), env },
      { name: 'b', command: node(meet('b', 'a')), env },
    ],
  })
  rmSync(dir, { recursive: true })
  assert.deepEqual([...results.values()], ['passed', 'passed'])
})

test('the last line counts', () => {
  const results = new Map([
    ['a', 'passed'],
    ['b', 'failed'],
    ['c', 'not run'],
  ])
  assert.equal(summarize(results, 61.4), 'Failed: b\nNot run: c\nTook 61 s\n1 passed, 1 failed')
  assert.equal(summarize(new Map([['a', 'passed']]), 1), 'Took 1 s\n1 passed, 0 failed')
})

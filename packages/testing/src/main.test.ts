import { appLog } from '@tornado-ts/log'
import { afterEach, expect, it, vi } from 'vitest'
import { AsyncTestCase } from './async-test-case.ts'
import { main, type MainOptions } from './main.ts'

class Good extends AsyncTestCase {
  testFirst(): void {
    process.stdout.write('printed by the first\n')
  }

  async testSecond(): Promise<void> {
    appLog.info('an info line')
  }
}

class Bad extends AsyncTestCase {
  testFails(): void {
    process.stdout.write('printed by the bad\n')
    throw new Error('on purpose')
  }

  testPasses(): void {}
}

let output = ''

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

interface Result {
  readonly passed: boolean
  readonly status: unknown
  readonly text: string
}

async function run(
  args: string[],
  tests: Record<string, unknown> = { Good, Bad, other: 1 },
  options: MainOptions = {},
): Promise<Result> {
  output = ''
  const keep = (chunk: string | Uint8Array): boolean => {
    output += String(chunk)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(keep)
  vi.spyOn(process.stderr, 'write').mockImplementation(keep)
  process.exitCode = undefined
  try {
    const passed = await main(tests, { ...options, args })
    return { passed, status: process.exitCode, text: output }
  } finally {
    vi.restoreAllMocks()
    process.exitCode = undefined
  }
}

it('B-test-011 runs all tests, or the named ones', async () => {
  const all = await run([])
  expect(all).toMatchObject({ passed: false, status: 1 })
  expect(all.text).toMatch(
    /^printed by the first\n\.\.printed by the bad\nF\.\n=+\nFAIL: testFails \(Bad\)\n-+\nError: on purpose/,
  )
  expect(all.text).toMatch(/-+\nRan 4 tests in \d+\.\d{3}s\n\nFAILED \(failures=1\)\n$/)
  const good = await run(['Good'])
  expect(good).toMatchObject({ passed: true, status: undefined })
  expect(good.text).toMatch(/Ran 2 tests in .*\n\nOK\n$/)
  expect((await run(['Bad.testPasses', 'Good.testFirst'])).text).toContain('Ran 2 tests')
  expect((await run([], { Good, Bad, all: () => [Good] })).text).toContain('Ran 2 tests')
})

it('B-test-011 takes the options of Tornado', async () => {
  expect((await run(['--verbose', 'Bad'])).text).toContain(
    'testFails (Bad) ... printed by the bad\nFAIL\ntestPasses (Bad) ... ok\n',
  )
  expect((await run(['--quiet', 'Good'])).text).toMatch(/^printed by the first\n-+\nRan 2/)
  expect((await run(['--failfast', 'Bad'])).text).toContain('Ran 1 test in')
  const buffered = (await run(['--buffer'])).text
  expect(buffered).not.toContain('printed by the first')
  expect(buffered).toMatch(/Output:\nprinted by the bad\n/)
  expect((await run(['Good', '--logging=info', '--log-to-stderr'])).text).toContain('an info line')
  expect((await run(['Good', '--logging=warning', '--log_to_stderr'])).text).not.toContain('an info line')
  expect((await run(['--no-verbose', 'Good'], undefined, { verbose: true })).text).not.toContain('... ok')
  expect(await run(['--help'])).toMatchObject({ passed: true, text: expect.stringMatching(/^Usage:/) })
})

it('B-test-011 refuses what it does not know with one line, the usage and status 2', async () => {
  const unknown = await run(['Nobody'])
  expect(unknown).toMatchObject({ passed: false, status: 2 })
  expect(unknown.text).toMatch(/^No such test: Nobody\nUsage:/)
  expect(await run(['--no-such-option'])).toMatchObject({ passed: false, status: 2 })
  expect((await run(['--log-file-max-size=big'])).text).toMatch(/^--log-file-max-size takes a number\n/)
})

it('B-test-011 an interrupt ends the run with a report; with --catch after the test under way', async () => {
  const finished: string[] = []
  class Interrupted extends AsyncTestCase {
    async testA(): Promise<void> {
      process.emit('SIGINT')
      await new Promise((resolve) => setImmediate(resolve))
      finished.push('A')
    }

    testB(): void {
      finished.push('B')
    }
  }
  const listeners = process.listenerCount('SIGINT')
  const thrown = await run(['--verbose'], { Interrupted })
  expect(thrown.text).toMatch(/testA \(Interrupted\) \.\.\. FAIL/)
  expect(thrown.text).toMatch(/Ran 1 test .*\n\nFAILED \(failures=1, interrupted\)/)
  const caught = await run(['--catch', '--exception_on_interrupt'], { Interrupted })
  expect(caught.text).toMatch(/Ran 1 test .*\n\nFAILED \(failures=0, interrupted\)/)
  expect(finished).not.toContain('B')
  expect(process.listenerCount('SIGINT')).toBe(listeners)
  await run(['--no-exception-on-interrupt'], { Good })
  expect(process.listenerCount('SIGINT')).toBe(listeners)
})

import { inspect } from 'node:util'

/** One test of a class. */
export interface PlannedTest {
  readonly className: string
  readonly name: string
  run(): Promise<void>
}

/** How tests are run and what is printed. */
export interface RunOptions {
  /** Names each test. @default false */
  verbose?: boolean
  /** Prints the end alone. @default false */
  quiet?: boolean
  /** Stops at the first test that fails. @default false */
  failfast?: boolean
  /** On an interrupt (Ctrl-C), finishes the test under way and reports. @default false */
  catch?: boolean
  /** Shows what a test prints only when it fails. @default false */
  buffer?: boolean
  /** An interrupt ends the run with a report of the tests so far; if false, it ends the program at once. @default true */
  exceptionOnInterrupt?: boolean
}

interface Failure {
  readonly test: PlannedTest
  readonly error: unknown
  readonly output: string
}

const thick = `${'='.repeat(70)}\n`
const thin = `${'-'.repeat(70)}\n`

/** Runs tests one after another and reports on stderr; whether all passed. */
export async function runTests(tests: readonly PlannedTest[], options: RunOptions): Promise<boolean> {
  const { verbose = false, quiet = false, failfast = false, buffer = false } = options
  const stderr = process.stderr.write.bind(process.stderr)
  const print = (text: string): void => void (quiet || stderr(text))
  const startedAtMs = performance.now()
  const failures: Failure[] = []
  const interrupt = new Interrupt(options)
  let count = 0
  try {
    for (const test of tests) {
      if (interrupt.happened || (failfast && failures.length > 0)) break
      if (verbose) print(`${test.name} (${test.className}) ... `)
      const output = buffer ? new OutputBuffer() : null
      count++
      try {
        await interrupt.race(test.run())
        print(verbose ? 'ok\n' : '.')
      } catch (error) {
        failures.push({ test, error, output: output?.text ?? '' })
        print(verbose ? 'FAIL\n' : 'F')
      } finally {
        output?.restore()
      }
    }
  } finally {
    interrupt.stop()
  }
  if (!verbose) print('\n')
  for (const { test, error, output } of failures) {
    stderr(`${thick}FAIL: ${test.name} (${test.className})\n${thin}${inspect(error)}\n`)
    if (output !== '') stderr(`\nOutput:\n${output}\n`)
  }
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(3)
  stderr(`${thin}Ran ${count} test${count === 1 ? '' : 's'} in ${seconds}s\n\n`)
  const passed = failures.length === 0 && !interrupt.happened
  if (passed) stderr('OK\n')
  else stderr(`FAILED (failures=${failures.length}${interrupt.happened ? ', interrupted' : ''})\n`)
  return passed
}

/** Ctrl-C during a run. */
class Interrupt {
  happened = false
  readonly #finishesTest: boolean
  readonly #thrown: PromiseWithResolvers<never> = Promise.withResolvers()
  readonly #listener = (): void => {
    // The second one ends the program, as it would without this.
    this.stop()
    this.happened = true
    if (!this.#finishesTest) this.#thrown.reject(new Error('Interrupted'))
  }

  constructor({ catch: finishesTest = false, exceptionOnInterrupt = true }: RunOptions) {
    this.#finishesTest = finishesTest
    this.#thrown.promise.catch(() => {})
    if (finishesTest || exceptionOnInterrupt) process.on('SIGINT', this.#listener)
  }

  race(test: Promise<void>): Promise<void> {
    return Promise.race([test, this.#thrown.promise])
  }

  stop(): void {
    process.off('SIGINT', this.#listener)
  }
}

/** Keeps what is written to stdout and stderr until it is restored. */
class OutputBuffer {
  text = ''
  readonly #writes = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }))

  constructor() {
    for (const { stream } of this.#writes) {
      stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]): boolean => {
        this.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()
        const callback = rest.at(-1)
        if (typeof callback === 'function') process.nextTick(callback as () => void)
        return true
      }) as typeof stream.write
    }
  }

  restore(): void {
    for (const { stream, write } of this.#writes) stream.write = write
  }
}

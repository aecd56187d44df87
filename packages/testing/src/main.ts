import { parseArgs } from 'node:util'
import { enablePrettyLogging, type LoggingOptions, loggingOptionDefinitions } from '@tornado-ts/log'
import { AsyncTestCase } from './async-test-case.ts'
import { type TestCaseClass, testMethodNames } from './define-test-case.ts'
import { type PlannedTest, runTests, type RunOptions } from './run-tests.ts'

/** Settings of {@link main}; those of the command line win. */
export interface MainOptions extends RunOptions {
  /** Arguments: options, and names of tests such as `HelloTest` or `HelloTest.testHello`. @default the command line's */
  args?: readonly string[]
}

const booleans = ['verbose', 'quiet', 'failfast', 'catch', 'buffer', 'exceptionOnInterrupt'] as const

const usage = `Usage: program [options] [Class | Class.testName ...]

Options:
  --verbose                     name each test
  --quiet                       print the end alone
  --failfast                    stop at the first test that fails
  --catch                       on an interrupt, finish the test under way and report
  --buffer                      show what tests print only for those that fail
  --no-exception-on-interrupt   an interrupt ends the program at once, with no report
  --logging=LEVEL               and Tornado's other logging options
`

/**
 * Runs the tests of classes without a runner, and sets the exit status to 1 when one fails.
 *
 * @example
 * await main({ HelloTest, ChatTest })
 *
 * @param tests The classes by name, such as the namespace of a module. Has it a function `all`, the classes that gives are run.
 * @returns Whether all passed.
 *
 * Tornado: testing.main.
 */
export async function main(
  tests: Readonly<Record<string, unknown>>,
  { args = process.argv.slice(2), ...options }: MainOptions = {},
): Promise<boolean> {
  let line: CommandLine
  try {
    line = parseLine(args)
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error))
  }
  if (line.help) {
    process.stdout.write(usage)
    return true
  }
  const classes = await findClasses(tests)
  const planned = classes.flatMap(planAll)
  for (const name of line.names) {
    if (!planned.some((test) => isNamed(test, name))) return refuse(`No such test: ${name}`)
  }
  const chosen =
    line.names.length === 0
      ? planned
      : line.names.flatMap((name) => planned.filter((test) => isNamed(test, name)))
  const logging = enablePrettyLogging(line.logging)
  try {
    const passed = await runTests(chosen, { ...options, ...line.options })
    if (!passed) process.exitCode = 1
    return passed
  } finally {
    logging[Symbol.dispose]()
  }
}

function refuse(problem: string): false {
  process.stderr.write(`${problem}\n${usage}`)
  process.exitCode = 2
  return false
}

interface CommandLine {
  readonly help: boolean
  readonly names: readonly string[]
  readonly options: RunOptions
  readonly logging: LoggingOptions
}

/** Options may be written with `-` or `_` between words, or as here. */
function parseLine(args: readonly string[]): CommandLine {
  const flags = ['help', ...booleans, ...loggingFlags()].map(dashed)
  const parsed = parseArgs({
    args: args.map((arg) => (arg.startsWith('--') ? arg.replace(/^--[^=]*/, dashed) : arg)),
    options: Object.fromEntries([
      ...flags.map((name) => [name, { type: 'boolean' as const }]),
      ...loggingOptionDefinitions
        .filter(({ type }) => type !== 'bool')
        .map(({ name }) => [dashed(name), { type: 'string' as const }]),
    ]),
    allowPositionals: true,
    allowNegative: true,
  })
  const values = parsed.values as Readonly<Record<string, string | boolean | undefined>>
  const options: RunOptions = {}
  for (const name of booleans) {
    const value = values[dashed(name)]
    if (typeof value === 'boolean') options[name] = value
  }
  const logging: Record<string, unknown> = {}
  for (const { name, type } of loggingOptionDefinitions) {
    const value = values[dashed(name)]
    if (value === undefined) continue
    if (type === 'int' && !/^\d+$/.test(String(value)))
      throw new TypeError(`--${dashed(name)} takes a number`)
    logging[name] = type === 'int' ? Number(value) : value
  }
  return { help: values['help'] === true, names: parsed.positionals, options, logging }
}

function loggingFlags(): string[] {
  return loggingOptionDefinitions.filter(({ type }) => type === 'bool').map(({ name }) => name)
}

function dashed(name: string): string {
  return name.replaceAll('_', '-').replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

async function findClasses(tests: Readonly<Record<string, unknown>>): Promise<TestCaseClass[]> {
  const { all } = tests
  const found = typeof all === 'function' ? await (all as () => unknown)() : Object.values(tests)
  return [...new Set(found as Iterable<unknown>)].filter(isTestCase)
}

function isTestCase(value: unknown): value is TestCaseClass {
  return (
    typeof value === 'function' &&
    value.prototype instanceof AsyncTestCase &&
    testMethodNames(value as TestCaseClass).length > 0
  )
}

function planAll(testCase: TestCaseClass): PlannedTest[] {
  return testMethodNames(testCase).map((name) => ({
    className: testCase.name,
    name,
    run: () => new testCase(name).run(),
  }))
}

function isNamed(test: PlannedTest, name: string): boolean {
  return name === test.className || name === `${test.className}.${test.name}`
}

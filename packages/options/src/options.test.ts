import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, expectTypeOf, it, vi } from 'vitest'
import { temporaryFiles } from '../../../scripts/vitest/temporary-files.ts'
import { defineLoggingOptions } from './define-logging-options.ts'
import { OptionError } from './errors.ts'
import { OptionParser } from './option-parser.ts'
import {
  addParseCallback,
  define,
  options,
  parseCommandLine,
  parseConfigFile,
  parseEnvironment,
  printHelp,
} from './options.ts'

declare module '@tornado-ts/options' {
  interface DefinedOptions {
    declared: number
  }
}

// Each test waits for programs to start, one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const root = join(import.meta.dirname, '..')
const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']

interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs `fixtures/chat.ts`. */
function chat(args: string[], env: Record<string, string> = {}): Ended {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', ...conditions, 'fixtures/chat.ts', ...args],
    { cwd: root, encoding: 'utf8', env: { PATH: process.env['PATH'], ...env } },
  )
  return { status, stdout, stderr }
}

describe('a program', () => {
  it('B-opt-003 reads its own arguments', () => {
    const { status, stdout } = chat(['--port=80', 'serve', '--port=81'])
    expect([status, JSON.parse(stdout)]).toEqual([
      0,
      { port: 80, logging: 'info', rest: ['serve', '--port=81'] },
    ])
    expect(JSON.parse(chat(['--port=82', 'x'], { OWN_LIST: '1' }).stdout)).toMatchObject({
      port: 82,
      rest: ['x'],
    })
  })

  it('B-opt-004 B-opt-013 ends with one line and status 2 if its arguments are wrong', () => {
    const line = (args: string[], env = {}): string => {
      const { status, stdout, stderr } = chat(args, env)
      expect([status, stdout]).toEqual([2, ''])
      return stderr
    }
    const path = `${temporaryFiles({ 'chat.json': '{"port": "x"}' })}/chat.json`
    expect(line(['--prot=80'])).toBe(
      'fixtures/chat.ts: Unrecognized command line option "--prot", did you mean --port?; see --help\n',
    )
    expect(line(['--port=x'])).toBe(
      'fixtures/chat.ts: Option "port" must be of type integer, not "x"; see --help\n',
    )
    expect(line(['--port'])).toBe('fixtures/chat.ts: Option "port" requires a value; see --help\n')
    expect(line([`--config=${path}`])).toBe(
      `fixtures/chat.ts: ${path}: Option "port" must be of type integer, not "x"; see --help\n`,
    )
    expect(line([], { CHAT_PORT: 'x' })).toBe(
      'fixtures/chat.ts: CHAT_PORT: Option "port" must be of type integer, not "x"; see --help\n',
    )
    expect(line(['--logging=loud'])).toBe(
      'fixtures/chat.ts: Cannot set logging up: Unknown log level "loud"; see --help\n',
    )
    expect(line(['--log-format=xml'])).toMatch(/^fixtures\/chat\.ts: Option "logFormat" must be .*\n$/)
    expect(line(['--x\ny\u001b[31m=1'])).toMatch(/^[^\n\p{Cc}]*\n$/u)
  })

  it('B-opt-013 shows its help on stdout with status 0', () => {
    const { status, stdout, stderr } = chat(['--help', '--port=x'])
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toContain(
      'Usage: fixtures/chat.ts [OPTIONS]\n\nOptions:\n\n  --help                           show',
    )
    expect(stdout).toContain(
      '\nfixtures/chat.ts options:\n\n  --config\n  --port=PORT                      port to',
    )
    expect(stdout).toContain('\nlogging options:\n')
    expect(stdout).toContain('  --log-file-num-backups           Rotated log files to keep (default 10)')
  })

  it('reads the environment', () => {
    expect(JSON.parse(chat([], { CHAT_PORT: '80', CHAT_LOGGING: 'none' }).stdout)).toMatchObject({
      port: 80,
      logging: 'none',
    })
    expect(JSON.parse(chat(['--port=81'], { CHAT_PORT: '80' }).stdout)).toMatchObject({ port: 81 })
  })

  it('B-opt-016 logs as its options say, set by arguments or in code', () => {
    const lines = (args: string[], env = {}): string[] => {
      return chat(args, env)
        .stderr.split('\n')
        .map((line) => line.replace(/ \d{6} \d\d:\d\d:\d\d /, ' '))
        .slice(0, -1)
    }
    const place = (line: number): RegExp => new RegExp(`^\\[. chat:${line}\\] `)
    const [ready, careful] = lines([])
    expect([ready, careful]).toEqual([
      expect.stringMatching(/^\[I chat:\d+\] ready$/),
      expect.stringMatching(/^\[W .*careful$/),
    ])
    expect(lines(['--logging=WARNING'])).toEqual([careful])
    // Untouched logging shows warnings in the same form.
    for (const none of ['none', 'None', 'NONE']) expect(lines([`--logging=${none}`])).toEqual([careful])
    expect(lines([], { LOGGING_IN_CODE: 'none' })).toEqual([careful])
    expect(lines(['--logging=info'], { LOGGING_IN_CODE: 'none' })).toEqual([ready, careful])
    expect(lines(['--log-to-stderr=false'])).toHaveLength(1)
    expect(ready).toMatch(place(Number(/chat:(\d+)/.exec(ready ?? '')?.[1])))
  })

  it('B-opt-016 writes a line once, however often it parses', () => {
    expect(chat([], { TWICE: '1' }).stderr.match(/ready/g)).toHaveLength(1)
    const path = `${temporaryFiles({})}/chat.log`
    const { status, stderr } = chat([`--log-file-prefix=${path}`, '--log-format=json'])
    expect([status, stderr]).toEqual([0, ''])
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { level: 'info', message: 'ready' },
      { level: 'warning', message: 'careful' },
    ])
  })
})

describe('the options of the process', () => {
  it('B-opt-016 hold those of logging, and are shared by all copies of the package', () => {
    expect(Reflect.get(globalThis, Symbol.for('tornado.options.v1'))).toBe(options)
    expect([options.logging, options.logFilePrefix, options['log-rotate-mode']]).toEqual([
      'info',
      null,
      'size',
    ])
    expect(options.groups()).toContain('logging')
    expect(Object.keys(options.groupDict('logging'))).toHaveLength(9)
  })

  it('B-opt-014 are defined by functions too, which know the file of their caller', () => {
    const seen = define('seenHere', { default: 1 })
    expect([seen.file, seen.group]).toEqual([import.meta.filename, import.meta.filename])
    define('declared', { default: 5 })
    expectTypeOf(options.declared).toEqualTypeOf<number>()
    expectTypeOf<(typeof options)['undeclared']>().toEqualTypeOf<unknown>()
    expect(options.declared).toBe(5)
    expect(parseCommandLine(['--seen-here=2', 'rest'], { final: false })).toEqual(['rest'])
    parseEnvironment({ prefix: 'X_', env: { X_SEEN_HERE: '3' }, final: false })
    expect(options.seenHere).toBe(3)
    parseConfigFile(`${temporaryFiles({ 'x.json': '{"seenHere": 4}' })}/x.json`, { final: false })
    expect(seen.value).toBe(4)
    expect(() => parseCommandLine(['--nope'])).toThrow(OptionError)
    let printed = ''
    printHelp({ write: (text) => void (printed += text) })
    expect(printed).toContain('--seen-here')
    addParseCallback(() => seen.set(6))
    using mocked = options.mockable()
    mocked.logging = null
    parseCommandLine([])
    expect(seen.value).toBe(6)
  })
})

it('B-opt-016 defines the options of logging in any parser', () => {
  const parser = new OptionParser()
  defineLoggingOptions(parser)
  expect(parser.parseCommandLine(['--logging=none', '--log_file_max_size=5'])).toEqual([])
  expect([parser.logging, parser.logFileMaxSize, parser.log_to_stderr]).toEqual(['none', 5, null])
  expect(() => parser.parseCommandLine(['--logging=loud'])).toThrow(
    'Cannot set logging up: Unknown log level "loud"',
  )
})

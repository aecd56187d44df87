import { describe, expect, it } from 'vitest'
import { hasColors, LogFormatter } from './formatter.ts'
import { JSONFormatter } from './json-formatter.ts'
import { type LogLevel, levelNames } from './levels.ts'
import type { LogRecord } from './record.ts'

const timeMs = new Date(2026, 4, 20, 14, 5, 7, 42).getTime()

function record(fields: Partial<LogRecord> = {}): LogRecord {
  const caller = { module: 'chat', file: 'file:///srv/chat.ts', line: 42 }
  return { logger: 'tornado.general', level: 'warning', message: 'message', timeMs, caller, ...fields }
}

function failure(): Error {
  const error = new Error('why')
  error.stack = 'Error: why\n    at f (/srv/chat.ts:1:2)'
  return error
}

describe('LogFormatter', () => {
  const plain = new LogFormatter({ color: false })

  it.each<[LogLevel, string]>([
    ['debug', 'D'],
    ['info', 'I'],
    ['warning', 'W'],
    ['error', 'E'],
    ['critical', 'C'],
  ])('B-log-002 begins a line at %s with [%s, the time and the caller', (level, letter) => {
    expect(plain.format(record({ level }))).toBe(`[${letter} 260520 14:05:07 chat:42] message`)
  })

  it('B-log-002 indents the trace and embedded newlines by four spaces', () => {
    expect(plain.format(record({ message: 'one\ntwo\n\n', error: failure() }))).toBe(
      '[W 260520 14:05:07 chat:42] one\n    two\n    Error: why\n        at f (/srv/chat.ts:1:2)',
    )
  })

  it('B-log-002 B-log-003 colours the bracket only, by level: 4, 2, 3, 1, 5', () => {
    const colored = new LogFormatter({ color: true })
    const lines = levelNames.map((level) => colored.format(record({ level })))
    expect(lines.map((line) => line.slice(0, 5))).toEqual([
      '\x1b[34m',
      '\x1b[32m',
      '\x1b[33m',
      '\x1b[31m',
      '\x1b[35m',
    ])
    expect(lines[0]).toBe('\x1b[34m[D 260520 14:05:07 chat:42]\x1b[0m message')
    const some = new LogFormatter({ color: true, colors: { error: 6 } })
    expect(some.format(record({ level: 'error' }))).toContain('\x1b[36m[E')
    expect(some.format(record())).not.toContain('\x1b')
  })

  it('B-log-003 knows a terminal with colours', () => {
    expect(hasColors({ isTTY: true, hasColors: () => true })).toBe(true)
    expect(hasColors({ isTTY: true, hasColors: () => false })).toBe(false)
    expect(hasColors({ isTTY: false, hasColors: () => true })).toBe(false)
    expect(hasColors({})).toBe(false)
    expect(new LogFormatter().format(record()).includes('\x1b')).toBe(hasColors(process.stderr))
  })

  it('CVE-2020-7694 CVE-2026-42507 lets no text from outside forge a line or drive the terminal', () => {
    const hostile = 'GET /\r\n[I 260520 14:05:07 web:1] 200 \x1b[2J\x9b1m\u2028\u202e'
    const error = new Error(hostile)
    error.stack = hostile
    const lines = new LogFormatter({ color: true }).format(
      record({
        logger: 'evil\nname',
        message: hostile,
        error,
        caller: { module: hostile, file: hostile, line: 1 },
        context: { user: hostile },
      }),
    )
    // oxlint-disable-next-line no-control-regex -- the formatter's own two sequences are taken away first
    const rest = lines.replace(/^\x1b\[33m/, '').replace('\x1b[0m', '')
    // oxlint-disable-next-line no-control-regex -- what is left must hold none
    expect(rest).not.toMatch(/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]/)
    expect(
      rest
        .split('\n')
        .slice(1)
        .every((line) => line.startsWith('    ')),
    ).toBe(true)
    expect(rest.split('\n').length).toBeLessThan(8)
  })

  it('names the logger where the caller is unknown', () => {
    const fields: LogRecord = { logger: 'tornado.general', level: 'warning', message: 'message', timeMs }
    expect(plain.format(fields)).toBe('[W 260520 14:05:07 tornado.general:0] message')
  })

  it('shows context in the bracket', () => {
    const context = { requestId: '3f2a-1', user: 'a b]', ok: true, none: null, n: 2 }
    expect(plain.format(record({ context }))).toBe(
      '[W 260520 14:05:07 chat:42 requestId=3f2a-1 user="a b]" ok=true none=null n=2] message',
    )
  })

  it.each([
    [
      '%(asctime)s %(name)s %(levelname)-8s|%(message)s',
      '2026-05-20 14:05:07 tornado.general WARNING |message',
    ],
    ['%(levelno)d %(lineno)5d %(lineno)-4d| %(process)s', `30    42 42  | ${process.pid}`],
    ['%(filename)s %(pathname)s %(msecs)03d', 'chat.ts file:///srv/chat.ts 042'],
    ['%(created).3f 100%%', `${(timeMs / 1000).toFixed(3)} 100%`],
    ['%(message)8.3s|', '     mes|'],
    ['', ''],
  ])('writes the format %j', (fmt, expected) => {
    expect(new LogFormatter({ fmt, datefmt: '%Y-%m-%d %H:%M:%S' }).format(record())).toBe(expected)
  })

  it('wants the caller only for a format that shows it', () => {
    expect(new LogFormatter().wantsCaller).toBe(true)
    expect(new LogFormatter({ fmt: '%(filename)s' }).wantsCaller).toBe(true)
    expect(new LogFormatter({ fmt: '%(name)s: %(message)s' }).wantsCaller).toBe(false)
  })

  it('refuses what it cannot write', () => {
    expect(() => new LogFormatter({ fmt: '%(thread)s' })).toThrow(
      new RangeError('Unknown field %(thread) in log format "%(thread)s"'),
    )
    expect(() => new LogFormatter({ fmt: '%(toString)s' })).toThrow(RangeError)
    expect(() => new LogFormatter({ fmt: 'x %s' })).toThrow(
      new RangeError('Malformed field in log format near "x %s"'),
    )
    expect(() => new LogFormatter({ datefmt: '%y %Q' })).toThrow(
      new RangeError('Unknown field %Q in date format "%y %Q"'),
    )
    expect(() => new LogFormatter({ datefmt: '%' })).toThrow(RangeError)
  })

  it('writes the offset of local time and does not keep a second too long', () => {
    const formatter = new LogFormatter({ fmt: '%(asctime)s', datefmt: '%S%% %z' })
    expect(formatter.format(record())).toMatch(/^07% [+-]\d{4}$/)
    expect(formatter.format(record({ timeMs: timeMs + 957 }))).toMatch(/^07/)
    expect(formatter.format(record({ timeMs: timeMs + 958 }))).toMatch(/^08/)
  })
})

describe('JSONFormatter', () => {
  it('writes one object a line', () => {
    const line = new JSONFormatter({ caller: true }).format(
      record({ message: 'a\n"b"', context: { requestId: 'x' } }),
    )
    expect(line).not.toContain('\n')
    expect(JSON.parse(line)).toEqual({
      time: new Date(timeMs).toISOString(),
      level: 'warning',
      logger: 'tornado.general',
      message: 'a\n"b"',
      caller: 'file:///srv/chat.ts:42',
      context: { requestId: 'x' },
    })
  })

  it('holds the error with its stack, and leaves out the caller unless asked', () => {
    const formatter = new JSONFormatter()
    expect(formatter.wantsCaller).toBe(false)
    const { error, caller } = JSON.parse(formatter.format(record({ error: failure() }))) as Record<
      string,
      unknown
    >
    expect(error).toEqual({ message: 'Error: why', stack: 'Error: why\n    at f (/srv/chat.ts:1:2)' })
    expect(caller).toBeUndefined()
  })

  it('escapes control characters that JSON lets through, and gives them back when parsed', () => {
    const message = '\x7f\x9b\u2028\u202e\ud800 \x1b\r\n'
    const line = new JSONFormatter().format(record({ message }))
    expect(line).toMatch(/^[\x20-\x7e]*$/)
    expect((JSON.parse(line) as { message: string }).message).toBe(message)
  })

  it('takes context that JSON cannot hold', () => {
    const context: Record<string, string> = {}
    Object.assign(context, { big: 1n, round: context })
    const line = new JSONFormatter().format(record({ context }))
    expect(JSON.parse(line)).toMatchObject({ context: { big: '1n' } })
  })
})

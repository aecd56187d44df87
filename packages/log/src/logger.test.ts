import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type LogHandler,
  type LogLevel,
  logLevels,
  type LogMessage,
  type LogRecord,
  parseLogLevel,
} from './index.ts'
import {
  accessLog,
  addLogContext,
  addLogHandler,
  appLog,
  genLog,
  getLogger,
  removeLogHandler,
  setLogLevel,
} from './index.ts'
import { expectLog } from './testing.ts'

interface Collector extends LogHandler {
  readonly records: LogRecord[]
}

function collector(options: Partial<LogHandler> = {}): Collector {
  const records: LogRecord[] = []
  return { ...options, records, handle: (record) => void records.push(record) }
}

/** What one call writes to stderr. */
function stderrOf(action: () => void): string {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    action()
    return write.mock.calls.map(([text]) => String(text)).join('')
  } finally {
    write.mockRestore()
  }
}

afterEach(() => {
  setLogLevel('warning')
})

describe('the loggers', () => {
  it('B-log-001 are those of Tornado: access, application and general', () => {
    expect([accessLog.name, appLog.name, genLog.name]).toEqual([
      'tornado.access',
      'tornado.application',
      'tornado.general',
    ])
    expect(getLogger('tornado.access')).toBe(accessLog)
  })

  it('have the numbers of Python for their levels', () => {
    expect(logLevels).toEqual({ debug: 10, info: 20, warning: 30, error: 40, critical: 50 })
    expect(['INFO', 'warn', 'Fatal', 'loud', 'toString'].map(parseLogLevel)).toEqual([
      'info',
      'warning',
      'critical',
      null,
      null,
    ])
  })

  it('are shared by two installed copies of the package', async () => {
    vi.resetModules()
    const other = await import('./index.ts')
    expect(other.appLog).not.toBe(appLog)
    const handler = collector()
    addLogHandler(handler)
    setLogLevel('info')
    other.appLog.info('from the other copy')
    expect(other.appLog.isEnabledFor('info')).toBe(true)
    removeLogHandler(handler)
    expect(handler.records).toMatchObject([{ logger: 'tornado.application', message: 'from the other copy' }])
  })
})

describe('levels', () => {
  it.each<[LogLevel, LogLevel[]]>([
    ['debug', ['debug', 'info', 'warning', 'error', 'critical']],
    ['warning', ['warning', 'error', 'critical']],
    ['critical', ['critical']],
  ])('a logger at %s makes records of %j', (level, expected) => {
    const logger = getLogger('test.levels')
    const handler = collector()
    logger.addHandler(handler)
    logger.propagate = false
    logger.level = level
    for (const each of ['debug', 'info', 'warning', 'error', 'critical'] as const) {
      logger[each](`at ${each}`)
      expect(logger.isEnabledFor(each)).toBe(expected.includes(each))
    }
    logger.removeHandler(handler)
    expect(handler.records.map((record) => record.level)).toEqual(expected)
  })

  it('are inherited from the nearest ancestor that has one, whenever it was made', () => {
    const leaf = getLogger('inherit.a.b')
    expect(leaf.level).toBeNull()
    expect(leaf.isEnabledFor('warning')).toBe(true)
    const middle = getLogger('inherit.a')
    middle.level = 'error'
    expect(leaf.isEnabledFor('warning')).toBe(false)
    getLogger('inherit.ax').level = 'debug'
    expect(leaf.isEnabledFor('warning')).toBe(false)
    leaf.level = 'debug'
    expect(leaf.isEnabledFor('debug')).toBe(true)
    leaf.level = null
    middle.level = null
    setLogLevel('info')
    expect(leaf.isEnabledFor('info')).toBe(true)
    expect(leaf.isEnabledFor('debug')).toBe(false)
  })

  it('refuse what is no level', () => {
    // @ts-expect-error a JavaScript caller
    expect(() => setLogLevel('loud')).toThrow(new TypeError('Unknown log level "loud"'))
  })

  it('leave the message alone that nobody wants', () => {
    const message = vi.fn(() => 'costly')
    appLog.debug(message)
    expect(message).not.toHaveBeenCalled()
    using expected = expectLog(appLog, 'costly')
    appLog.debug(message)
    expect(expected.matched).toBe(1)
    expect(message).toHaveBeenCalledTimes(1)
  })
})

describe('handlers', () => {
  it('get the records of their logger and of those below it', () => {
    const root = collector()
    const own = collector()
    const child = getLogger('test.tree.child')
    addLogHandler(root)
    addLogHandler(root)
    getLogger('test.tree').addHandler(own)
    child.level = 'info'
    child.info('up', 'reason')
    child.propagate = false
    const silent = collector()
    child.addHandler(silent)
    child.info('kept')
    removeLogHandler(root)
    removeLogHandler(root)
    expect(root.records).toHaveLength(1)
    expect(root.records[0]).toMatchObject({
      logger: 'test.tree.child',
      level: 'info',
      message: 'up',
      error: 'reason',
    })
    expect(own.records).toHaveLength(1)
    expect(silent.records.map(({ message }) => message)).toEqual(['kept'])
  })

  it('get nothing below their own level, and the time of the call', () => {
    const handler = collector({ level: 'error' })
    const logger = getLogger('test.handlerLevel')
    logger.propagate = false
    logger.addHandler(handler)
    const before = Date.now()
    logger.warning('no')
    logger.error('yes')
    expect(handler.records).toHaveLength(1)
    expect(handler.records[0]?.timeMs).toBeGreaterThanOrEqual(before)
    expect(handler.records[0]?.timeMs).toBeLessThanOrEqual(Date.now())
  })

  it('name the caller if a handler asks for it', () => {
    const handler = collector({ wantsCaller: true })
    const logger = getLogger('test.caller')
    logger.propagate = false
    logger.addHandler(handler)
    const limit = Error.stackTraceLimit
    logger.warning('here')
    expect(handler.records[0]?.caller?.module).toBe('logger.test')
    expect(handler.records[0]?.caller?.line).toBeGreaterThan(100)
    expect(handler.records[0]?.caller?.file).toMatch(/logger\.test\.ts$/)
    expect(Error.stackTraceLimit).toBe(limit)
    for (let round = 0; round < 2; round++) logger.warning('elsewhere')
    const [first, second, third] = handler.records.map(({ caller }) => caller?.line ?? 0)
    expect(second).toBeGreaterThan(first ?? Infinity)
    expect(third).toBe(second)
  })

  it('that fail do not fail the caller, and are reported on stderr', () => {
    const logger = getLogger('test.failing')
    const after = collector()
    logger.propagate = false
    logger.addHandler({
      handle() {
        throw new Error('disk\x1b[2J full')
      },
    })
    logger.addHandler(after)
    const text = stderrOf(() => logger.error('lost\nforged'))
    expect(text).toMatch(
      /^Cannot log error record of test\.failing: lost\n {4}forged\n {4}Error: disk\\x1b\[2J full\n {8}at /,
    )
    expect(after.records).toHaveLength(1)
  })

  it('are not needed: warnings and above go to stderr then, and nothing else does', () => {
    const logger = getLogger('test.unconfigured')
    logger.propagate = false
    logger.level = 'debug'
    const text = stderrOf(() => {
      logger.debug('quiet')
      logger.info('quiet')
      logger.warning('one', new Error('the reason'))
      logger.error('two')
    })
    expect(text).toMatch(
      /^\[W \d{6} \d\d:\d\d:\d\d logger\.test:\d+\] one\n {4}Error: the reason\n {8}at [^]*\n\[E .*\] two\n$/,
    )
  })
})

describe('messages', () => {
  const logger = getLogger('test.messages')
  logger.propagate = false

  function messageOf(message: LogMessage): string {
    const handler = collector()
    logger.addHandler(handler)
    logger.error(message)
    logger.removeHandler(handler)
    return handler.records[0]?.message ?? ''
  }

  it('B-log-004 may be bytes: UTF-8 as text, other bytes escaped', () => {
    expect(messageOf(new TextEncoder().encode('é'))).toBe('é')
    expect(messageOf(Uint8Array.of(0x61, 0xe9))).toBe(String.raw`a\xe9`)
    expect(messageOf(() => Uint8Array.of(0xff))).toBe(String.raw`\xff`)
  })

  it('B-log-004 never raise: one that cannot be made says why', () => {
    const bad = messageOf(() => {
      throw new TypeError('no such field')
    })
    expect(bad).toBe('Bad message (TypeError: no such field)')
    const hostile = Object.defineProperty(new Error('unread'), 'message', { get: () => expect.unreachable() })
    const text = messageOf(() => {
      throw hostile
    })
    expect(text).toBe('Bad message (an undescribable object)')
    // @ts-expect-error a JavaScript caller
    expect(messageOf({ a: [1] })).toBe('{ a: [ 1 ] }')
    // @ts-expect-error a JavaScript caller
    expect(messageOf(undefined)).toBe('undefined')
  })
})

describe('addLogContext', () => {
  it('tornado#2216 adds fields to every record until disposed', () => {
    const logger = getLogger('test.context')
    const handler = collector()
    logger.propagate = false
    logger.addHandler(handler)
    {
      using first = addLogContext(() => ({ requestId: 'a1', user: 1 }))
      using second = addLogContext(() => ({ user: 2 }))
      using third = addLogContext(() => undefined)
      logger.error('in', [first, second, third])
    }
    logger.error('out')
    expect(handler.records.map(({ context }) => context)).toEqual([{ requestId: 'a1', user: 2 }, undefined])
  })

  it('does not fail the call when its function does', () => {
    const logger = getLogger('test.context')
    const handler = collector()
    logger.addHandler(handler)
    using failing = addLogContext(() => {
      throw new Error('no store')
    })
    logger.error('in', failing)
    expect(handler.records[0]?.context).toEqual({ contextError: 'Error: no store' })
  })
})

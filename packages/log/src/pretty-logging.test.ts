import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { getLogger } from './logger.ts'
import { loggingOptionDefinitions } from './option-table.ts'
import { enablePrettyLogging, type LoggingOptions } from './pretty-logging.ts'
import { stateOf } from './state.ts'

const logger = getLogger('test.pretty')
logger.propagate = false
let directory: string
let path: string
let stderr: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tornado-log-'))
  path = join(directory, 'server.log')
  stderr = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text)
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  rmSync(directory, { recursive: true })
})

function handlerCount(): number {
  return stateOf(logger.name).handlers.length
}

it('B-log-007 writes to stderr at info if nothing else receives the records', () => {
  using logging = enablePrettyLogging({}, logger)
  expect(logger.level).toBe('info')
  expect(handlerCount()).toBe(1)
  logger.debug('no', logging)
  logger.info('yes')
  expect(stderr).toMatch(/^\[I \d{6} \d\d:\d\d:\d\d pretty-logging\.test:\d+\] yes\n$/)
  logging[Symbol.dispose]()
  logging[Symbol.dispose]()
  expect([handlerCount(), logger.level]).toEqual([0, null])
})

it.each<[LoggingOptions, boolean, number]>([
  [{}, true, 0],
  [{ logToStderr: null }, true, 0],
  [{ logToStderr: true }, true, 1],
  [{ logToStderr: true }, false, 1],
  [{ logToStderr: false }, false, 0],
  [{}, false, 1],
])('B-log-007 with %j and another handler %s it adds %i', (options, other, added) => {
  const handler = { handle: (): void => {} }
  if (other) logger.addHandler(handler)
  using logging = enablePrettyLogging(options, logger)
  const count = handlerCount()
  logging[Symbol.dispose]()
  logger.removeHandler(handler)
  expect(count).toBe(added + (other ? 1 : 0))
})

it.each([null, 'none', 'None', 'NONE'])('B-log-005 leaves logging untouched at level %s', (level) => {
  using logging = enablePrettyLogging({ logging: level, logFilePrefix: path, logToStderr: true }, logger)
  expect([handlerCount(), logger.level, readdirSync(directory)]).toEqual([0, null, []])
  logging[Symbol.dispose]()
})

it('B-log-005 sets the level that is named, in any case', () => {
  using logging = enablePrettyLogging({ logging: 'Error' }, logger)
  expect(logger.level).toBe('error')
  logging[Symbol.dispose]()
  expect(() => enablePrettyLogging({ logging: 'loud' }, logger)).toThrow(
    new RangeError('Unknown log level "loud"'),
  )
  expect(handlerCount()).toBe(0)
})

it('B-log-005 sets the level of all loggers if no logger is named', () => {
  const root = getLogger()
  using logging = enablePrettyLogging({ logging: 'debug', logToStderr: false })
  expect([root.level, getLogger('any.other').isEnabledFor('debug')]).toEqual(['debug', true])
  logging[Symbol.dispose]()
  expect(root.level).toBe('warning')
})

it('B-log-006 B-log-007 writes a file, uncoloured, in UTF-8, and then not to stderr', () => {
  using logging = enablePrettyLogging({ logFilePrefix: path }, logger)
  logger.info('héllo', logging)
  logger.error('now')
  logging[Symbol.dispose]()
  expect(readFileSync(path, 'utf8')).toMatch(/^\[I .*\] héllo\n(?: {4}.*\n)+\[E .*\] now\n$/)
  expect(readdirSync(directory)).toEqual(['server.log'])
  expect(stderr).toBe('')
})

it('B-log-006 rotates by size', () => {
  using logging = enablePrettyLogging(
    { logFilePrefix: path, logFileMaxSize: 100, logFileNumBackups: 1 },
    logger,
  )
  for (let number = 0; number < 5; number++) logger.info('x'.repeat(60))
  logging[Symbol.dispose]()
  expect(readdirSync(directory).toSorted()).toEqual(['server.log', 'server.log.1'])
})

it('B-log-006 rotates by time', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date(2026, 4, 20, 23, 59, 59) })
  try {
    using logging = enablePrettyLogging({ logFilePrefix: path, logRotateMode: 'time' }, logger)
    logger.error('evening')
    vi.setSystemTime(new Date(2026, 4, 21, 0, 0, 0))
    logger.error('morning')
    logging[Symbol.dispose]()
  } finally {
    vi.useRealTimers()
  }
  expect(readdirSync(directory).toSorted()).toEqual(['server.log', 'server.log.2026-05-20'])
})

it('B-log-006 refuses another mode, before anything is changed', () => {
  expect(() => enablePrettyLogging({ logFilePrefix: path, logRotateMode: 'often' }, logger)).toThrow(
    new RangeError('logRotateMode must be "size" or "time", not "often"'),
  )
  expect([handlerCount(), logger.level, readdirSync(directory)]).toEqual([0, null, []])
})

it('writes JSON lines where asked', () => {
  using logging = enablePrettyLogging({ logFormat: 'json' }, logger)
  logger.info('yes')
  logging[Symbol.dispose]()
  expect(JSON.parse(stderr)).toMatchObject({ level: 'info', logger: 'test.pretty', message: 'yes' })
})

it('B-log-006 has its defaults in the table for option parsers', () => {
  const defaults = Object.fromEntries(loggingOptionDefinitions.map((option) => [option.name, option.default]))
  expect(defaults).toEqual({
    logging: 'info',
    logToStderr: null,
    logFilePrefix: null,
    logFileMaxSize: 100_000_000,
    logFileNumBackups: 10,
    logRotateWhen: 'midnight',
    logRotateInterval: 1,
    logRotateMode: 'size',
    logFormat: 'pretty',
  })
  using logging = enablePrettyLogging({ ...defaults, logging: 'info' }, logger)
  expect(handlerCount()).toBe(1)
  logging[Symbol.dispose]()
})

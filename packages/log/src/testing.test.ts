import { describe, expect, it } from 'vitest'
import { appLog, genLog, getLogger } from './logger.ts'
import type { LogRecord } from './record.ts'
import { captureLogs, expectLog } from './testing.ts'

describe('expectLog', () => {
  it('claims matching lines of any level, and makes them', () => {
    using expected = expectLog(appLog, /needle/)
    expect(appLog.isEnabledFor('debug')).toBe(true)
    appLog.debug('a needle')
    appLog.debug('hay')
    appLog.critical(() => 'another needle', new Error('why'))
    expect(expected.records.map(({ level, message }) => [level, message])).toEqual([
      ['debug', 'a needle'],
      ['critical', 'another needle'],
    ])
    expect(expected.seen).toBe(true)
    expect(expected.loggedStack).toBe(true)
  })

  it('gives the level back when it is disposed', () => {
    {
      using expected = expectLog(appLog, 'x', { required: false })
      expect(expected.seen).toBe(false)
      expect(appLog.isEnabledFor('info')).toBe(true)
    }
    expect(appLog.isEnabledFor('info')).toBe(false)
  })

  it('throws when disposed without a match', () => {
    const expected = expectLog(genLog, /never/)
    expect(() => expected[Symbol.dispose]()).toThrow(
      'Expected a log line of tornado.general matching /never/',
    )
    expect(() => expected[Symbol.dispose]()).not.toThrow()
  })

  it('names the levels at which the line came, if a level was asked for', () => {
    const expected = expectLog(genLog, 'late', { level: 'error' })
    genLog.info('too late')
    expect(() => expected[Symbol.dispose]()).toThrow(
      'Expected a log line of tornado.general matching late at error, which came at info',
    )
  })

  it('claims the record for the newest of two that match', () => {
    using older = expectLog(genLog, 'x', { required: false })
    using newer = expectLog(genLog, 'x')
    genLog.error('x')
    expect([older.matched, newer.matched]).toEqual([0, 1])
  })

  it('does not take lines to handlers that are below the level', () => {
    const seen: string[] = []
    const logger = getLogger('test.expect')
    const handler = { handle: (record: LogRecord): void => void seen.push(record.message) }
    logger.addHandler(handler)
    using expected = expectLog(logger, 'nothing', { required: false })
    logger.debug('below')
    logger.removeHandler(handler)
    expect(expected.seen).toBe(false)
    expect(seen).toEqual([])
  })

  it('claims lines of loggers below the named one, and of all for the empty name', () => {
    using below = expectLog('tornado', 'one')
    using all = expectLog('', 'two')
    genLog.warning('one')
    getLogger('other').warning('two')
    expect([below.seen, all.seen]).toEqual([true, true])
  })

  it('leaves lines of another level, another text or another logger alone', () => {
    const capture = captureLogs()
    using expected = expectLog(appLog, /^start/g, { level: 'error', required: false })
    appLog.warning('start')
    appLog.error('not the start')
    genLog.error('start')
    capture.release()
    expect(capture.unclaimed.map(({ logger, message }) => `${logger} ${message}`)).toEqual([
      'tornado.application start',
      'tornado.application not the start',
      'tornado.general start',
    ])
    expect(expected.matched).toBe(0)
  })
})

describe('captureLogs', () => {
  it('collects warnings and above, in place of the handlers there were', () => {
    const before: LogRecord[] = []
    const handler = { handle: (record: LogRecord): void => void before.push(record) }
    const root = getLogger()
    root.addHandler(handler)
    const capture = captureLogs()
    appLog.info('unseen')
    appLog.warning('seen')
    capture.release()
    capture.release()
    expect(capture.unclaimed).toMatchObject([
      { logger: 'tornado.application', level: 'warning', message: 'seen' },
    ])
    expect(before).toEqual([])
    using expected = expectLog(appLog, 'claimed')
    appLog.warning('claimed')
    root.removeHandler(handler)
    expect(expected.matched).toBe(1)
    expect(before).toEqual([])
  })

  it('keeps a handler removed that was removed while it was active', () => {
    const handler = { handle: (): void => expect.unreachable() }
    const root = getLogger()
    root.addHandler(handler)
    const capture = captureLogs()
    root.removeHandler(handler)
    capture.release()
    const outer = captureLogs()
    appLog.warning('for the outer')
    outer.release()
    expect(outer.unclaimed).toHaveLength(1)
  })
})

import { appLog, genLog } from '@tornado-ts/log'
import { expect, it } from 'vitest'
import { ExpectLog } from './expect-log.ts'

it('B-test-009 claims lines that fit from their beginning, and tells of stacks', () => {
  {
    using expected = new ExpectLog('tornado.application', 'Uncaught|Unknown')
    appLog.error('Uncaught exception', new Error('why'))
    appLog.warning('Unknown thing')
    expect([expected.matched, expected.loggedStack, expected.levels]).toEqual([2, true, ['error', 'warning']])
  }
  {
    using outer = new ExpectLog(genLog, /.*later in the line/i)
    using inner = new ExpectLog(genLog, /later/, { required: false })
    genLog.warning('Later in the line is not the beginning: later in the line')
    expect([outer.matched, inner.matched, outer.loggedStack]).toEqual([1, 0, false])
  }
})

it('B-test-009 fails when nothing came, or at another level', () => {
  expect(() => new ExpectLog(appLog, 'x')[Symbol.dispose]()).toThrow('Expected a log line')
  using _claimed = new ExpectLog(appLog, 'wrong level')
  const expected = new ExpectLog(appLog, 'wrong level', { level: 'error' })
  appLog.warning('wrong level')
  expect(() => expected[Symbol.dispose]()).toThrow('which came at warning')
  new ExpectLog(appLog, 'x', { required: false })[Symbol.dispose]()
})

it('B-test-009 claims lines below warning without a level, and says nothing of it', () => {
  using others = new ExpectLog('', '(?!quiet)', { required: false })
  {
    using expected = new ExpectLog(appLog, 'quiet')
    appLog.info('quiet line')
    appLog.debug('quiet too')
    expect(expected.levels).toEqual(['info', 'debug'])
  }
  expect(others.matched).toBe(0)
})

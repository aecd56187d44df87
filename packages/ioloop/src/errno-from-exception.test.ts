import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { expect, it } from 'vitest'
import { errnoFromException, IOLoop, TimeoutError, toMilliseconds, withTimeout } from './index.ts'
import { Lock } from './locks.ts'
import { Queue } from './queues.ts'

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('Nothing was thrown')
}

it('B-util-007 an error has the number of the system, or that of its cause, or none', () => {
  const error = thrownBy(() => readFileSync('/no/such/file'))
  expect(errnoFromException(error)).toBe(-constants.errno.ENOENT)
  expect(errnoFromException(new Error('outer', { cause: new Error('inner', { cause: error }) }))).toBe(
    -constants.errno.ENOENT,
  )
  const circle: { cause?: unknown } = new Error('circle')
  circle.cause = circle
  for (const other of [new Error('none'), circle, null, undefined, 'ENOENT', { errno: 'ENOENT' }]) {
    expect(errnoFromException(other)).toBeNull()
  }
})

it('B-util-008 one TimeoutError for all that waits, and spans of time in milliseconds', async () => {
  const never = new Promise(() => {})
  const lock = new Lock()
  await lock.acquire()
  for (const waiting of [
    withTimeout(1, never),
    IOLoop.current().runSync(() => never, { timeoutMs: 1 }),
    lock.acquire({ timeoutMs: 1 }),
    new Queue().get({ timeoutMs: 1 }),
  ]) {
    await expect(waiting).rejects.toBeInstanceOf(TimeoutError)
  }
  expect(toMilliseconds({ days: 1, hours: 1, minutes: 1, seconds: 1, milliseconds: 1.5 })).toBe(90_061_001.5)
})

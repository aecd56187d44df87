import { pbkdf2Sync } from 'node:crypto'
import { appLog, type LogRecord } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterEach, expect, it } from 'vitest'
import { IOLoop } from './io-loop.ts'
import { sleep } from '../promises/sleep.ts'

afterEach(() => IOLoop.current().close())

function hogTheLoop(durationMs: number): void {
  const end = performance.now() + durationMs
  while (performance.now() < end);
}

function hashForLong(durationMs: number): void {
  const end = performance.now() + durationMs
  while (performance.now() < end) pbkdf2Sync('password', 'salt', 100_000, 32, 'sha256')
}

it.each([
  ['of JavaScript', hogTheLoop],
  ['of native code', hashForLong],
])('reports how long and where the loop was blocked by a stretch %s', async (_, culprit) => {
  using expected = expectLog(appLog, /^IOLoop blocked for \d+ ms/, { level: 'warning' })
  const loop = IOLoop.current()
  loop.setBlockingLogThreshold(40)
  // The thread that watches misses what is over before it has started, and on a busy machine the beginning of more.
  const isWhole = ({ message }: LogRecord): boolean =>
    message.includes(` in ${culprit.name} (`) && Number(/for (\d+) ms/.exec(message)?.[1]) >= 100
  while (!expected.records.some(isWhole)) {
    loop.addCallback(culprit, 120)
    await sleep(20)
  }
  loop.setBlockingLogThreshold(null)
  const place = new RegExp(`at ${culprit.name} \\(.*blocking-watchdog\\.test\\.ts:\\d+:\\d+\\)`)
  expect(expected.records.find(isWhole)?.error).toMatchObject({ stack: expect.stringMatching(place) })
})

it('says nothing of shorter stretches, nor when it is off', async () => {
  using expected = expectLog(appLog, 'IOLoop blocked', { required: false })
  const loop = IOLoop.current()
  loop.setBlockingLogThreshold(5_000)
  for (let i = 0; i < 5; i++) {
    hogTheLoop(20)
    await sleep(5)
  }
  loop.setBlockingLogThreshold(null)
  hogTheLoop(50)
  await sleep(5)
  expect(expected.records).toEqual([])
})

it('refuses a threshold that is not above 0', async () => {
  const loop = IOLoop.current()
  for (const threshold of [0, -1, Number.NaN]) {
    expect(() => {
      loop.setBlockingLogThreshold(threshold)
    }).toThrow(RangeError)
  }
  await loop.close()
  expect(() => {
    loop.setBlockingLogThreshold(1)
  }).toThrow('IOLoop is closed')
})

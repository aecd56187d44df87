import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { writeLine } from './stream-handler.ts'

it('a stream that has gone gathers no listeners, however many lines are written to it', async () => {
  const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('gone')) })
  for (let line = 0; line < 20; line++) {
    writeLine(stream, 'a line')
    await nextTurn()
  }
  expect([stream.destroyed, stream.listenerCount('error')]).toEqual([true, 1])
})

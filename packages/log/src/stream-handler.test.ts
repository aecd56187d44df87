import { Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { StreamHandler } from './stream-handler.ts'
import type { LogRecord } from './record.ts'

const record: LogRecord = { logger: 'x', level: 'error', message: 'text', timeMs: 0 }

it('writes one line a record', () => {
  const lines: string[] = []
  const formatter = { format: ({ message }: LogRecord): string => message }
  const handler = new StreamHandler({ write: (text) => lines.push(text) }, { formatter, level: 'info' })
  handler.handle(record)
  expect(lines).toEqual(['text\n'])
  expect([handler.level, handler.wantsCaller]).toEqual(['info', false])
})

it('survives a stream that has gone', async () => {
  const closed = Promise.withResolvers<void>()
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      setImmediate(() => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })))
    },
  })
  stream.on('close', closed.resolve)
  const handler = new StreamHandler(stream)
  handler.handle(record)
  await closed.promise
  handler.handle(record)
  expect(stream.destroyed).toBe(true)
})

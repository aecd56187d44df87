import { expect, it, vi } from 'vitest'
import { ConsoleHandler, PinoHandler } from './adapters.ts'
import { levelNames } from './levels.ts'
import { getLogger } from './logger.ts'
import { addLogContext } from './logger.ts'
import type { LogHandler } from './record.ts'

function logAll(name: string, handler: LogHandler, error?: Error): void {
  const logger = getLogger(name)
  logger.propagate = false
  logger.level = 'debug'
  logger.addHandler(handler)
  for (const level of levelNames) logger[level]('100%s\n\x1b[2J', error)
}

it('gives records to the methods of pino', () => {
  const pino = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn(), fatal: vi.fn() }
  const error = new Error('why')
  using context = addLogContext(() => ({ requestId: 'r', logger: 'no' }))
  logAll('adapt.pino', new PinoHandler(pino), error)
  for (const method of Object.values(pino)) {
    expect(method.mock.calls).toEqual([
      [{ requestId: 'r', logger: 'adapt.pino', err: error }, String.raw`100%s\n\x1b[2J`],
    ])
  }
  context[Symbol.dispose]()
  const quiet = { ...pino, error: vi.fn(), warn: vi.fn() }
  logAll('adapt.pino2', new PinoHandler(quiet, { level: 'error' }))
  expect(quiet.warn).not.toHaveBeenCalled()
  expect(quiet.error).toHaveBeenCalledWith({ logger: 'adapt.pino2' }, String.raw`100%s\n\x1b[2J`)
})

it('writes lines with the methods of a console', () => {
  const console = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  logAll('adapt.console', new ConsoleHandler(console))
  expect(console.debug.mock.calls).toEqual([
    [expect.stringMatching(/^\[D \d{6} \d\d:\d\d:\d\d adapters\.test:\d+\] 100%s\n {4}\\x1b\[2J$/)],
  ])
  expect(console.info).toHaveBeenCalledTimes(1)
  expect(console.warn).toHaveBeenCalledTimes(1)
  expect(console.error.mock.calls.map(([line]) => String(line).slice(0, 2))).toEqual(['[E', '[C'])
})

it('uses another formatter and level where asked', () => {
  const console = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  logAll(
    'adapt.console2',
    new ConsoleHandler(console, { level: 'error', formatter: { format: ({ level }) => level } }),
  )
  expect(console.error.mock.calls).toEqual([['error'], ['critical']])
  expect(console.warn).not.toHaveBeenCalled()
})

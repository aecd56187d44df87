// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { it } from 'vitest'
import type { LogRecord } from '../src/index.ts'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/log')
const { getLogger, LogFormatter, StreamHandler } = built

const rounds = 1000

it(`calls that are switched off, ${rounds} a run`, async ({ bench }) => {
  const off = getLogger('bench.off')
  off.level = 'error'
  let sum = 0
  await bench.compare(
    bench('the loop alone', () => {
      for (let round = 0; round < rounds; round++) sum += round
    }),
    bench('info with text', () => {
      for (let round = 0; round < rounds; round++) {
        sum += round
        off.info('not wanted')
      }
    }),
    bench('info with a function', () => {
      for (let round = 0; round < rounds; round++) {
        sum += round
        off.info(() => `not wanted ${round}`)
      }
    }),
    bench('isEnabledFor', () => {
      for (let round = 0; round < rounds; round++) {
        if (!off.isEnabledFor('info')) sum += round
      }
    }),
  )
})

it('one line', async ({ bench }) => {
  const record: LogRecord = {
    logger: 'tornado.access',
    level: 'info',
    message: '200 GET /items/42?page=3 (127.0.0.1) 0.42ms',
    timeMs: 1_780_000_000_000,
    caller: { module: 'web', file: 'web.js', line: 2348 },
  }
  const tornado = new LogFormatter({ color: false })
  const withoutCaller = new LogFormatter({ color: false, fmt: '[%(levelname)1.1s %(asctime)s] %(message)s' })
  const stream = { write: (): void => {} }
  const callerLog = getLogger('bench.caller')
  const plainLog = getLogger('bench.plain')
  callerLog.propagate = false
  plainLog.propagate = false
  callerLog.addHandler(new StreamHandler(stream, { formatter: tornado }))
  plainLog.addHandler(new StreamHandler(stream, { formatter: withoutCaller }))
  await bench.compare(
    bench('formatted', () => void tornado.format(record)),
    bench('logged with its caller', () => callerLog.warning(record.message)),
    bench('logged without', () => plainLog.warning(record.message)),
  )
})

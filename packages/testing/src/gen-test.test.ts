import { afterEach, describe, expect, it, vi } from 'vitest'
import { getAsyncTestTimeoutMs } from './async-test-timeout.ts'
import { genTest } from './gen-test.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

describe('getAsyncTestTimeoutMs', () => {
  it.each([
    ['', 5_000],
    ['no number', 5_000],
    ['NaN', 5_000],
    ['Infinity', 5_000],
    ['0.25', 250],
    [' 30 ', 30_000],
    ['0', 0],
  ])('B-test-001 with %j in the environment it is %i', (text, timeoutMs) => {
    vi.stubEnv('ASYNC_TEST_TIMEOUT', text)
    expect(getAsyncTestTimeoutMs()).toBe(timeoutMs)
  })

  it('B-test-001 is five seconds without the variable', () => {
    vi.stubEnv('ASYNC_TEST_TIMEOUT', undefined)
    expect(getAsyncTestTimeoutMs()).toBe(5_000)
  })
})

describe('genTest', () => {
  it('B-test-008 runs sync and async tests, with the object that the runner calls it on', async () => {
    await expect(genTest(() => 1)()).resolves.toBe(1)
    await expect(genTest(() => Promise.resolve(2))()).resolves.toBe(2)
    const context = { value: 3 }
    const test = genTest(function (this: typeof context) {
      return this.value
    })
    await expect(test.call(context)).resolves.toBe(3)
    expect(test).toHaveLength(0)
    await expect(
      genTest(() => {
        throw new Error('own')
      })(),
    ).rejects.toThrow('own')
  })

  it('B-test-008 throws the time-out into what waits on the signal, and fails what does not', async () => {
    let thrown: unknown
    const waits = genTest(
      async (signal) => {
        try {
          await forever(signal)
        } catch (error) {
          thrown = error
          throw error
        }
      },
      { timeoutMs: 1 },
    )
    const failure = { name: 'TimeoutError', message: 'Operation timed out after 0.001 seconds' }
    await expect(waits()).rejects.toMatchObject(failure)
    expect(thrown).toMatchObject(failure)
    await expect(genTest(() => new Promise(() => {}), { timeoutMs: 1 })()).rejects.toMatchObject(failure)
  })

  it('B-test-001 B-test-008 takes its limit from the environment; 0 is none', async () => {
    vi.stubEnv('ASYNC_TEST_TIMEOUT', '0.002')
    await expect(genTest(forever)()).rejects.toThrow('0.002 seconds')
    vi.stubEnv('ASYNC_TEST_TIMEOUT', '0')
    await expect(genTest((signal) => signal.aborted)()).resolves.toBe(false)
    await expect(genTest(() => 'done', { timeoutMs: 0 })()).resolves.toBe('done')
  })

  it('goes by the real time under fake timers', async () => {
    vi.useFakeTimers()
    try {
      await expect(genTest(forever, { timeoutMs: 1 })()).rejects.toThrow('timed out')
    } finally {
      vi.useRealTimers()
    }
  })
})

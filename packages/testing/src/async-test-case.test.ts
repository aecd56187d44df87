import assert from 'node:assert/strict'
import { IOLoop } from '@tornado-ts/ioloop'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AsyncTestCase } from './async-test-case.ts'
import { defineTestCase, testMethodNames } from './define-test-case.ts'
import { setupWithContextManager } from './setup-with-context-manager.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

/** Runs one test of a class of one. */
async function run(test: (this: AsyncTestCase) => unknown): Promise<void> {
  class Case extends AsyncTestCase {
    testIt(): unknown {
      return test.call(this)
    }
  }
  await new Case('testIt').run()
}

describe('AsyncTestCase', () => {
  it('B-test-002 each test has a loop of its own, closed after it', async () => {
    const loops: IOLoop[] = []
    for (let i = 0; i < 2; i++) {
      await run(function () {
        loops.push(this.ioLoop)
        expect(this.ioLoop).toBe(IOLoop.current())
      })
    }
    expect(loops[0]).not.toBe(loops[1])
    expect(() => loops[0]?.callLater(1, () => {})).toThrow('IOLoop is closed')
  })

  it('B-test-002 stop ends wait with its value, again and again', async () => {
    await run(async function () {
      this.ioLoop.addCallback(() => this.stop(1))
      expect(await this.wait()).toBe(1)
      this.ioLoop.addCallback(() => this.stop({ a: 2 }))
      expect(await this.wait()).toEqual({ a: 2 })
      let count = 0
      const stops = (): void => {
        this.stop(++count)
        if (count < 5) this.ioLoop.addCallback(stops)
      }
      this.ioLoop.addCallback(stops)
      expect(await this.wait({ condition: () => count === 5, timeoutMs: 0 })).toBe(5)
    })
  })

  it('B-test-001 B-test-002 wait takes its limit from the environment; 0 is none', async () => {
    await run(async function () {
      vi.stubEnv('ASYNC_TEST_TIMEOUT', '0.001')
      await expect(this.wait()).rejects.toThrow('timed out after 0.001 seconds')
      this.ioLoop.callLater(5, () => this.stop('late'))
      expect(await this.wait({ timeoutMs: 0 })).toBe('late')
    })
  })

  it('B-test-002 wait fails when its time is over', async () => {
    await run(async function () {
      await expect(this.wait({ timeoutMs: 1 })).rejects.toMatchObject({
        name: 'TimeoutError',
        message: 'Async operation timed out after 0.001 seconds',
      })
      this.stop('late')
      expect(await this.wait()).toBe('late')
    })
  })

  it('B-test-003 stop may come before wait', async () => {
    await run(async function () {
      this.stop('early')
      expect(await this.wait()).toBe('early')
    })
  })

  it('B-test-003 what a callback throws fails wait, or the test', async () => {
    const fail = (): never => {
      throw new Error('in a callback')
    }
    await run(async function () {
      this.ioLoop.addCallback(fail)
      await expect(this.wait()).rejects.toThrow('in a callback')
    })
    const unawaited = run(async function () {
      this.ioLoop.addCallback(fail)
      await new Promise<void>((resolve) => this.ioLoop.callLater(1, () => resolve()))
    })
    await expect(unawaited).rejects.toThrow('in a callback')
  })

  it('B-test-004 tearDown ends what the test left behind', async () => {
    let ran = false
    let reason: unknown
    await run(function () {
      this.ioLoop.callLater(1, () => (ran = true))
      this.signal.addEventListener('abort', () => (reason = this.signal.reason))
    })
    expect(reason).toMatchObject({ message: 'Test is over' })
    await new Promise((resolve) => setTimeout(resolve, 5))
    expect(ran).toBe(false)
  })

  it('B-test-005 generators and return values are errors', async () => {
    await expect(
      run(function* () {
        yield 1
      }),
    ).rejects.toThrow(new TypeError('Generator test methods are not run: make the method async'))
    await expect(run(() => 42)).rejects.toThrow(new TypeError('Return value from test method ignored: 42'))
    await expect(run(() => Promise.resolve('x'))).rejects.toThrow('Return value from test method ignored: x')
    await run(() => Promise.resolve())
  })

  it('a test that hangs fails after the time of the environment', async () => {
    vi.stubEnv('ASYNC_TEST_TIMEOUT', '0.005')
    await expect(run(() => new Promise(() => {}))).rejects.toThrow('timed out after 0.005 seconds')
  })

  it('runs set-up, test, tear-down and clean-ups in this order, all after a failure too', async () => {
    const steps: string[] = []
    class Case extends AsyncTestCase {
      override setUp(): void {
        void super.setUp()
        steps.push('setUp')
        setupWithContextManager(this, { [Symbol.dispose]: () => steps.push('disposed') as never })
        const resource = { [Symbol.asyncDispose]: () => Promise.resolve(void steps.push('disposed async')) }
        expect(setupWithContextManager(this, resource)).toBe(resource)
      }

      testFails(): void {
        steps.push('test')
        throw new Error('failed')
      }

      override async tearDown(): Promise<void> {
        steps.push('tearDown')
        await super.tearDown()
        throw new Error('torn')
      }
    }
    const failure: unknown = await new Case('testFails').run().catch((error: unknown) => error)
    expect(failure).toMatchObject({
      message: '2 errors in testFails',
      errors: [{ message: 'failed' }, { message: 'torn' }],
    })
    expect(steps).toEqual(['setUp', 'test', 'tearDown', 'disposed async', 'disposed'])
    await expect(new Case('testMissing').run()).rejects.toThrow('2 errors')
  })
})

describe('defineTestCase', () => {
  class Base extends AsyncTestCase {
    static readonly ran: string[] = []

    testOfBase(): void {
      Base.ran.push('base')
    }
  }

  class Derived extends Base {
    helper(): void {}

    async testAlone(): Promise<void> {
      Base.ran.push('alone')
    }
  }

  it('gives each test to the runner, in an object of its own', async () => {
    const names: string[] = []
    const tests: (() => Promise<void>)[] = []
    defineTestCase(Derived, {
      describe: (name, body) => {
        names.push(name)
        body()
      },
      it: (name, test) => {
        names.push(name)
        tests.push(test)
      },
    })
    expect(names).toEqual(['Derived', 'testAlone', 'testOfBase'])
    for (const test of tests) await test()
    expect(Base.ran).toEqual(['alone', 'base'])
    expect(testMethodNames(AsyncTestCase)).toEqual([])
    expect(() => defineTestCase(AsyncTestCase, { describe, it })).toThrow(
      'no method whose name begins with test',
    )
  })

  class Collected extends AsyncTestCase {
    testRuns(): void {
      assert.ok(this.ioLoop instanceof IOLoop)
    }
  }

  defineTestCase(Collected, { describe, it })
})

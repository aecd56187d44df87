import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { IOLoop } from './io-loop.ts'

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

afterEach(async () => {
  await IOLoop.current({ instance: false })?.close()
})

describe('current', () => {
  it('B-loop-002 makes the loop of the thread on first use, and gives null with instance: false', async () => {
    expect(IOLoop.current({ instance: false })).toBeNull()
    const loop = IOLoop.current()
    expect(IOLoop.current()).toBe(loop)
    expect(IOLoop.current({ instance: false })).toBe(loop)
    await loop.close()
    expect(IOLoop.current({ instance: false })).toBeNull()
    expect(IOLoop.current()).not.toBe(loop)
  })

  it('B-loop-003 refuses a second loop for one thread', async () => {
    const loop = new IOLoop()
    expect(() => new IOLoop()).toThrow('This thread has an IOLoop')
    await loop.close()
    expect(new IOLoop()).toBe(IOLoop.current())
  })

  it('is found by another installed copy of the package', () => {
    const loop = IOLoop.current()
    expect(Reflect.get(globalThis, Symbol.for('tornado.ioloop.current.v1'))).toEqual({ loop })
  })
})

describe('addCallback', () => {
  it('B-loop-012 runs callbacks in the next iteration, in order, with their arguments', async () => {
    const loop = IOLoop.current()
    const ran: unknown[] = []
    loop.addCallback((a, b) => ran.push([a, b]), 1, 'two')
    loop.addCallback(() => ran.push('second'))
    await Promise.resolve()
    expect(ran).toEqual([])
    await turn()
    expect(ran).toEqual([[1, 'two'], 'second'])
  })

  it('B-loop-012 ignores a callback once the loop is closed, and drops those that wait', async () => {
    const loop = IOLoop.current()
    const ran: string[] = []
    loop.addCallback(() => ran.push('waiting'))
    loop.addCallback((text) => ran.push(text), 'waiting too')
    await loop.close()
    loop.addCallback(() => ran.push('late'))
    await turn()
    expect(ran).toEqual([])
  })

  it('B-loop-013 callbacks that add callbacks starve neither timers nor sockets', async () => {
    const loop = IOLoop.current()
    const { promise: timerRan, resolve } = Promise.withResolvers<void>()
    let rounds = 0
    let running = true
    const again = (): void => {
      rounds += 1
      if (running) loop.addCallback(again)
    }
    loop.addCallback(again)
    loop.callLater(5, resolve)
    await timerRan
    expect(rounds).toBeGreaterThan(1)
    // A connection takes many events of sockets: accepted, connected, written, read.
    const server = createServer((socket) => void socket.pipe(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write('hello')
    const before = rounds
    expect(String((await once(socket, 'data'))[0])).toBe('hello')
    expect(rounds).toBeGreaterThan(before)
    running = false
    socket.destroy()
    server.close()
  })

  it('B-loop-014 logs what a callback throws and goes on', async () => {
    using expected = expectLog(appLog, /^Exception in callback failing$/, { level: 'error' })
    const loop = IOLoop.current()
    const error = new Error('division by zero')
    const ran: string[] = []
    loop.addCallback(function failing() {
      throw error
    })
    loop.addCallback(() => ran.push('after'))
    await turn()
    expect(ran).toEqual(['after'])
    expect(expected.records.map((record) => record.error)).toEqual([error])
  })

  it('B-loop-014 is silent about a cancellation', async () => {
    const loop = IOLoop.current()
    loop.addCallback(() => AbortSignal.abort().throwIfAborted())
    loop.addCallback(() => Promise.reject(AbortSignal.abort().reason as DOMException))
    using expected = expectLog(appLog, '', { required: false })
    await turn()
    await turn()
    expect(expected.records).toEqual([])
  })

  it('B-loop-015 logs the failure of a returned promise and ignores other results', async () => {
    using expected = expectLog(appLog, /^Exception in callback <anonymous>$/)
    const loop = IOLoop.current()
    loop.addCallback(async (text: string) => {
      await Promise.resolve()
      throw new Error(text)
    }, 'late')
    loop.addCallback(() => 42)
    loop.addCallback(() => ({ then: 'not a function' }))
    await turn()
    await turn()
    expect(expected.records).toHaveLength(1)
  })

  it('B-loop-016 spawnCallback does the same', async () => {
    const loop = IOLoop.current()
    const ran: string[] = []
    loop.addCallback(() => ran.push('first'))
    loop.spawnCallback((text) => ran.push(text), 'second')
    await turn()
    expect(ran).toEqual(['first', 'second'])
  })

  it('B-gen-006 runs each callback and timer in the context of the call that added it', async () => {
    const request = new AsyncLocalStorage<string>()
    const loop = IOLoop.current()
    const seen: unknown[] = []
    const { promise: timerRan, resolve } = Promise.withResolvers<string | undefined>()
    request.run('a', () => loop.addCallback(() => seen.push(request.getStore())))
    request.run('b', () => loop.addCallback((x) => seen.push(request.getStore(), x), 1))
    request.run('c', () => loop.callLater(1, () => resolve(request.getStore())))
    expect(await timerRan).toBe('c')
    // A timer that is due already may come before the callbacks.
    await turn()
    expect(seen).toEqual(['a', 'b', 1])
    expect(request.getStore()).toBeUndefined()
  })
})

describe('addFuture', () => {
  it('B-loop-017 runs the callback on the loop after completion, never synchronously', async () => {
    const loop = IOLoop.current()
    const seen: unknown[] = []
    const reason = new Error('no')
    loop.addFuture(Promise.resolve(1), (settled) => seen.push(settled))
    loop.addFuture(Promise.reject(reason), (settled) => seen.push(settled))
    await Promise.resolve()
    expect(seen).toEqual([])
    await turn()
    expect(seen).toEqual([
      { status: 'fulfilled', value: 1 },
      { status: 'rejected', reason },
    ])
  })
})

describe('start and stop', () => {
  it('resolves at stop(), after the iteration that called it', async () => {
    const loop = IOLoop.current()
    const ran: string[] = []
    loop.addCallback(() => {
      loop.stop()
      loop.stop()
      ran.push('stopping')
    })
    loop.addCallback(() => ran.push('same iteration'))
    await loop.start()
    expect(ran).toEqual(['stopping', 'same iteration'])
  })

  it('B-loop-020 stop() before start() makes it return after one iteration; it starts again', async () => {
    const loop = IOLoop.current()
    const ran: string[] = []
    loop.stop()
    loop.addCallback(() => ran.push('one iteration'))
    await loop.start()
    expect(ran).toEqual(['one iteration'])

    let stopped = false
    const running = loop.start().then(() => (stopped = true))
    await turn()
    await turn()
    expect(stopped).toBe(false)
    loop.stop()
    await running
  })

  it('B-loop-021 refuses to start twice, and to close while started', async () => {
    const loop = IOLoop.current()
    const running = loop.start()
    await expect(loop.start()).rejects.toThrow('IOLoop is already running')
    await expect(loop.close()).rejects.toThrow('Cannot close a running IOLoop')
    loop.stop()
    await running
    await loop.close()
    await loop.close()
    await expect(loop.start()).rejects.toMatchObject({ name: 'IOLoopClosedError' })
  })
})

describe('runSync', () => {
  it('B-loop-018 gives the result of a synchronous or asynchronous function, or its error', async () => {
    const loop = IOLoop.current()
    await expect(loop.runSync(() => 42)).resolves.toBe(42)
    await expect(loop.runSync(async () => (await turn(), 'late'))).resolves.toBe('late')
    await expect(
      loop.runSync(() => {
        throw new Error('at once')
      }),
    ).rejects.toThrow('at once')
    await expect(loop.runSync(() => Promise.reject(new Error('later')))).rejects.toThrow('later')
  })

  it('B-loop-018 runs the function with this loop current', async () => {
    const loop = IOLoop.current()
    await expect(loop.runSync(() => IOLoop.current())).resolves.toBe(loop)
  })

  it('B-loop-019 rejects after the time-out and aborts the signal of the function', async () => {
    const loop = IOLoop.current()
    const { promise: aborted, resolve } = Promise.withResolvers<unknown>()
    const run = loop.runSync(
      (signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => {
            resolve(signal.reason)
            reject(new Error('too late to matter'))
          })
        }),
      { timeoutMs: 1 },
    )
    await expect(run).rejects.toMatchObject({
      name: 'TimeoutError',
      message: 'Operation timed out after 1 ms',
    })
    await expect(aborted).resolves.toMatchObject({ name: 'TimeoutError' })
  })

  it('B-loop-019 rejects when the loop is stopped first', async () => {
    const loop = IOLoop.current()
    loop.addCallback(() => loop.stop())
    await expect(loop.runSync(() => new Promise(() => {}))).rejects.toMatchObject({
      name: 'IOLoopStoppedError',
      message: 'Event loop stopped before Future completed',
    })
    await expect(loop.runSync(() => 'again')).resolves.toBe('again')
  })
})

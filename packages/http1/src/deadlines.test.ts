import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it, vi } from 'vitest'
import { Client, responsesIn, serve, statusesIn, turns, type Exchange } from '../test/serving.ts'
import { DeadlineSweeper, type Expiring } from './deadline-sweeper.ts'
import { resolveParameters } from './parameters.ts'

const get = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'
const post = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n'

describe('time-outs', () => {
  it('B-http1-021 a head that does not come to its end is answered with 408', async () => {
    const logged = expectLog('tornado.general', 'Timeout reading head from 127.0.0.1', { level: 'info' })
    const { port, exchanges } = await serve({}, { headerTimeoutMs: 20 })
    const client = new Client(port).send('GET / HTTP/1.1\r\n')
    const started = performance.now()
    expect(responsesIn(await client.closed)).toMatchObject([
      {
        first: 'HTTP/1.1 408 Request Timeout',
        keepAlive: false,
        body: 'Request Timeout: Timeout reading head\n',
      },
    ])
    expect(performance.now() - started).toBeGreaterThanOrEqual(15)
    expect(exchanges).toEqual([])
    logged[Symbol.dispose]()
  })

  it('B-http1-021 CVE-2018-12122 CVE-2019-5737 more bytes of a head do not buy more time', async () => {
    const logged = expectLog('tornado.general', 'Timeout reading head', { level: 'info' })
    const { port } = await serve({}, { headerTimeoutMs: 60 })
    const client = new Client(port).send('GET / HTTP/1.1\r\nA: ')
    const drip = setInterval(() => client.send('a'), 5)
    expect(statusesIn(await client.closed)).toEqual([408])
    clearInterval(drip)
    logged[Symbol.dispose]()
  })

  it('B-http1-021 a connection without a request ends in silence, also behind an answer and a stray line end', async () => {
    const { port } = await serve({}, { idleConnectionTimeoutMs: 20 })
    const fresh = new Client(port)
    expect(await fresh.closed).toBe('')
    expect(fresh.ended).toBe(true)
    expect(statusesIn(await new Client(port).send(get).closed)).toEqual([200])
    expect(statusesIn(await new Client(port).send(`${get}\r\n`).closed)).toEqual([200])
    expect(await new Client(port).send('\r\n').closed).toBe('')
  })

  it('B-http1-021 a body that does not come to its end is answered with 408', async () => {
    const logged = expectLog('tornado.general', 'Timeout reading body from 127.0.0.1', { level: 'info' })
    const server = await serve({}, { bodyTimeoutMs: 20 })
    expect(statusesIn(await new Client(server.port).send(`${post}hell`).closed)).toEqual([408])
    expect(server.exchanges[0]!.calls).toEqual(['head', 'data', 'close'])
    logged[Symbol.dispose]()
  })

  it('B-http1-021 when the answer has begun there is no second one', async () => {
    const logged = expectLog('tornado.general', 'Timeout reading body', { level: 'info' })
    const server = await serve({ head: (exchange) => exchange.head(200, {}, 'a') }, { bodyTimeoutMs: 20 })
    const received = await new Client(server.port).send(`${post}hell`).closed
    expect(received).toBe('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n')
    expect(server.exchanges[0]!.calls.at(-1)).toBe('close')
    logged[Symbol.dispose]()
  })

  it('B-http1-022 the time for a body can be set for one request, at its head and at its data', async () => {
    const logged = expectLog('tornado.general', 'Timeout reading body', { level: 'info' })
    for (const at of ['head', 'data'] as const) {
      const handler = ({ connection }: Exchange): void => connection.setBodyTimeout(20)
      const server = await serve({ [at]: handler }, { headerTimeoutMs: 40 })
      expect(statusesIn(await new Client(server.port).send(`${post}hell`).closed)).toEqual([408])
    }
    logged[Symbol.dispose]()
  })

  it('B-http1-022 the time that one request was given is not that of the next', async () => {
    const server = await serve(
      {
        head({ path, connection }) {
          if (path === '/') connection.setBodyTimeout(1)
        },
      },
      { bodyTimeoutMs: 100_000, headerTimeoutMs: 20 },
    )
    const client = new Client(server.port).send(`${post}hello`)
    await client.until('hello')
    client.send(`${post.replace('/', '/next')}hell`)
    await server.exchange(1)
    // A connection whose deadline comes marks the time.
    expect(statusesIn(await new Client(server.port).send('G').closed)).toEqual([408])
    client.send('o')
    await client.until('next hello')
  })

  it('an answer may take its time', async () => {
    const server = await serve(
      { finish() {} },
      { headerTimeoutMs: 20, bodyTimeoutMs: 20, idleConnectionTimeoutMs: 20 },
    )
    const client = new Client(server.port).send(get + post)
    const exchange = await server.exchange(0)
    expect(await new Client(server.port).closed).toBe('')
    expect(await new Client(server.port).closed).toBe('')
    exchange.answer('late')
    expect(await client.until('late')).toContain('200 OK')
  })

  it('each head has its own time, though each arrives in the chunk that ends the one before', async () => {
    const server = await serve({}, { headerTimeoutMs: 200 })
    const client = new Client(server.port)
    const started = performance.now()
    let sent = 0
    while (performance.now() - started < 600) {
      client.send(sent === 0 ? get.slice(0, 20) : get.slice(20) + get.slice(0, 20))
      sent++
      await server.until(() => server.exchanges.length === sent - 1)
      await turns(1)
    }
    client.send(get.slice(20)).end()
    const statuses = new Set(statusesIn(await client.closed))
    expect([...statuses]).toEqual([200])
    expect(server.exchanges).toHaveLength(sent)
  })
})

describe('DeadlineSweeper', () => {
  it('expires what is due, again and again until it moves or is removed', () => {
    vi.useFakeTimers()
    try {
      const sweeper = new DeadlineSweeper(400)
      const calls: string[] = []
      const make = (name: string): Expiring => ({ deadlineMs: Infinity, expire: () => calls.push(name) })
      const [a, b, never] = ['a', 'b', 'never'].map(make) as [Expiring, Expiring, Expiring]
      for (const expiring of [a, b, never]) sweeper.add(expiring)
      a.deadlineMs = sweeper.deadlineAfter(400)
      b.deadlineMs = sweeper.deadlineAfter(600)
      vi.advanceTimersByTime(400)
      expect(calls).toEqual([])
      vi.advanceTimersByTime(200)
      expect(calls).toEqual(['a', 'a'])
      a.deadlineMs = Infinity
      vi.advanceTimersByTime(200)
      expect(calls).toEqual(['a', 'a', 'b', 'b'])
      for (const expiring of [a, b, never]) sweeper.remove(expiring)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('does not count the time in which the loop stood still', () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] })
    try {
      const sweeper = new DeadlineSweeper(400)
      let expired = 0
      const expiring: Expiring = { deadlineMs: Infinity, expire: () => expired++ }
      sweeper.add(expiring)
      expiring.deadlineMs = sweeper.deadlineAfter(400)
      // One sweep after an hour in which nothing ran.
      vi.advanceTimersByTime(99)
      vi.setSystemTime(Date.now())
      const now = performance.now()
      vi.spyOn(performance, 'now').mockReturnValue(now + 3_600_000)
      vi.advanceTimersByTime(1)
      expect(expired).toBe(0)
      sweeper.remove(expiring)
    } finally {
      vi.restoreAllMocks()
      vi.useRealTimers()
    }
  })

  it('keeps no process alive', () => {
    const sweeper = new DeadlineSweeper(1000)
    const expiring: Expiring = { deadlineMs: Infinity, expire() {} }
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    sweeper.add(expiring)
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout')).toHaveLength(before)
    sweeper.remove(expiring)
  })
})

describe('resolveParameters', () => {
  it('has the defaults of the manual', () => {
    expect(resolveParameters()).toEqual({
      noKeepAlive: false,
      chunkSize: 65_536,
      maxHeaderSize: 65_536,
      maxFieldCount: 100,
      maxBodySize: 104_857_600,
      headerTimeoutMs: 60_000,
      bodyTimeoutMs: Infinity,
      minBodyRate: 240,
      bodyRateWindowMs: 30_000,
      idleConnectionTimeoutMs: 300_000,
      writeTimeoutMs: 300_000,
      maxRequestsPerConnection: Infinity,
      decompressRequest: false,
    })
  })

  it.each([
    'chunkSize',
    'maxHeaderSize',
    'maxFieldCount',
    'maxBodySize',
    'headerTimeoutMs',
    'bodyTimeoutMs',
    'bodyRateWindowMs',
    'idleConnectionTimeoutMs',
    'maxRequestsPerConnection',
  ])('%s must be above zero', (name) => {
    for (const value of [0, -1, NaN, '5']) {
      expect(() => resolveParameters({ [name]: value })).toThrow(
        RangeError(`${name} must be above zero: ${value}`),
      )
    }
  })

  it('minBodyRate may be zero', () => {
    expect(resolveParameters({ minBodyRate: 0 }).minBodyRate).toBe(0)
    expect(() => resolveParameters({ minBodyRate: -1 })).toThrow(
      RangeError('minBodyRate must not be below zero: -1'),
    )
  })
})

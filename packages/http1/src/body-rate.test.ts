import { expectLog } from '@tornado-ts/log/testing'
import { expect, it } from 'vitest'
import { Client, responsesIn, serve, statusesIn } from '../test/serving.ts'

/** 1000 bytes a second are 50 in each window. */
const params = { minBodyRate: 1000, bodyRateWindowMs: 50 }
const head = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n'

it('CVE-2026-56853 a body that trickles is answered with 408, however long it goes on', async () => {
  using _log = expectLog('tornado.general', 'Body arrives too slowly from 127.0.0.1', { level: 'info' })
  const server = await serve({}, params)
  const client = new Client(server.port).send(head)
  const drip = setInterval(() => client.send('x'), 5)
  const [response] = responsesIn(await client.closed)
  clearInterval(drip)
  expect(response).toMatchObject({ first: 'HTTP/1.1 408 Request Timeout', keepAlive: false })
  expect(response!.body).toBe('Request Timeout: Body arrives too slowly\n')
  expect(server.exchanges[0]!.calls.at(-1)).toBe('close')
})

it('so is one that stands still, and a chunked one', async () => {
  using _log = expectLog('tornado.general', 'Body arrives too slowly', { level: 'info' })
  const { port } = await serve({}, params)
  expect(statusesIn(await new Client(port).send(head).closed)).toEqual([408])
  const chunked = 'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello'
  expect(statusesIn(await new Client(port).send(chunked).closed)).toEqual([408])
})

it('a body that comes fast enough may take as long as it likes', async () => {
  const server = await serve({}, params)
  const client = new Client(server.port).send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000\r\n\r\n')
  let sent = 0
  const started = performance.now()
  const drip = setInterval(() => {
    client.send('x'.repeat(50))
    sent += 50
    if (sent === 2000) clearInterval(drip)
  }, 5)
  await client.until('\r\n\r\n')
  expect(performance.now() - started).toBeGreaterThan(150)
  expect(server.exchanges[0]!.calls).toEqual(['head', 'data', 'finish'])
})

it('nothing is expected of a peer while the application makes it wait', async () => {
  const server = await serve(
    {
      // An idle connection beside it shows that several windows have passed.
      data: async ({ pieces }) => {
        if (pieces === 1) await new Client(server.port).closed
      },
    },
    { ...params, idleConnectionTimeoutMs: 300 },
  )
  const client = new Client(server.port).send(head + 'x'.repeat(100_000))
  await client.until('\r\n\r\n')
  expect(server.exchanges[0]!.body.length).toBe(100_000)
})

it('bodyTimeoutMs holds for a body that is fast enough', async () => {
  using _log = expectLog('tornado.general', 'Timeout reading body', { level: 'info' })
  const { port } = await serve({}, { ...params, bodyTimeoutMs: 120 })
  const client = new Client(port).send(head)
  const drip = setInterval(() => client.send('x'.repeat(100)), 5)
  expect(statusesIn(await client.closed)).toEqual([408])
  clearInterval(drip)
})

it('with 0 there is no least rate', async () => {
  const server = await serve({}, { minBodyRate: 0, bodyRateWindowMs: 20, idleConnectionTimeoutMs: 150 })
  const client = new Client(server.port).send('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n')
  // An idle connection beside it shows that time has passed.
  await new Client(server.port).closed
  expect(client.received).toBe('')
  expect(await client.send('x').until('POST / x')).toContain('200 OK')
})

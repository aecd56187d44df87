// Against a listening server: anything malformed ends in a 4xx that the peer can read and a closed connection, never in a
// second response, a hung socket, or an exception that escapes (it would be logged, and fail the test).
import { expect, it } from 'vitest'
import { decode } from '../test/decoding.ts'
import { Client, responsesIn, serve, turns, type TestServer } from '../test/serving.ts'

const requests: [name: string, raw: string][] = [
  ['a GET', 'GET /path?a=b HTTP/1.1\r\nHost: h:80\r\nConnection: keep-alive\r\nAccept: */*\r\n\r\n'],
  ['a form', 'POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n\r\na=b&c=d'],
  [
    'chunks',
    'POST /up HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n',
  ],
  ['an HTTP/1.0 GET', 'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'],
]

/** Runs a function over many items, so many at once. */
async function each<Item>(
  items: readonly Item[],
  atOnce: number,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) await run(items[next++]!)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** Sends bytes and this side's end, and holds the answer against what the decoder makes of them. */
async function check(server: TestServer, bytes: Buffer): Promise<void> {
  const expected = decode([bytes], { end: true })
  const client = new Client(server.port).send(bytes).end()
  const responses = responsesIn(await client.closed).map(({ first }) => Number(first.slice(9, 12)))
  const complete = expected.messages.filter((message) => message.complete)
  // What follows a request that ends the connection is not looked at.
  const last = complete.findIndex((message) => !message.keepAlive)
  const answered = complete.slice(0, last === -1 ? complete.length : last + 1).map(() => 200)
  if (last === -1 && expected.status !== null) answered.push(expected.status)
  if (responses.join() !== answered.join()) {
    throw new Error(
      `${JSON.stringify(bytes.toString('latin1'))} was answered with ${responses.join()}, expected ${answered.join()}`,
    )
  }
}

function delegatesAreSettled(server: TestServer): boolean {
  return server.exchanges.every(
    ({ calls }) => calls.filter((call) => call === 'finish' || call === 'close').length === 1,
  )
}

it.each(requests)('every truncation of %s', async (_name, raw) => {
  const server = await serve()
  const cases = Array.from({ length: raw.length + 1 }, (_, size) => Buffer.from(raw.slice(0, size)))
  await each(cases, 50, (bytes) => check(server, bytes))
  await server.until(() => server.closedCount === cases.length)
  expect(delegatesAreSettled(server)).toBe(true)
})

it.each(requests)('every single byte of %s corrupted', async (_name, raw) => {
  const server = await serve()
  const values = [...Buffer.from('\0\t\n\r :;,/0A\x7f'), 0x85, 0xff]
  const cases: Buffer[] = []
  for (let i = 0; i < raw.length; i++) {
    const flipped = [0x01, 0x04, 0x20, 0x80].map((bit) => raw.charCodeAt(i) ^ bit)
    for (const value of [...values, ...flipped]) {
      const bytes = Buffer.from(raw)
      bytes[i] = value
      cases.push(bytes)
    }
  }
  await each(cases, 50, (bytes) => check(server, bytes))
  await server.until(() => server.closedCount === cases.length)
  expect(delegatesAreSettled(server)).toBe(true)
})

it.each(requests)('every split of %s behind another', async (_name, raw) => {
  const server = await serve()
  const pair = Buffer.from('POST /first HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none' + raw)
  const cases = Array.from(pair.keys()).slice(1)
  await each(cases, 50, async (at) => {
    const client = new Client(server.port).send(pair.subarray(0, at))
    // Both ends live in this loop, so the server reads the first part before the second is sent.
    await turns(3)
    client.send(pair.subarray(at)).end()
    const [first, second, ...more] = responsesIn(await client.closed)
    expect(first).toMatchObject({ first: 'HTTP/1.1 200 OK', body: 'POST /first one' })
    expect(second).toMatchObject({ first: 'HTTP/1.1 200 OK' })
    expect(more).toEqual([])
  })
  expect(server.exchanges.every(({ calls }) => calls.at(-1) === 'finish')).toBe(true)
})

it.each(requests)('%s by single bytes', async (_name, raw) => {
  const server = await serve()
  const client = new Client(server.port)
  for (const byte of raw + raw) {
    client.send(byte)
    await turns(1)
  }
  client.end()
  expect(responsesIn(await client.closed)).toHaveLength(2)
})

it('closes the connection when the peer keeps its side open', async () => {
  const server = await serve()
  const bad = [
    'BAD\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    '\x16\x03\x01',
    'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n',
  ]
  await each(bad, 4, async (raw) => {
    const client = new Client(server.port).send(raw)
    const received = await client.closed
    expect(client.ended).toBe(true)
    expect(responsesIn(received)).toMatchObject([{ first: 'HTTP/1.1 400 Bad Request', keepAlive: false }])
    expect(received).toMatch(/\r\nContent-Length: \d+\r\nConnection: close\r\n/)
  })
  expect(server.exchanges).toEqual([])
})

it('lets the peer read the answer though it goes on sending', async () => {
  const server = await serve()
  const client = new Client(server.port)
    .send('BAD\r\n\r\n')
    .send(Buffer.alloc(20_000_000, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n'))
  expect(responsesIn(await client.closed)).toMatchObject([{ first: 'HTTP/1.1 400 Bad Request' }])
  expect(server.exchanges).toEqual([])
})

it('lives through resets at every byte', async () => {
  const server = await serve()
  const [, raw] = requests[2]!
  await each([...Array(raw.length).keys()], 20, async (size) => {
    const client = new Client(server.port).send(raw.slice(0, size + 1))
    await new Promise((resolve) => client.socket.once('connect', resolve))
    await turns(size % 4)
    client.socket.resetAndDestroy()
    await client.closed
  })
  await server.until(() => server.closedCount === server.connections.length && server.closedCount > 0)
  expect(responsesIn(await new Client(server.port).send(raw).end().closed)).toHaveLength(1)
  await server.until(() => delegatesAreSettled(server))
})

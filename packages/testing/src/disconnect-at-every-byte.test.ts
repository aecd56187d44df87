import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import { expect, it } from 'vitest'
import { type Disconnect, disconnectAtEveryByte } from './disconnect-at-every-byte.ts'

const request = 'POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody'

function answer(text: string): (request: HTTPServerRequest) => void {
  return ({ connection }) => {
    if (connection === null || connection === undefined) throw new Error('No connection')
    const headers = new HTTPHeaders({ 'Content-Length': String(text.length) })
    void connection.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, text)
    connection.finish()
  }
}

it('leaves after each byte of the request and of the answer, in both ways', async () => {
  const seen: Disconnect[] = []
  let served = 0
  const respond = answer('hello')
  const count = await disconnectAtEveryByte(
    (asked) => {
      served++
      respond(asked)
    },
    request,
    (disconnect) => void seen.push(disconnect),
  )
  const responseSize = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'.length
  expect(count).toBe(2 * (request.length + 1 + responseSize))
  expect(seen).toHaveLength(count)
  for (const how of ['close', 'reset'] as const) {
    const during = (which: Disconnect['during']): number[] =>
      seen.filter((each) => each.how === how && each.during === which).map(({ at }) => at)
    expect(during('request')).toEqual(Array.from({ length: request.length + 1 }, (_, at) => at))
    expect(during('response')).toEqual(Array.from({ length: responseSize }, (_, at) => at + 1))
  }
  for (const { during, at, received } of seen) expect(received).toHaveLength(during === 'request' ? 0 : at)
  // Once for its size, once for each whole request, once for each cut of the answer.
  expect(served).toBe(1 + 2 * (1 + responseSize))
})

it('tells where the check failed, and why', async () => {
  const why = new Error('still held')
  const failed = disconnectAtEveryByte(
    answer('x'),
    request,
    ({ at }) => {
      if (at === 7) throw why
    },
    { ways: ['reset'] },
  )
  await expect(failed).rejects.toMatchObject({
    message: 'After reset at byte 7 of the request: still held',
    cause: why,
  })
})

it('goes through the first bytes of an answer that has no end', async () => {
  let open = 0
  const count = await disconnectAtEveryByte(
    ({ connection }) => {
      const head = new ResponseStartLine('HTTP/1.1', 200, 'OK')
      void connection?.writeHeaders(head, new HTTPHeaders(), 'first')
      open++
      connection?.setCloseCallback(() => open--)
    },
    Buffer.from(request),
    () => expect(open).toBe(0),
    { ways: ['close'], responseSize: 20 },
  )
  expect(count).toBe(request.length + 1 + 20)
})

it('fails when the answer does not end', async () => {
  await expect(
    disconnectAtEveryByte(
      () => {},
      request,
      () => {},
      { timeoutMs: 5 },
    ),
  ).rejects.toThrow('The whole request, nobody leaving: Operation timed out after 0.005 seconds')
})

it('goes through an answer that is made later, and one that ends with the connection', async () => {
  const later = await disconnectAtEveryByte(
    (asked) =>
      void setImmediate(() => {
        if (asked.connection?.signal.aborted === false) answer('hello')(asked)
      }),
    request,
    undefined,
    { ways: ['close'] },
  )
  const size = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'.length
  expect(later).toBe(request.length + 1 + size)
  const old = 'GET / HTTP/1.0\r\n\r\n'
  const head = await disconnectAtEveryByte(answer('hello'), old, undefined, { ways: ['reset'] })
  expect(head).toBeGreaterThan(old.length + size)
})

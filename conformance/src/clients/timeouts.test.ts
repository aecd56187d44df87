import { HTTPClientError, HTTPStreamClosedError, HTTPTimeoutError } from '@tornado-ts/httpclient'
import { expect } from 'vitest'
import { describeEngines, failureOf, fetchFrom } from './engine-suite.ts'
import { answer, RawServer } from './raw-server.ts'

describeEngines('time-outs and limits', (test, { create }) => {
  test('a time-out that is no number, or negative, is refused', async (client) => {
    for (const timeoutMs of [NaN, -1, 'soon' as unknown as number]) {
      for (const name of ['connectTimeoutMs', 'requestTimeoutMs', 'queueTimeoutMs', 'firstByteTimeoutMs'])
        expect((await failureOf(client.fetch('http://127.0.0.1:1/', { [name]: timeoutMs }))).name).toBe(
          'RangeError',
        )
      expect(() => create({ defaults: { requestTimeoutMs: timeoutMs } })).toThrow(RangeError)
    }
  })

  test('B-client-021 requestTimeoutMs ends a request to a silent server', async (client) => {
    // Over a connection that is there: on a busy machine its making could take as long.
    await using server = await RawServer.start(({ index }) => (index === 0 ? answer() : undefined))
    await client.fetch(server.url())
    const error = await failureOf(client.fetch(server.url(), { requestTimeoutMs: 60 }))
    expect(error).toBeInstanceOf(HTTPTimeoutError)
    expect([error.message, (error as HTTPTimeoutError).phase]).toEqual([
      'HTTP 599: Timeout during request',
      'request',
    ])
  })

  test('B-client-021 requestTimeoutMs covers the body', async (client) => {
    await using server = await RawServer.start(({ index }) =>
      index === 0 ? answer() : 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab',
    )
    await client.fetch(server.url())
    const error = await failureOf(client.fetch(server.url(), { requestTimeoutMs: 60 }))
    expect((error as HTTPTimeoutError).phase).toBe('request')
  })

  test('B-client-022 a time-out is an HTTPTimeoutError with code 599, a close an HTTPStreamClosedError', async (client) => {
    await using silent = await RawServer.start(() => undefined)
    const late = (await failureOf(client.fetch(silent.url(), { requestTimeoutMs: 20 }))) as HTTPClientError
    expect([late.name, late.code, late instanceof HTTPClientError]).toEqual(['HTTPTimeoutError', 599, true])
    await using closing = await RawServer.start(() => null)
    const closed = (await failureOf(client.fetch(closing.url()))) as HTTPClientError
    expect([closed.name, closed.code]).toEqual(['HTTPStreamClosedError', 599])
    expect(closed.message).toContain('Connection closed')
  })

  test('B-client-022 a refused connection is the error of the system', async (client) => {
    const server = await RawServer.start(() => null)
    const url = server.url()
    await server[Symbol.asyncDispose]()
    expect(((await failureOf(client.fetch(url))) as NodeJS.ErrnoException).code).toBe('ECONNREFUSED')
  })

  test('B-client-023 a body cut short is an HTTPStreamClosedError', async (client) => {
    for (const body of [
      'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc',
      'HTTP/1.1 200 OK\r\nContent-',
    ]) {
      const failed = fetchFrom(client, (_request, socket) => void socket.end(body))
      expect(await failureOf(failed)).toBeInstanceOf(HTTPStreamClosedError)
    }
  })

  test('B-client-024 a malformed status line fails at once', async (client) => {
    for (const line of [
      'asdf',
      'HTTP/2.0 200 OK',
      'HTTP/1.1 2000 OK',
      'HTTP/1.1 20',
      '\0\0',
      'HTTP/1.1 200 OK\r\nno colon',
    ])
      expect((await failureOf(fetchFrom(client, () => `${line}\r\n\r\n`))).name).toBe('HTTPProtocolError')
  })

  test('B-client-025 heads and bodies have limits', async () => {
    await using client = create({ maxHeaderSize: 1024, maxBodySize: 64 * 1024 })
    const head = failureOf(fetchFrom(client, () => answer('', { fields: `X: ${'x'.repeat(2000)}\r\n` })))
    expect((await head).name).toBe('HTTPProtocolError')
    const body = 'x'.repeat(64 * 1024)
    expect((await fetchFrom(client, () => answer(body))).response.body.length).toBe(body.length)
    expect((await failureOf(fetchFrom(client, () => answer(`${body}x`)))).message).toContain('exceeds')
    const endless = fetchFrom(
      client,
      (_request, socket) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${body}x`),
    )
    expect((await failureOf(endless)).message).toContain('exceeds')
    expect((await fetchFrom(client, () => answer(`${body}x`), { maxBodySize: 100_000 })).response.code).toBe(
      200,
    )
    await using other = create({ defaults: { maxBodySize: 4 } })
    expect((await fetchFrom(other, () => answer('four'))).response.text()).toBe('four')
    expect((await failureOf(fetchFrom(other, () => answer('fives')))).message).toContain('exceeds')
  })

  test('firstByteTimeoutMs begins when the request has been sent, and ends with the head', async (client) => {
    const head = Promise.withResolvers<void>()
    const rest = Promise.withResolvers<void>()
    await using server = await RawServer.start(async ({ path }, socket) => {
      if (path === '/silent') return undefined
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n')
      await rest.promise
      return 'ok'
    })
    const upload = client.fetch(server.url(), {
      method: 'PUT',
      firstByteTimeoutMs: 300,
      headCallback: () => head.resolve(),
      bodyProducer: async (write) => {
        await write('begun')
        // Longer than the server has for its answer.
        await failureOf(client.fetch(server.url('/silent'), { firstByteTimeoutMs: 400 }))
        await write('ended')
      },
    })
    await Promise.race([head.promise, upload])
    const error = await failureOf(client.fetch(server.url('/silent'), { firstByteTimeoutMs: 400 }))
    expect((error as HTTPTimeoutError).phase).toBe('first-byte')
    rest.resolve()
    expect((await upload).text()).toBe('ok')
  })
})

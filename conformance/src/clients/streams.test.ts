import { HTTPStreamClosedError, type CookieJar } from '@tornado-ts/httpclient'
import { expect } from 'vitest'
import { describeEngines, failureOf, fetchFrom } from './engine-suite.ts'
import { answer, RawServer } from './raw-server.ts'

describeEngines('streams', (test) => {
  test('B-client-019 headerCallback gets the status line, each field and an empty line', async (client) => {
    const lines: string[] = []
    await fetchFrom(client, () => answer('x', { fields: 'X-A: 1\r\n' }), {
      headerCallback: (line) => lines.push(line),
    })
    expect(lines).toEqual(['HTTP/1.1 200 OK\r\n', 'X-A: 1\r\n', 'Content-Length: 1\r\n', '\r\n'])
  })

  test('B-client-019 streamingCallback may be async, and the server waits for it', async (client) => {
    const size = 3_000_000
    let sent = 0
    await using server = await RawServer.start((_request, socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      const piece = Buffer.alloc(50_000, 'x')
      const more = (): void => {
        while (sent < size) {
          sent += piece.length
          if (!socket.write(piece)) return
        }
      }
      socket.on('drain', more)
      more()
    })
    let received = 0
    let concurrent = 0
    await client.fetch(server.url(), {
      streamingCallback: async (chunk) => {
        expect(++concurrent).toBe(1)
        await new Promise((resolve) => setImmediate(resolve))
        received += chunk.length
        concurrent--
      },
    })
    expect(received).toBe(size)
  })

  test('the head is told before the body comes', async (client) => {
    const told = Promise.withResolvers<void>()
    await using server = await RawServer.start(async (_request, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 4\r\n\r\n')
      await told.promise
      return 'late'
    })
    const stream = await client.stream(server.url())
    expect([stream.code, stream.headers.get('X-A')]).toEqual([200, '1'])
    const lines: string[] = []
    const fetched = client.fetch(server.url(), {
      headerCallback: (line) => {
        lines.push(line)
        if (line === '\r\n') told.resolve()
      },
    })
    expect([(await fetched).text(), (await stream.body()).toString()]).toEqual(['late', 'late'])
    expect(lines).toHaveLength(4)
  })

  test('cookies are kept when the head comes, whatever becomes of the body', async (client) => {
    await using server = await RawServer.start(({ path, field }, socket) => {
      if (path !== '/login') return answer(field('Cookie') ?? 'none')
      socket.write('HTTP/1.1 200 OK\r\nSet-Cookie: id=1\r\nContent-Length: 9\r\n\r\nbegun')
      return undefined
    })
    let kept = ''
    const cookieJar: CookieJar = {
      getCookieString: () => kept,
      setCookie: async (cookie) => {
        await new Promise((resolve) => setImmediate(resolve))
        kept = cookie
      },
    }
    const lines: string[] = []
    await using _stream = await client.stream(server.url('/login'), {
      cookieJar,
      headerCallback: (line) => lines.push(line),
    })
    expect((await client.fetch(server.url('/next'), { cookieJar })).text()).toBe('id=1')
    expect(lines).toEqual(['HTTP/1.1 200 OK\r\n', 'Set-Cookie: id=1\r\n', 'Content-Length: 9\r\n', '\r\n'])
  })

  test('what a callback throws fails the fetch', async (client) => {
    await using server = await RawServer.start(() => answer('x'))
    const thrower = (): never => {
      throw new Error('do not like it')
    }
    for (const options of [
      { streamingCallback: thrower },
      { headerCallback: thrower },
      { headCallback: thrower },
    ])
      expect((await failureOf(client.fetch(server.url(), options))).message).toBe('do not like it')
    expect((await client.fetch(server.url())).text()).toBe('x')
  })

  test('a response is iterated over', async (client) => {
    await using server = await RawServer.start(() => answer('x'.repeat(200_000)))
    const stream = await client.stream(server.url())
    expect([stream.code, stream.headers.get('Content-Length')]).toEqual([200, '200000'])
    let size = 0
    for await (const chunk of stream) size += chunk.length
    expect(size).toBe(200_000)
    expect((await (await client.stream(server.url())).body()).length).toBe(200_000)
  })

  test('leaving the iteration ends the fetch', async (client) => {
    const closed = Promise.withResolvers<void>()
    await using server = await RawServer.start((_request, socket) => {
      socket.once('close', () => closed.resolve())
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbegun')
    })
    for await (const chunk of await client.stream(server.url())) {
      expect(chunk.toString()).toBe('begun')
      break
    }
    await closed.promise
  })

  test('an iteration fails when the response breaks off', async (client) => {
    await using server = await RawServer.start((_request, socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun')
    })
    const stream = await client.stream(server.url())
    expect(await failureOf(stream.body())).toBeInstanceOf(HTTPStreamClosedError)
    await using missing = await RawServer.start(() => answer('', { status: '404 Not Found' }))
    expect((await failureOf(client.stream(missing.url()))).message).toBe('HTTP 404: Not Found')
  })
})

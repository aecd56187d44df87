import type { FetchOptions } from '@tornado-ts/httpclient'
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { expect } from 'vitest'
import { describeEngines, failureOf, fetchFrom } from './engine-suite.ts'
import { answer, RawServer, redirect } from './raw-server.ts'

describeEngines('request bodies', (test) => {
  test('B-client-001 a POST without Content-Type is a form, with the length of its body', async (client) => {
    const { server } = await fetchFrom(client, () => answer(), { method: 'POST', body: 'a=1' })
    expect(server.requests[0]!.field('Content-Type')).toBe('application/x-www-form-urlencoded')
    expect(server.requests[0]!.field('Content-Length')).toBe('3')
  })

  test('B-client-007 text is sent as UTF-8', async (client) => {
    const { server } = await fetchFrom(client, () => answer(), { method: 'PUT', body: 'é€' })
    expect(server.requests[0]!.body).toEqual(Buffer.from('é€'))
    expect(server.requests[0]!.field('Content-Length')).toBe('5')
  })

  test('bytes and forms are bodies', async (client) => {
    await using server = await RawServer.start(({ body }) => answer(body))
    const bytes = Uint8Array.from([0, 255, 13, 10])
    expect((await client.fetch(server.url(), { method: 'POST', body: bytes })).body).toEqual(
      Buffer.from(bytes),
    )
    const form = new URLSearchParams({ a: 'ü', b: '2' })
    expect((await client.fetch(server.url(), { method: 'POST', body: form })).text()).toBe('a=%C3%BC&b=2')
  })

  test('B-client-008 a bodyProducer writes in chunks', async (client) => {
    const { server } = await fetchFrom(client, () => answer(), {
      method: 'POST',
      bodyProducer: async (write) => {
        await write('1234')
        await write(Buffer.from('5678'))
      },
    })
    expect(server.requests[0]!.field('Transfer-Encoding')).toBe('chunked')
    expect(server.requests[0]!.body.toString()).toBe('12345678')
  })

  test('B-client-008 a bodyProducer with a Content-Length sends no chunks', async (client) => {
    const { server } = await fetchFrom(client, () => answer(), {
      method: 'POST',
      headers: { 'Content-Length': '4' },
      bodyProducer: async (write) => await write('1234'),
    })
    expect(server.requests[0]!.field('Transfer-Encoding')).toBeUndefined()
    expect(server.requests[0]!.body.toString()).toBe('1234')
  })

  test('B-client-008 what a bodyProducer throws fails the fetch', async (client) => {
    await using server = await RawServer.start(() => undefined)
    const failed = client.fetch(server.url(), {
      method: 'POST',
      bodyProducer: async (write) => {
        await write('begun')
        throw new Error('out of paper')
      },
    })
    expect((await failureOf(failed)).message).toBe('out of paper')
  })

  test('a piece that is neither text nor bytes fails the fetch', async (client) => {
    await using server = await RawServer.start(() => undefined)
    async function* numbers(): AsyncGenerator<string> {
      yield 5 as unknown as string
    }
    for (const options of [
      { body: numbers() },
      { bodyProducer: async (write: (chunk: string) => Promise<void>) => await write(null as never) },
    ]) {
      const error = await failureOf(client.fetch(server.url(), { method: 'POST', ...options }))
      expect([error.name, error.message]).toEqual(['TypeError', expect.stringContaining('text or bytes')])
    }
  })

  test('an async iterable is a body', async (client) => {
    async function* pieces(): AsyncGenerator<string> {
      yield 'one '
      yield 'two'
    }
    const { server } = await fetchFrom(client, () => answer(), { method: 'PUT', body: pieces() })
    expect(server.requests[0]!.body.toString()).toBe('one two')
  })

  test('B-client-009 expect100Continue sends the body after the 100', async (client) => {
    let received = ''
    await using server = await RawServer.start((request, socket) => {
      expect(request.field('Expect')).toBe('100-continue')
      received = request.body.toString()
      socket.write('HTTP/1.1 100 Continue\r\n\r\n')
      socket.once('data', (body: Buffer) => {
        received += body.toString()
        socket.write(answer('thanks'))
      })
    })
    const response = await client.fetch(server.url(), {
      method: 'POST',
      body: '1234',
      expect100Continue: true,
    })
    expect([response.text(), received]).toEqual(['thanks', '1234'])
  })

  test('B-client-009 an early answer ends an expect100Continue without the body', async (client) => {
    await using server = await RawServer.start(() => answer('no', { status: '417 No' }))
    const options = { method: 'POST', body: '1234', expect100Continue: true, raiseError: false }
    expect((await client.fetch(server.url(), options)).code).toBe(417)
    expect((await client.fetch(server.url(), { ...options, expect100Continue: false })).code).toBe(417)
    expect(server.requests.map(({ body }) => body.toString())).toEqual(['', '1234'])
  })

  test('a server that says nothing to expect100Continue gets the body after a while (RFC 9110 §10.1.1)', async (client) => {
    await using server = await RawServer.start((request, socket) => {
      expect([request.field('Expect'), request.body.length]).toEqual(['100-continue', 0])
      socket.once('data', (body: Buffer) => socket.write(answer(body)))
    })
    const options = { method: 'POST', expect100Continue: true, continueTimeoutMs: 30 }
    expect((await client.fetch(server.url(), { ...options, body: 'whole' })).text()).toBe('whole')
    const bodyProducer = async (write: (chunk: string) => Promise<void>): Promise<void> => await write('made')
    const headers = { 'Content-Length': '4' }
    expect((await client.fetch(server.url(), { ...options, headers, bodyProducer })).text()).toBe('made')
  })

  test('continueTimeoutMs 0 waits as long as the request may take', async (client) => {
    await using server = await RawServer.start(() => undefined)
    const options = { method: 'POST', body: 'x', expect100Continue: true, continueTimeoutMs: 0 }
    const error = await failureOf(client.fetch(server.url(), { ...options, requestTimeoutMs: 200 }))
    expect(error.name).toBe('HTTPTimeoutError')
    // On a busy machine there may not have been a connection.
    expect(server.requests.map(({ body }) => body.length).filter((size) => size > 0)).toEqual([])
  })

  test('a stream is closed when it is not sent, or not to its end', async (client) => {
    const silent = await RawServer.start(() => undefined)
    const refused = silent.url()
    await silent[Symbol.asyncDispose]()
    await using early = await RawServer.start(() => answer('', { status: '413 Too Large' }))
    await using server = await RawServer.start((request, socket) => {
      if (request.path === '/other') return redirect('/end', 303)
      if (request.path === '/end') return answer('there')
      if (request.path === '/break') socket.destroy()
      return undefined
    })
    const abort = new AbortController()
    const expectation = { expect100Continue: true, continueTimeoutMs: 0 }
    const cases: Readonly<Record<string, [url: string, options: FetchOptions]>> = {
      'no connection': [refused, {}],
      'no URL': ['nothing', {}],
      'no method': [refused, { method: 'FOO' }],
      'an early answer': [early.url(), expectation],
      'another method': [server.url('/other'), expectation],
      'a break': [server.url('/break'), expectation],
      'a time-out': [server.url('/silent'), { ...expectation, requestTimeoutMs: 20 }],
      'a signal': [server.url('/silent'), { ...expectation, signal: abort.signal }],
    }
    for (const [what, [url, options]] of Object.entries(cases)) {
      const body = new Readable({ read() {} })
      const closed = new Promise<string>((resolve) => body.once('close', () => resolve(what)))
      const fetched = client.fetch(url, { method: 'POST', body, raiseError: false, ...options })
      if (options.signal !== undefined) abort.abort()
      await fetched.catch(() => {})
      expect(await closed).toBe(what)
    }
  })

  test('a stream that waits for its next piece is closed with the fetch', async (client) => {
    await using server = await RawServer.start(() => undefined)
    const body = new Readable({ read() {} })
    body.push('begun')
    const closed = new Promise((resolve) => body.once('close', resolve))
    const headers = { 'Content-Length': '100' }
    const error = failureOf(
      client.fetch(server.url(), { method: 'PUT', headers, body, requestTimeoutMs: 50 }),
    )
    expect((await error).name).toBe('HTTPTimeoutError')
    await closed
  })

  test('a generator that is not begun is ended', async (client) => {
    const iterator = { ended: 0 }
    const body: AsyncIterable<string> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: true, value: undefined }),
        return: () => {
          iterator.ended++
          return Promise.resolve({ done: true, value: undefined })
        },
      }),
    }
    await failureOf(client.fetch('nothing', { method: 'PUT', body }))
    await using server = await RawServer.start(() => answer())
    await client.fetch(server.url(), { method: 'PUT', body })
    expect(iterator.ended).toBe(1)
  })

  test('a generator is ended when the rest of it is not wanted', async (client) => {
    const early = createServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => {
        // Takes no more: the next piece is under way for ever.
        socket.pause()
        socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n')
      })
    })
    await once(early.listen(0, '127.0.0.1'), 'listening')
    const ended = Promise.withResolvers<void>()
    const body = (async function* () {
      try {
        for (;;) yield Buffer.alloc(1_000_000)
      } finally {
        ended.resolve()
      }
    })()
    const { port } = early.address() as AddressInfo
    const url = `http://127.0.0.1:${port}/`
    expect((await client.fetch(url, { method: 'PUT', body, raiseError: false })).code).toBe(413)
    await ended.promise
    early.close()
  })

  test('a producer that is late writes nothing into the request that follows', async (client) => {
    const done = Promise.withResolvers<void>()
    const server = createHttpServer((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'WWW-Authenticate': 'Digest realm="r", nonce="n", qop="auth"' })
        response.end()
      } else request.pipe(response)
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    let calls = 0
    const response = await client.fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
      method: 'PUT',
      authUsername: 'me',
      authPassword: 'secret',
      authMode: 'digest',
      bodyProducer: async (write) => {
        if (++calls === 1) {
          await done.promise
          await write('wrong')
        }
        // The other has its turn before this body ends.
        done.resolve()
        await new Promise((resolve) => setImmediate(resolve))
        await write('right')
      },
    })
    expect([response.text(), calls]).toEqual(['right', 2])
    server.closeAllConnections()
    server.close()
  })

  test('what tells the length of a body tells it once', async (client) => {
    await using server = await RawServer.start(({ lines }) => answer(lines.slice(1).join('\n')))
    const chunked = { 'Transfer-Encoding': 'chunked' }
    for (const fields of [
      [['Content-Length', '2'], ...Object.entries(chunked)],
      [['Content-Length', '2x']],
      [
        ['Content-Length', '2'],
        ['Content-Length', '3'],
      ],
    ]) {
      const headers = fields as [string, string][]
      const failed = client.fetch(server.url(), { method: 'PUT', headers, bodyProducer: () => {} })
      expect([fields, (await failureOf(failed)).name]).toEqual([fields, 'HTTPOutputError'])
    }
    expect(server.requests).toHaveLength(0)
    // No body is no body in chunks, either: the server would wait for them.
    expect((await client.fetch(server.url(), { headers: chunked })).text()).not.toMatch(/chunked/)
    const bytes = await client.fetch(server.url(), { method: 'PUT', body: 'x', headers: chunked })
    expect([bytes.text().includes('chunked'), server.requests.at(-1)!.body.toString()]).toEqual([false, 'x'])
  })

  test('a body of another length than its Content-Length fails the fetch', async (client) => {
    await using server = await RawServer.start(({ body }) => answer(body))
    for (const [length, text] of [
      ['5', 'Tried to write 2 bytes less than Content-Length'],
      ['2', 'Tried to write more data than Content-Length'],
    ] as const) {
      const failed = client.fetch(server.url(), {
        method: 'PUT',
        headers: { 'Content-Length': length },
        bodyProducer: async (write) => {
          await write('ab')
          await write('c')
        },
      })
      expect(await failureOf(failed)).toMatchObject({ name: 'HTTPOutputError', message: text })
    }
  })
})

import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import type { HTTP1Connection } from '@tornado-ts/http1'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { authority, localhostCertificate } from '../fixtures/certificates.ts'
import { answer } from '../fixtures/delegates.ts'
import { listening } from '../fixtures/listening.ts'
import { RawClient } from '../fixtures/raw-client.ts'

const hello = ({ connection }: HTTPServerRequest): void => answer(connection!, 'Hello, world')

/** Holds requests until the test answers them. */
class Holding {
  readonly requests: HTTPServerRequest[] = []
  #wake: () => void = () => {}

  readonly take = (request: HTTPServerRequest): void => {
    this.requests.push(request)
    this.#wake()
  }

  async first(): Promise<HTTPServerRequest> {
    while (this.requests.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve))
    return this.requests[0]!
  }
}

it('close answers what is under way, says that it is the last, and refuses new connections', async () => {
  const holding = new Holding()
  await using serving = await listening(holding.take)
  const { server, port } = serving
  await using client = await RawClient.open(port)
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const request = await holding.first()
  const closing = server.close()
  await new Promise((resolve) => server.closing.addEventListener('abort', resolve))
  await expect(RawClient.open(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  answer(request.connection!, 'late')
  const { body, headers } = await client.response()
  expect([body, headers.get('connection')]).toEqual(['late', 'close'])
  client.end()
  await closing
  expect([await client.closed, server.connectionCount]).toEqual([null, 0])
})

describe('an idle connection', () => {
  it('is answered once more, with Connection: close', async () => {
    await using serving = await listening(hello)
    await using client = await RawClient.open(serving.port)
    await client.get('/')
    const closing = serving.server.close()
    await new Promise((resolve) => serving.server.closing.addEventListener('abort', resolve))
    expect((await client.get('/')).headers.get('connection')).toBe('close')
    client.end()
    await closing
    expect(await client.closed).toBeNull()
  })

  it('that was never used is answered too', async () => {
    await using serving = await listening(hello)
    await using client = await RawClient.open(serving.port)
    const closing = serving.server.close()
    await new Promise((resolve) => serving.server.closing.addEventListener('abort', resolve))
    expect((await client.get('/')).headers.get('connection')).toBe('close')
    client.end()
    await closing
    expect(await client.closed).toBeNull()
  })

  it('is closed after idleGraceMs', async () => {
    await using serving = await listening(hello)
    await using client = await RawClient.open(serving.port)
    await client.get('/')
    const began = performance.now()
    await serving.server.close({ idleGraceMs: 50 })
    expect(performance.now() - began).toBeGreaterThanOrEqual(45)
    expect([await client.rest(), await client.closed]).toEqual(['', null])
  })

  it('does not outlast graceMs', async () => {
    await using serving = await listening(hello)
    await using client = await RawClient.open(serving.port)
    await client.get('/')
    await serving.server.close({ graceMs: 20, idleGraceMs: 60_000 })
    expect(await client.rest()).toBe('')
  })

  it('does not matter to a server that has none', async () => {
    await using serving = await listening(hello)
    const began = performance.now()
    await serving.server.close()
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})

describe('the deadline', () => {
  it('ends a request that is not answered, and tells the application', async () => {
    const holding = new Holding()
    await using serving = await listening(holding.take)
    await using client = await RawClient.open(serving.port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    const { signal } = await holding.first()
    await serving.server.close({ graceMs: 20 })
    expect([signal.aborted, serving.server.connectionCount]).toEqual([true, 0])
    expect(await client.rest()).toBe('')
  })

  it('ends a stream without an end', async () => {
    await using serving = await listening(({ connection }) => {
      const startLine = new ResponseStartLine('HTTP/1.1', 200, 'OK')
      void connection!.writeHeaders(startLine, new HTTPHeaders(), 'data: 1\n\n')
    })
    await using client = await RawClient.open(serving.port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.until('data: 1')
    await serving.server.close({ graceMs: 20 })
    // Without its last chunk it does not pass for whole.
    expect(await client.rest()).not.toContain('0\r\n\r\n')
  })

  it('ends what was detached', async () => {
    await using serving = await listening(({ connection }) => detach(connection as HTTP1Connection))
    await using client = await RawClient.open(serving.port)
    expect((await client.get('/')).status).toBe(101)
    await serving.server.close({ graceMs: 20 })
    expect(await client.rest()).toBe('')
  })
})

describe('closing', () => {
  it('lets a stream end itself in time', async () => {
    await using serving = await listening(({ connection }) => {
      const startLine = new ResponseStartLine('HTTP/1.1', 200, 'OK')
      void connection!.writeHeaders(startLine, new HTTPHeaders(), 'data: 1\n\n')
      serving.server.closing.addEventListener('abort', () => connection!.finish())
    })
    await using client = await RawClient.open(serving.port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.until('data: 1')
    const closing = serving.server.close()
    expect(await client.until('0\r\n\r\n')).toContain('\r\n0\r\n\r\n')
    client.end()
    await closing
    expect(await client.closed).toBeNull()
  })

  it('waits for what was detached to be over', async () => {
    await using serving = await listening(({ connection }) => {
      const stream = detach(connection as HTTP1Connection)
      serving.server.closing.addEventListener('abort', () => {
        void stream.write('bye').then(() => stream.close())
      })
    })
    await using client = await RawClient.open(serving.port)
    expect((await client.get('/')).status).toBe(101)
    await serving.server.close()
    expect(await client.rest()).toBe('bye')
  })

  it('may be asked for twice, the second time with less patience', async () => {
    const holding = new Holding()
    await using serving = await listening(holding.take)
    await using client = await RawClient.open(serving.port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await holding.first()
    await Promise.all([serving.server.close({ graceMs: 60_000 }), serving.server.close({ graceMs: 10 })])
    expect(serving.server.connectionCount).toBe(0)
  })

  it('takes in a handshake that is under way', async () => {
    await using serving = await listening(hello, { sslOptions: { ...localhostCertificate } })
    const socket = connectTls({ port: serving.port, host: '127.0.0.1', ca: authority })
    await new Promise((resolve) => socket.once('connect', resolve))
    const closing = serving.server.close()
    await new Promise((resolve) => serving.server.closing.addEventListener('abort', resolve))
    await using client = new RawClient(socket)
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    const { status, headers } = await client.get('/')
    expect([status, headers.get('connection')]).toEqual([200, 'close'])
    client.end()
    await closing
  })
})

it('200 keep-alive clients in a closed loop lose no request', async () => {
  let served = 0
  await using serving = await listening(({ connection }) => {
    served++
    // Some answers take a turn or several of the loop.
    if (served % 3 === 0) setImmediate(() => answer(connection!, 'Hello, world'))
    else if (served % 7 === 0) setTimeout(() => answer(connection!, 'Hello, world'), 5)
    else answer(connection!, 'Hello, world')
  })
  const { server, port } = serving
  let answered = 0
  const warm = Promise.withResolvers<void>()

  /** Asks again and again; a connection that is refused is the end. */
  async function loop(): Promise<string> {
    for (;;) {
      const client = await RawClient.open(port).catch((error: NodeJS.ErrnoException) => error.code!)
      if (typeof client === 'string') return client
      for (;;) {
        const { status, headers } = await client.get('/')
        expect(status).toBe(200)
        if (++answered === 5000) warm.resolve()
        if (headers.get('connection') === 'close') break
      }
      client.end()
      expect(await client.closed).toBeNull()
    }
  }

  const ends = Promise.all(Array.from({ length: 200 }, loop))
  await Promise.race([warm.promise, ends])
  await server.close()
  expect(new Set(await ends)).toEqual(new Set(['ECONNREFUSED']))
  expect(answered).toBe(served)
  expect(answered).toBeGreaterThan(5000)
})

function detach(connection: HTTP1Connection): ReturnType<HTTP1Connection['detach']> {
  const headers = new HTTPHeaders({ Upgrade: 'test', Connection: 'Upgrade' })
  void connection.writeHeaders(new ResponseStartLine('HTTP/1.1', 101, 'Switching Protocols'), headers)
  return connection.detach()
}

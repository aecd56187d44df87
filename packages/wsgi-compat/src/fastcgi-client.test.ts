import { HTTPServer } from '@tornado-ts/httpserver'
import { accessLog, appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { fastcgi, type FastCGIApplication, type FastCGIAppOptions } from './fastcgi-app.ts'
import { WSGIContainer, type WSGIContainerOptions } from './wsgi-container.ts'

/** A FastCGI server that hands each request, once its body has ended, to a function. */
class Responder {
  readonly server: Server
  connections = 0
  requests: { params: string; body: string; socket: Socket }[] = []

  constructor(answer: (socket: Socket, request: { params: string; body: string; number: number }) => void) {
    this.server = createServer((socket) => {
      this.connections++
      socket.on('error', () => {})
      let bytes = Buffer.alloc(0)
      let params = ''
      let body = ''
      socket.on('data', (chunk) => {
        bytes = Buffer.concat([bytes, chunk as Buffer])
        while (bytes.length >= 8) {
          const size = bytes.readUInt16BE(4)
          if (bytes.length < 8 + size) return
          const content = bytes.toString('latin1', 8, 8 + size)
          const type = bytes[1]
          bytes = bytes.subarray(8 + size)
          if (type === 4) params += content
          if (type !== 5) continue
          body += content
          if (size > 0) continue
          this.requests.push({ params, body, socket })
          answer(socket, { params, body, number: this.requests.length })
          params = body = ''
        }
      })
    })
  }

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return (this.server.address() as AddressInfo).port
  }
}

function record(type: number, content: string): Buffer {
  const bytes = Buffer.from(content, 'latin1')
  return Buffer.concat([Buffer.from([1, type, 0, 1, bytes.length >> 8, bytes.length & 0xff, 0, 0]), bytes])
}

const end = (status = 0, protocolStatus = 0): Buffer =>
  record(3, `\0\0\0${String.fromCharCode(status, protocolStatus)}\0\0\0`)
const ok = Buffer.concat([
  record(6, 'Status: 200 OK\r\nContent-Type: text/plain\r\n\r\nfine'),
  record(6, ''),
  end(),
])

let server: HTTPServer
let container: WSGIContainer
let responder: Responder
let url: string

async function start(
  answer: ConstructorParameters<typeof Responder>[0],
  app: FastCGIAppOptions = {},
  options: WSGIContainerOptions = {},
): Promise<void> {
  responder = new Responder(answer)
  const port = await responder.listen()
  await serve(fastcgi({ host: '127.0.0.1', port }, app), options)
}

async function serve(app: FastCGIApplication, options: WSGIContainerOptions = {}): Promise<void> {
  container = new WSGIContainer(app, options)
  await container.ready()
  server = new HTTPServer(container)
  server.listen(0, { address: '127.0.0.1' })
  url = await server.url()
}

async function get(path = '/', init?: RequestInit): Promise<[status: number, body: string]> {
  const response = await fetch(url + path, init)
  return [response.status, await response.text()]
}

beforeEach(() => {
  responder = undefined as unknown as Responder
})

afterEach(async () => {
  await server.close({ idleGraceMs: 0 })
  await container.close()
  for (const { socket } of responder.requests) socket.destroy()
  responder.server.close()
})

it('opens a connection for each request, with the variables of the application', async () => {
  await start((socket) => socket.end(ok), { params: { DOCUMENT_ROOT: '/srv' } })
  expect(await get('/a?b', { method: 'POST', body: 'body' })).toEqual([200, 'fine'])
  expect(await get()).toEqual([200, 'fine'])
  expect(responder.connections).toBe(2)
  const { params, body } = responder.requests[0]!
  for (const part of [
    'DOCUMENT_ROOT/srv',
    'REQUEST_URI/a?b',
    'GATEWAY_INTERFACECGI/1.1',
    'CONTENT_LENGTH4',
  ]) {
    expect(params).toContain(part)
  }
  expect(body).toBe('body')
})

it('variables may depend on the request', async () => {
  await start((socket) => socket.end(ok), { params: ({ path }) => ({ SCRIPT_FILENAME: `/srv${path}` }) })
  await get('/a.php?b')
  expect(responder.requests[0]!.params).toContain('/srv/a.php')
})

it('keepAlive uses a connection again, and a request that meets a closed one is sent once more', async () => {
  await start(
    (socket, { number }) => {
      if (number === 3) socket.destroy()
      else socket.write(ok)
    },
    { keepAlive: true },
  )
  expect([await get(), await get()]).toEqual([
    [200, 'fine'],
    [200, 'fine'],
  ])
  expect(responder.connections).toBe(1)
  expect(await get()).toEqual([200, 'fine'])
  expect(responder.connections).toBe(2)
})

it('an idle connection is closed after its time', async () => {
  await start((socket) => socket.write(ok), { keepAlive: true, idleTimeoutMs: 1 })
  await get()
  const { socket } = responder.requests[0]!
  if (!socket.closed) await once(socket, 'close')
  expect(await get()).toEqual([200, 'fine'])
})

it('requests beyond maxConnections wait', async () => {
  const sockets: Socket[] = []
  const both = Promise.withResolvers<void>()
  await start(
    (socket, { number }) => {
      sockets.push(socket)
      if (number === 1) both.resolve()
      else socket.end(ok)
    },
    { maxConnections: 1 },
  )
  const first = get()
  await both.promise
  const second = get()
  expect(responder.connections).toBe(1)
  sockets[0]!.end(ok)
  expect([await first, await second]).toEqual([
    [200, 'fine'],
    [200, 'fine'],
  ])
})

it.each<[string, (socket: Socket) => void, string]>([
  ['no FastCGI', (socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'), 'Unknown FastCGI version'],
  [
    'a malformed head',
    (socket) => socket.end(Buffer.concat([record(6, 'no colon\n\n'), end()])),
    'Malformed response',
  ],
  [
    'control characters',
    (socket) => socket.end(Buffer.concat([record(6, 'X: a\x01b\n\n'), end()])),
    'Malformed response',
  ],
  ['an endless head', (socket) => socket.write(record(6, 'X: y\n'.repeat(20))), 'longer than 64 bytes'],
  ['no output', (socket) => socket.end(end()), 'No response'],
  ['half a head', (socket) => socket.end(Buffer.concat([record(6, 'X: a\n'), end()])), 'No response'],
  ['a connection that closes', (socket) => socket.destroy(), 'broke'],
  ['an answer that breaks off in a record', (socket) => socket.end(ok.subarray(0, 20)), 'broke'],
  ['a wrong Content-Length', (socket) => socket.end(record(6, 'Content-Length: 1, 2\n\n')), 'Malformed'],
  ['a refusal', (socket) => socket.end(end(0, 2)), 'it is overloaded'],
])('%s is answered 502 and logged', async (_, answer, why) => {
  await start(answer, {}, { maxHeaderSize: 64 })
  using _log = expectLog(appLog, /./)
  using _access = expectLog(accessLog, /^502/)
  expect((await get())[0]).toBe(502)
  expect(_log.matched).toBe(1)
  expect([..._log.records].map((record) => `${record.message} ${String(record.error)}`).join()).toContain(why)
})

it('nobody listens: 502, and the log says why', async () => {
  await start(() => {})
  responder.server.close()
  using _log = expectLog(appLog, /broke: connect ECONNREFUSED/)
  using _access = expectLog(accessLog, /^502/)
  expect((await get())[0]).toBe(502)
})

it('what comes behind an answer is told, and the connection not used again', async () => {
  await start(
    (socket, { number }) => socket.write(number === 1 ? Buffer.concat([ok, record(6, 'more')]) : ok),
    {
      keepAlive: true,
    },
  )
  using log = expectLog(appLog, 'Closed a connection to the FastCGI server: Output without a request')
  expect([await get(), await get(), await get()]).toEqual(Array(3).fill([200, 'fine']))
  expect([log.matched, responder.connections]).toEqual([1, 2])
})

it('a Unix socket serves as well', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fastcgi-'))
  const path = join(folder, 'socket')
  responder = new Responder((socket) => socket.end(ok))
  responder.server.listen(path)
  await once(responder.server, 'listening')
  await serve(fastcgi({ path }))
  expect(await get()).toEqual([200, 'fine'])
  rmSync(folder, { recursive: true })
})

it('output that breaks off behind the head breaks the answer off', async () => {
  await start((socket) => {
    socket.write(record(6, 'X: a\n\nhalf'), () => socket.destroy())
  })
  using _log = expectLog(appLog, 'broke')
  await expect(get()).rejects.toThrow('terminated')
})

it('a failed application with a complete head breaks the answer off', async () => {
  await start((socket) => socket.end(Buffer.concat([record(6, 'X: a\n\nhalf'), end(1)])))
  await expect(get()).rejects.toThrow('terminated')
})

it('what comes on stderr is logged', async () => {
  await start((socket) => socket.end(Buffer.concat([record(7, 'PHP Warning\n'), ok])))
  using log = expectLog(appLog, 'GET /: PHP Warning', { level: 'error' })
  expect(await get()).toEqual([200, 'fine'])
  expect(log.matched).toBe(1)
})

it.each(['quick', 'slow'])('a %s client gets the bytes that were sent, in their order', async (pace) => {
  const size = 2 ** 23
  const sent = Buffer.allocUnsafe(size)
  for (let at = 0; at < size; at += 4) sent.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at)
  await start((socket) => {
    socket.write(record(6, 'Content-Type: application/octet-stream\n\n'))
    // Sizes that no record or read is a multiple of.
    for (let at = 0, step = 1; at < size; at += step, step = (step * 7 + 11) % 65_521) {
      const content = sent.subarray(at, at + step)
      socket.write(Buffer.from([1, 6, 0, 1, content.length >> 8, content.length & 0xff, 0, 0]))
      socket.write(content)
    }
    socket.end(end())
  })
  const response = await fetch(url)
  const received: Buffer[] = []
  for await (const chunk of response.body!) {
    received.push(Buffer.from(chunk))
    // Some turns of the loop, in which more arrives than it takes.
    for (let turn = 0; pace === 'slow' && turn < 5; turn++)
      await new Promise((resolve) => setImmediate(resolve))
  }
  expect(Buffer.concat(received).equals(sent)).toBe(true)
})

it('a client that goes away closes the connection of its request', async () => {
  const asked = Promise.withResolvers<Socket>()
  await start((socket) => asked.resolve(socket))
  const client = connect(Number(new URL(url).port), '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  const socket = await asked.promise
  client.destroy()
  if (!socket.closed) await once(socket, 'close')
  expect(responder.connections).toBe(1)
})

it('504 without progress; an upload that nobody reads makes none', async () => {
  await start(() => {}, {}, { requestTimeoutMs: 100 })
  using _log = expectLog(appLog, 'made no progress for 100 ms')
  using _access = expectLog(accessLog, /^504/)
  expect((await get())[0]).toBe(504)
})

it('options that make no sense are refused', async () => {
  await start((socket) => socket.end(ok))
  expect(() => new WSGIContainer(fastcgi({ path: '/x' }, { maxConnections: 0 }))).toThrow(RangeError)
})

import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { serve, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import type { HandlerFunction } from '../handlers/request-context.ts'
import { RequestHandler } from '../request-handler.ts'
import { streamRequestBody } from './stream-request-body.ts'

const quiet = { logFunction: (): void => {} }
const type = { 'Content-Type': 'multipart/form-data; boundary=B' }

function part(name: string, content: string, filename?: string): string {
  const file = filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: image/png`
  return `--B\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${content}\r\n`
}

const end = '--B--\r\n'

/** An application whose POST reads its body as it arrives. */
function upload(run: HandlerFunction): Application {
  return new Application([['/', { post: streamRequestBody(run) }]], quiet)
}

/** A client that has sent the head of a POST. */
async function begin(
  served: Served,
  length: number,
): Promise<{ socket: Socket; received: () => string; closed: Promise<unknown> }> {
  const socket = connect(served.port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
  socket.on('error', () => {})
  const closed = once(socket, 'close')
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\nContent-Type: ${type['Content-Type']}\r\n\r\n`,
  )
  await once(socket, 'connect')
  return { socket, received: () => received, closed }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('parts', () => {
  let directory: string
  beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'parts-'))))
  afterEach(() => rm(directory, { recursive: true }))

  it('come to the method of a class one by one, with their heads; what is not read is skipped', async () => {
    class Upload extends RequestHandler {
      override async post(): Promise<void> {
        const seen: unknown[] = []
        for await (const each of this.parts()) {
          const text = each.name === 'skipped' ? null : await each.text()
          seen.push([each.name, each.filename, each.contentType, each.headers.size, text])
        }
        this.write({ seen, body: this.request.body.length, fields: this.getBodyArguments('title') })
      }
    }
    streamRequestBody(Upload)
    await using served = await serve(new Application([['/', Upload]], quiet))
    const body =
      part('title', 'hé') + part('skipped', 'x'.repeat(200_000)) + part('file', 'PNG', '../f.png') + end
    const answer = await served.fetch('POST', '/', { headers: type, body })
    expect(JSON.parse(Buffer.from(answer.body, 'latin1').toString())).toEqual({
      seen: [
        ['title', null, null, 1, 'hé'],
        ['skipped', null, null, 1, null],
        ['file', '../f.png', 'image/png', 2, 'PNG'],
      ],
      body: 0,
      fields: [],
    })
  })

  it('come before the body is whole', async () => {
    const application = upload(async (request) => {
      for await (const each of request.parts()) {
        request.write(`${each.name};`)
        await request.flush()
      }
    })
    await using served = await serve(application)
    const first = part('one', '1') + part('two', '2')
    const last = part('three', '3') + end
    const { socket, received } = await begin(served, first.length + last.length)
    socket.write(first)
    while (!received().includes('two;')) await once(socket, 'data')
    expect(received()).not.toContain('three;')
    socket.write(last)
    while (!received().includes('three;')) await once(socket, 'data')
    socket.destroy()
  })

  it('go to files, and what was spooled is removed when the request is over', async () => {
    const spools: (string | null)[] = []
    const application = upload(async (request) => {
      for await (const each of request.parts()) {
        if (each.name === 'kept') await each.saveTo(join(directory, 'kept'))
        else {
          const file = await each.spool({ directory, maxMemorySize: 10 })
          spools.push(file.path)
          expect(await readdir(directory)).toContain(file.path!.slice(directory.length + 1))
        }
      }
      return 'done'
    })
    await using served = await serve(application)
    const body = part('kept', 'k'.repeat(100)) + part('temporary', 't'.repeat(100)) + end
    expect((await served.fetch('POST', '/', { headers: type, body })).body).toBe('done')
    while ((await readdir(directory)).length > 1) await turn()
    expect([await readFile(join(directory, 'kept'), 'utf8'), spools.length]).toEqual(['k'.repeat(100), 1])
  })

  it.each([
    ['maxPartSize', { maxPartSize: 1000 }, 413],
    ['maxTotalSize', { maxTotalSize: 1000 }, 413],
    ['maxParts', { maxParts: 1 }, 400],
    ['maxPartHeaderSize', { maxPartHeaderSize: 20 }, 400],
  ])('are limited by %s, and the client can read that', async (_name, limits, status) => {
    const application = upload(async (request) => {
      for await (const each of request.parts(limits)) if (each.name === '') return
    })
    await using served = await serve(application)
    using expected = expectLog(genLog, new RegExp(`^${status} POST`))
    const content = part('a', 'x') + part('b', 'x'.repeat(30_000_000)) + end
    const { socket, received, closed } = await begin(served, content.length)
    socket.write(content)
    await closed
    expect(received()).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    expect(expected.seen).toBe(true)
  })

  it('are 415 for another body, 400 for a malformed one', async () => {
    const application = upload(async (request) => {
      for await (const each of request.parts()) await each.bytes()
    })
    await using served = await serve(application)
    const text = { 'Content-Type': 'text/plain' }
    using expected = expectLog(genLog, /^4\d\d POST/)
    expect((await served.fetch('POST', '/', { headers: text, body: 'x' })).status).toBe(415)
    const cut = part('a', 'x') + part('b', 'x')
    expect((await served.fetch('POST', '/', { headers: type, body: cut })).status).toBe(400)
    expect((await served.fetch('POST', '/', { headers: type, body: '--B\r\nX: y\r\n--B--' })).status).toBe(
      400,
    )
    expect(expected.records).toHaveLength(3)
  })

  it('CVE-2022-24434 CVE-2025-47935 CVE-2025-47944 CVE-2025-48997 CVE-2025-7338 break off with the connection, and nothing is left', async () => {
    const { promise: failed, resolve: fail } = Promise.withResolvers<string>()
    const { promise: closed, resolve: close } = Promise.withResolvers<void>()
    const { promise: reading, resolve: begun } = Promise.withResolvers<void>()
    class Upload extends RequestHandler {
      override async post(): Promise<void> {
        try {
          for await (const each of this.parts()) {
            begun()
            await each.saveTo(join(directory, 'never'))
          }
        } catch (error) {
          fail((error as Error).name)
          throw error
        }
      }
      override onConnectionClose(): void {
        close()
      }
    }
    streamRequestBody(Upload)
    await using served = await serve(new Application([['/', Upload]], quiet))
    const { socket } = await begin(served, 1_000_000)
    socket.write(part('a', 'x'.repeat(1000)).slice(0, 500))
    await reading
    socket.resetAndDestroy()
    expect(await failed).toBe('StreamClosedError')
    await closed
    expect(await readdir(directory)).toEqual([])
  })

  it('make the client wait while nobody reads', async () => {
    const { promise: go, resolve: letGo } = Promise.withResolvers<void>()
    const { promise: reading, resolve: begun } = Promise.withResolvers<void>()
    const application = upload(async (request) => {
      let size = 0
      for await (const each of request.parts()) {
        begun()
        await go
        for await (const chunk of each) size += chunk.length
      }
      return String(size)
    })
    await using served = await serve(application)
    const size = 64 * 1024 * 1024
    const head = part('a', '').slice(0, -2)
    const tail = `\r\n${end}`
    const { socket, received } = await begin(served, head.length + size + tail.length)
    socket.write(head)
    await reading
    const piece = Buffer.alloc(1 << 20)
    let sent = 0
    while (socket.write(piece)) sent += piece.length
    sent += piece.length
    for (let i = 0; i < 1000; i++) await turn()
    // What the system's buffers hold is all that has left the client.
    expect(socket.bytesWritten - socket.writableLength).toBeLessThan(size / 2)
    letGo()
    for (; sent < size; sent += piece.length) if (!socket.write(piece)) await once(socket, 'drain')
    socket.write(tail)
    while (!received().includes(String(size))) await once(socket, 'data')
    socket.destroy()
  })

  it('can be read once, and by a handler that streams alone', async () => {
    const plain = new Application([['/', { post: (request) => void request.parts() }]], quiet)
    const twice = upload((request) => {
      request.parts()
      request.bodyChunks()
    })
    const messages: string[] = []
    for (const application of [plain, twice]) {
      await using served = await serve(application)
      using expected = expectLog(appLog, /Uncaught exception POST/)
      expect((await served.fetch('POST', '/', { headers: type, body: part('a', 'x') + end })).status).toBe(
        500,
      )
      messages.push(String(expected.records[0]?.error))
    }
    expect(messages[0]).toContain('Only a handler with streamRequestBody')
    expect(messages[1]).toContain('can be read once')
  })
})

describe('bodyChunks', () => {
  it('is the body as it arrives, of any type', async () => {
    const application = upload(async (request) => {
      let size = 0
      for await (const chunk of request.bodyChunks()) size += chunk.length
      return String(size)
    })
    await using served = await serve(application)
    expect((await served.fetch('POST', '/', { body: 'x'.repeat(100_000) })).body).toBe('100000')
    expect((await served.fetch('POST', '/')).body).toBe('0')
  })

  it('may be left early: the client can read the answer', async () => {
    const application = upload(async (request) => {
      for await (const chunk of request.bodyChunks()) return `first ${chunk.length > 0}`
      return 'none'
    })
    await using served = await serve(application)
    const { socket, received, closed } = await begin(served, 50_000_000)
    socket.write(Buffer.alloc(2_000_000))
    await closed
    expect(received()).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*first true$/)
  })
})

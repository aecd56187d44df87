import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { serve, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { HTTPError } from '../errors.ts'
import { RequestHandler } from '../request-handler.ts'
import { streamRequestBody } from './stream-request-body.ts'

const quiet = { logFunction: (): void => {} }

/** A client that has sent the head of a POST with a body of this length. */
async function begin(served: Served, length: number): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect(served.port, '127.0.0.1')
  let received = ''
  socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')))
  socket.on('error', () => {})
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`)
  await once(socket, 'connect')
  return { socket, received: () => received }
}

describe('a streamed request body', () => {
  it('B-web-004 B-web-014 comes in pieces once prepare is done, and the method after the last', async () => {
    const steps: string[] = []
    const { promise: prepared, resolve: letGo } = Promise.withResolvers<void>()
    const { promise: preparing, resolve: begun } = Promise.withResolvers<void>()
    class Upload extends RequestHandler {
      override async prepare(): Promise<void> {
        steps.push('prepare')
        begun()
        await prepared
        steps.push('prepared')
      }
      override async dataReceived(chunk: Buffer): Promise<void> {
        steps.push(`begin ${chunk.toString()}`)
        await new Promise((resolve) => setImmediate(resolve))
        steps.push(`end ${chunk.toString()}`)
      }
      override post(): void {
        steps.push(`post ${this.request.body.length} ${this.getBodyArguments('a').length}`)
        this.write('done')
      }
    }
    streamRequestBody(Upload)
    await using served = await serve(new Application([['/', Upload]], quiet))
    const { socket, received } = await begin(served, 6)
    socket.write('a=b')
    await preparing
    expect(steps).toEqual(['prepare'])
    letGo()
    await new Promise<void>((resolve) => {
      const look = (): void => void (steps.includes('end a=b') ? resolve() : setImmediate(look))
      look()
    })
    socket.write('&c=')
    while (!received().includes('done')) await once(socket, 'data')
    expect(steps).toEqual(['prepare', 'prepared', 'begin a=b', 'end a=b', 'begin &c=', 'end &c=', 'post 0 0'])
    socket.destroy()
  })

  it('B-web-014 must be taken by dataReceived', async () => {
    class Forgetful extends RequestHandler {
      override post(): void {}
    }
    streamRequestBody(Forgetful)
    await using served = await serve(new Application([['/', Forgetful]], quiet))
    using expected = expectLog(appLog, /Uncaught exception POST/)
    expect((await served.fetch('POST', '/', { body: 'x' })).status).toBe(500)
    expect(String(expected.records[0]?.error)).toContain('must override dataReceived')
  })

  it('B-web-011 B-web-013 may be answered early, and the client can read the answer', async () => {
    let pieces = 0
    class Closed extends RequestHandler {
      override prepare(): void {
        throw new HTTPError(403, 'not today')
      }
      override dataReceived(): void {
        pieces++
      }
    }
    streamRequestBody(Closed)
    await using served = await serve(new Application([['/', Closed]], quiet))
    using expected = expectLog(genLog, /403 POST .*not today/)
    const { socket, received } = await begin(served, 50_000_000)
    const piece = Buffer.alloc(100_000)
    for (let i = 0; i < 20; i++) socket.write(piece)
    await once(socket, 'end')
    expect(received()).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/)
    expect([pieces, expected.seen]).toEqual([0, true])
    socket.destroy()
  })

  it('B-web-012 that breaks off tells the handler once, and its method is not called', async () => {
    const steps: string[] = []
    const { promise: told, resolve: tell } = Promise.withResolvers<void>()
    class Upload extends RequestHandler {
      override dataReceived(): void {
        steps.push('data')
      }
      override post(): void {
        steps.push('post')
      }
      override onConnectionClose(): void {
        steps.push('close')
        tell()
      }
    }
    streamRequestBody(Upload)
    await using served = await serve(new Application([['/', Upload]], quiet))
    const { socket } = await begin(served, 100)
    socket.write('part')
    while (!steps.includes('data')) await new Promise((resolve) => setImmediate(resolve))
    socket.resetAndDestroy()
    await told
    expect(steps).toEqual(['data', 'close'])
  })

  it('makes a fast client wait for a slow handler', async () => {
    let taken = 0
    const { promise: go, resolve: letGo } = Promise.withResolvers<void>()
    class Slow extends RequestHandler {
      override async dataReceived(chunk: Buffer): Promise<void> {
        taken += chunk.length
        await go
      }
      override post(): void {
        this.write(String(taken))
      }
    }
    streamRequestBody(Slow)
    await using served = await serve(new Application([['/', Slow]], quiet))
    const size = 64 * 1024 * 1024
    const { socket, received } = await begin(served, size)
    const piece = Buffer.alloc(1 << 20)
    let sent = 0
    while (socket.write(piece)) sent += piece.length
    sent += piece.length
    for (let i = 0; i < 1000; i++) await new Promise((resolve) => setImmediate(resolve))
    // One piece is with the handler; what the system's buffers hold is all that has left the client.
    expect(taken).toBeLessThanOrEqual(65_536)
    expect(socket.bytesWritten - socket.writableLength).toBeLessThan(size / 2)
    letGo()
    for (; sent < size; sent += piece.length) if (!socket.write(piece)) await once(socket, 'drain')
    while (!received().includes(String(size))) await once(socket, 'data')
    socket.destroy()
  })
})

describe('detach', () => {
  it('B-web-079 gives the stream away, with what came behind the request', async () => {
    class Takeover extends RequestHandler {
      override async get(): Promise<void> {
        const stream = this.detach()
        const line = await stream.readUntil('\n')
        await stream.write(`echo ${line.toString()}`)
        stream.close()
      }
    }
    await using served = await serve(new Application([['/', Takeover]], quiet))
    expect(await served.exchange('GET / HTTP/1.1\r\nHost: x\r\n\r\nhello\n')).toBe('echo hello\n')
  })
})

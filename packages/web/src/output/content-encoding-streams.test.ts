import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { randomBytes } from 'node:crypto'
import { get as httpGet, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { contentEncoding } from './content-encoding.ts'
import { deflateEncoder, gzipEncoder, type ContentEncoder } from './content-encoder.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'

const only = (
  handler: new (...args: never[]) => RequestHandler,
  settings: ApplicationSettings = { compressResponse: true },
): Application =>
  new Application([['/', handler as unknown as typeof RequestHandler]], {
    logFunction: () => {},
    ...settings,
  })

const request = (port: number, coding: string): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', headers: { 'Accept-Encoding': coding }, agent: false }
    httpGet(options, resolve).on('error', reject)
  })

/** Waits until what a stream gives is `expected`. */
const read = (stream: Duplex, expected: string): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = ''
    const take = (chunk: Buffer): void => {
      text += chunk.toString()
      if (text.length < expected.length) return
      stream.off('data', take)
      expect(text).toBe(expected)
      resolve()
    }
    stream.on('data', take).on('error', reject)
  })

describe('a body in pieces', () => {
  it.each([
    ['gzip', () => createGunzip()],
    ['br', () => createBrotliDecompress()],
    ['zstd', () => createZstdDecompress()],
    ['deflate', () => createInflate()],
  ] as const)('B-gzip-005 reaches the client decodable with each flush: %s', async (coding, decode) => {
    const steps = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        this.write('one')
        await this.flush()
        await steps[0]!.promise
        this.write('two')
        this.write('three')
        await this.flush()
        await steps[1]!.promise
        this.write('four')
      }
    }
    const compressResponse = { encoders: [gzipEncoder(), deflateEncoder()] }
    await using served = await serve(only(Handler, coding === 'deflate' ? { compressResponse } : undefined))
    const response = await request(served.port, coding)
    expect(response.headers['content-encoding']).toBe(coding)
    const decoder = response.pipe(decode())
    await read(decoder, 'one')
    steps[0]!.resolve()
    await read(decoder, 'twothree')
    steps[1]!.resolve()
    await read(decoder, 'four')
    await new Promise((resolve) => decoder.on('end', resolve).resume())
  })

  it('keeps its order though nothing is awaited', async () => {
    const pieces = Array.from({ length: 20 }, (_, i) => `${i}:${'x'.repeat(i * 5000)};`)
    class Handler extends RequestHandler {
      override get(): void {
        for (const piece of pieces) {
          this.write(piece)
          void this.flush()
        }
      }
    }
    await using served = await serve(only(Handler))
    const response = await request(served.port, 'gzip')
    expect(response.headers['content-encoding']).toBe('gzip')
    await read(response.pipe(createGunzip()), pieces.join(''))
  })

  it('waits for a client that does not read, and its encoder is closed when that goes away', async () => {
    const encoderClosed = Promise.withResolvers<void>()
    const gzip = gzipEncoder({ level: 1 })
    const watched: ContentEncoder = {
      coding: 'gzip',
      encode: (body) => gzip.encode(body),
      open: (options) => {
        const stream = gzip.open(options)
        return {
          encode: (chunk, finishing) => stream.encode(chunk, finishing),
          close: () => {
            stream.close()
            encoderClosed.resolve()
          },
        }
      },
    }
    const stopped = Promise.withResolvers<unknown>()
    const waiting = Promise.withResolvers<void>()
    let written = 0
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        const piece = randomBytes(65_536)
        try {
          for (;;) {
            this.write(piece)
            written += piece.length
            const flushed = this.flush()
            // A socket takes some megabytes; what goes on for 1,000 turns of the loop does not depend on a zlib thread.
            let turns = 0
            let settled = false
            const note = (): void => void (settled = true)
            flushed.then(note, note)
            while (!settled && ++turns < 1000) await new Promise((resolve) => setImmediate(resolve))
            if (!settled && written > 200_000) waiting.resolve()
            await flushed
          }
        } catch (error) {
          stopped.resolve(error)
          throw error
        }
      }
    }
    await using served = await serve(only(Handler, { compressResponse: { encoders: [watched] } }))
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n')
    socket.pause()
    await waiting.promise
    expect(written).toBeLessThan(64 * 1024 * 1024)
    socket.destroy()
    expect(await stopped.promise).toMatchObject({ name: 'StreamClosedError' })
    await encoderClosed.promise
  })

  it('that is not as long as was told is broken off', async () => {
    for (const [told, written] of [
      [2000, 1999],
      [1500, 3000],
    ] as const) {
      const failures: unknown[] = []
      class Handler extends RequestHandler {
        override async get(): Promise<void> {
          this.setHeader('Content-Length', told)
          this.write('x'.repeat(1500))
          await this.flush()
          this.write('x'.repeat(written - 1500))
          void this.finish()
        }
        override logException(error: unknown): void {
          failures.push(error)
        }
      }
      using ended = expectLog('tornado.general', 'Cannot send error response after headers written')
      await using served = await serve(only(Handler))
      const response = await request(served.port, 'gzip')
      const error = await new Promise((resolve) => response.on('error', resolve).on('end', resolve).resume())
      expect(error).toMatchObject({ code: 'ECONNRESET' })
      expect(failures).toMatchObject([
        { name: 'HTTPOutputError', message: expect.stringContaining('Content-Length') },
      ])
      void ended
    }
  })

  it('whose encoder fails is broken off', async () => {
    const broken: ContentEncoder = {
      coding: 'gzip',
      encode: (body) => body,
      open: () => ({ encode: () => Promise.reject(new Error('out of order')), close: () => {} }),
    }
    class Handler extends RequestHandler {
      override get(): void {
        this.write('x')
        void this.flush()
        void this.finish()
      }
    }
    using logged = expectLog(appLog, 'Cannot send a response')
    await using served = await serve(only(Handler, { transforms: [contentEncoding({ encoders: [broken] })] }))
    expect(await served.exchange('GET / HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n')).toBe('')
    void logged
  })
})

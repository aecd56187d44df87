import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import {
  brotliCompressSync,
  constants,
  createZstdCompress,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib'
import { Client, responsesIn, serve, statusesIn, type Exchange, type Handlers } from '../test/serving.ts'

const text = 'Hello, compressed world. '.repeat(1000)

/** A request with a body that is sent in one piece. */
function post(body: Uint8Array, coding: string, more = ''): Buffer {
  const head = `POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: ${coding}\r\nContent-Length: ${body.length}\r\n${more}\r\n`
  return Buffer.concat([Buffer.from(head), body])
}

/** Answers the lengths and the fields that the delegate saw. */
const report: Handlers = {
  finish(exchange: Exchange) {
    const { headers, body } = exchange
    const seen = [headers.get('Content-Encoding'), headers.get('X-Consumed-Content-Encoding')]
    exchange.answer(JSON.stringify([...seen, body === text, body.length]))
  },
}

async function ask(
  request: Uint8Array,
  params: Parameters<typeof serve>[1] = {},
  handlers: Handlers = report,
): Promise<{ status: number; body: string; calls: string[]; pieces: number }> {
  const server = await serve(handlers, { decompressRequest: true, ...params })
  const client = new Client(server.port).send(request)
  await client.until('\r\n\r\n')
  client.end()
  const [response] = responsesIn(await client.closed)
  const exchange = server.exchanges[0]!
  return {
    status: Number(response!.first.split(' ')[1]),
    body: response!.body,
    calls: exchange.calls,
    pieces: exchange.pieces,
  }
}

const codings: [coding: string, body: Uint8Array][] = [
  ['gzip', gzipSync(text)],
  ['GZip', gzipSync(text)],
  ['x-gzip', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['deflate', deflateRawSync(text)],
  ['br', brotliCompressSync(text)],
  ['zstd', zstdCompressSync(text)],
]

describe('bodies', () => {
  it.each(codings)('B-http1-027 %s in any case is decoded, and its field renamed', async (coding, body) => {
    const { status, body: seen } = await ask(post(body, coding))
    expect([status, JSON.parse(seen)]).toEqual([200, [null, coding, true, text.length]])
  })

  it.each(codings)('B-http1-027 %s may come byte by byte, in chunks', async (coding, body) => {
    const server = await serve(report, { decompressRequest: true })
    const client = new Client(server.port).send(
      `POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: ${coding}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
    for (const byte of body) {
      client.send(Uint8Array.of(0x31, 0x0d, 0x0a, byte, 0x0d, 0x0a))
      await new Promise((resolve) => setImmediate(resolve))
    }
    client.send('0\r\n\r\n')
    expect(await client.until('\r\n\r\n[')).toContain('HTTP/1.1 200 OK')
    expect(server.exchanges[0]!.body).toBe(text)
  })

  it('B-http1-027 several members and frames are one body', async () => {
    const [half, rest] = [text.slice(0, 5000), text.slice(5000)]
    for (const [coding, compress] of [
      ['gzip', gzipSync],
      ['zstd', zstdCompressSync],
    ] as const) {
      const { body } = await ask(post(Buffer.concat([compress(half), compress(rest)]), coding))
      expect(JSON.parse(body)).toEqual([null, coding, true, text.length])
    }
  })

  it('several zstd frames may come byte by byte, with a check sum and skippable ones between', async () => {
    const checked = zstdCompressSync(text.slice(5000), { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
    const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2])
    const body = Buffer.concat([zstdCompressSync(text.slice(0, 5000)), skippable, checked])
    const server = await serve(report, { decompressRequest: true })
    const client = new Client(server.port)
    for (const byte of post(body, 'zstd')) {
      client.send(Uint8Array.of(byte))
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await client.until(`true,${text.length}]`)).toContain('HTTP/1.1 200 OK')
  })

  it('an empty one is none, whatever the field says', async () => {
    const { status, body } = await ask(post(Buffer.alloc(0), 'gzip'))
    expect([status, JSON.parse(body)]).toEqual([200, [null, 'gzip', false, 0]])
  })

  it.each(['identity', 'compress', 'gzip, gzip', 'gzip, br', ''])(
    'of coding %j are left alone',
    async (coding) => {
      const { body } = await ask(post(Buffer.from('as it is'), coding))
      expect(JSON.parse(body)).toEqual([coding, null, false, 8])
    },
  )

  it('are left alone without the option', async () => {
    const body = gzipSync(text)
    const { body: seen } = await ask(post(body, 'gzip'), { decompressRequest: false })
    expect(JSON.parse(seen)).toEqual(['gzip', null, false, body.length])
  })

  it('what a client says to be consumed does not pass for it', async () => {
    const { body } = await ask(post(gzipSync(text), 'gzip', 'X-Consumed-Content-Encoding: br\r\n'))
    expect(JSON.parse(body)).toEqual([null, 'gzip', true, text.length])
  })

  it('follow each other on a connection', async () => {
    const server = await serve(report, { decompressRequest: true })
    const requests = codings.map(([coding, body]) => post(body, coding))
    const client = new Client(server.port).send(
      Buffer.concat([...requests, post(Buffer.from('plain'), 'identity')]),
    )
    await client.until('"identity",null,false,5]')
    client.end()
    const seen = responsesIn(await client.closed).map(({ body }) => (JSON.parse(body) as unknown[])[2])
    expect(seen).toEqual([...codings.map(() => true), false])
  })
})

describe('limits', () => {
  it('B-http1-027 pieces are no larger than chunkSize', async () => {
    let largest = 0
    const handlers: Handlers = {
      data: (_, chunk) => {
        largest = Math.max(largest, chunk.length)
      },
    }
    const { body } = await ask(post(gzipSync(text), 'gzip'), { chunkSize: 50 }, { ...report, ...handlers })
    expect([largest, JSON.parse(body)]).toEqual([50, [null, 'gzip', true, text.length]])
  })

  it.each(codings)(
    'B-http1-027 %s that grows beyond maxBodySize is answered with 413',
    async (coding, body) => {
      using _log = expectLog('tornado.general', 'Decompressed body is too large', { level: 'info' })
      const { status, calls } = await ask(post(body, coding), { maxBodySize: text.length - 1 })
      expect([status, calls.at(-1)]).toEqual([413, 'close'])
    },
  )

  it('may be as large as maxBodySize, or as one request is allowed', async () => {
    const body = gzipSync(text)
    expect((await ask(post(body, 'gzip'), { maxBodySize: text.length })).status).toBe(200)
    const handlers: Handlers = { ...report, head: ({ connection }) => connection.setMaxBodySize(text.length) }
    expect((await ask(post(body, 'gzip'), { maxBodySize: 1000 }, handlers)).status).toBe(200)
  })

  it('a bomb is given up early', async () => {
    using _log = expectLog('tornado.general', 'Decompressed body is too large', { level: 'info' })
    let taken = 0
    const bomb = brotliCompressSync(Buffer.alloc(256 * 1024 * 1024), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 24 },
    })
    const handlers: Handlers = {
      data: (_, chunk) => {
        taken += chunk.length
      },
    }
    const before = process.memoryUsage().rss
    const { status } = await ask(post(bomb, 'br'), { maxBodySize: 1_000_000 }, handlers)
    expect(status).toBe(413)
    expect(taken).toBeLessThanOrEqual(1_000_000)
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024)
  })

  it('are not made faster than the delegate takes them', async () => {
    let waiting = 0
    const handlers: Handlers = {
      ...report,
      data: async () => {
        expect(++waiting).toBe(1)
        await new Promise((resolve) => setImmediate(resolve))
        waiting--
      },
    }
    const { body } = await ask(post(gzipSync(text), 'gzip'), { chunkSize: 1000 }, handlers)
    expect(JSON.parse(body)).toEqual([null, 'gzip', true, text.length])
  })
})

describe('bad bodies', () => {
  const bad: [what: string, coding: string, body: Uint8Array][] = [
    ...codings.map(([coding, body]): [string, string, Uint8Array] => [
      'a truncated',
      coding,
      body.subarray(0, -5),
    ]),
    ...codings.map(([coding]): [string, string, Uint8Array] => [
      'no',
      coding,
      Buffer.from('\xff\xfenothing of the kind', 'latin1'),
    ]),
    [
      'a gzip with a wrong check sum in a',
      'gzip',
      Buffer.concat([gzipSync(text).subarray(0, -8), Buffer.alloc(8, 1)]),
    ],
    [
      'a second frame truncated in a',
      'zstd',
      Buffer.concat([zstdCompressSync(text), zstdCompressSync(text).subarray(0, -5)]),
    ],
    ['more than 10,000 frames in a', 'zstd', Buffer.concat(Array<Buffer>(10_001).fill(zstdCompressSync('')))],
    ['junk behind a', 'gzip', Buffer.concat([gzipSync(text), Buffer.from('junk')])],
    ['junk behind a', 'deflate', Buffer.concat([deflateSync(text), Buffer.from('junk')])],
    ['junk behind a', 'br', Buffer.concat([brotliCompressSync(text), Buffer.from('junk')])],
    ['junk behind a', 'zstd', Buffer.concat([zstdCompressSync(text), Buffer.from('junk')])],
  ]
  it.each(bad)('B-http1-027 %s %s is answered with 400', async (_, coding, body) => {
    using _log = expectLog('tornado.general', 'Cannot decompress the body', { level: 'info' })
    const { status, body: seen, calls } = await ask(post(body, coding))
    expect([status, seen]).toEqual([400, 'Bad Request: Cannot decompress the body\n'])
    expect(calls.filter((call) => call === 'close' || call === 'finish')).toEqual(['close'])
  })

  it('a window above 8 MiB in a zstd is answered with 400', async () => {
    using _log = expectLog('tornado.general', 'Cannot decompress the body', { level: 'info' })
    const compressor = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 24 } })
    compressor.write(text)
    // The compressor does not know how little there is, so it announces the window that it was told.
    await new Promise<void>((resolve) => compressor.flush(() => resolve()))
    compressor.end()
    const body = Buffer.concat(await compressor.toArray())
    expect((await ask(post(body, 'zstd'))).status).toBe(400)
  })

  it('the peer going half-way tells the delegate once', async () => {
    const server = await serve(report, { decompressRequest: true })
    const request = post(gzipSync(text), 'gzip')
    const client = new Client(server.port).send(request.subarray(0, -20))
    const exchange = await server.exchange(0)
    client.end()
    expect(await exchange.over).toBe('close')
    await client.closed
    expect(exchange.calls.filter((call) => call === 'close')).toEqual(['close'])
  })

  it('an error of the delegate is answered as always', async () => {
    using _log = expectLog('tornado.application', 'Uncaught exception')
    const handlers: Handlers = {
      finish() {
        throw new Error('of the application')
      },
    }
    const { status } = await ask(post(gzipSync(text), 'gzip'), {}, handlers)
    expect(status).toBe(500)
  })

  it('an error of the delegate behind its answer is only logged', async () => {
    using log = expectLog('tornado.application', 'Uncaught exception')
    const handlers: Handlers = {
      finish(exchange) {
        exchange.answer('done')
        throw new Error('of the application')
      },
    }
    const server = await serve(handlers, { decompressRequest: true })
    const client = new Client(server.port).send(post(gzipSync(text), 'gzip'))
    await client.until('done')
    client.send(post(gzipSync(text), 'gzip', 'Connection: close\r\n'))
    expect(statusesIn(await client.closed)).toEqual([200, 200])
    expect(log.matched).toBe(2)
  })
})

import { createHook } from 'node:async_hooks'
import { existsSync, readdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import type { FetchOptions, SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import type { Engine } from './engines.ts'
import { answer, RawServer, redirect, type RawHandler } from './raw-server.ts'

/** Sends the same for ever, as fast as it is taken. */
function endless(head: string, piece: string): RawHandler {
  return (_request, socket: Socket) => {
    const bytes = piece.repeat(Math.ceil(16_384 / piece.length))
    const more = (): void => {
      while (!socket.destroyed && socket.write(bytes));
    }
    socket.on('drain', more)
    socket.write(head)
    more()
  }
}

/** Made when it is first wanted. */
function once(make: () => Buffer): RawHandler {
  let made: Buffer | null = null
  return () => (made ??= make())
}

function encoded(coding: string, body: Buffer): Buffer {
  return answer(body, { fields: `Content-Encoding: ${coding}\r\n` })
}

const ok = 'HTTP/1.1 200 OK\r\n'
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`
const zeros: Buffer = Buffer.alloc(4_000_000)

/** Every kind of bad answer, and a good one. */
const answers: Readonly<Record<string, RawHandler>> = {
  good: () => answer('x'),
  silence: () => undefined,
  close: () => null,
  'half a head': () => `${ok}Content-`,
  'half a head and an end': (_request, socket) => void socket.end(`${ok}Content-`),
  'half a body': () => `${ok}Content-Length: 100\r\n\r\nhalf`,
  'half a body and an end': (_request, socket) => void socket.end(`${ok}Content-Length: 100\r\n\r\nhalf`),
  'half a body and a reset': (_request, socket) => {
    socket.write(`${ok}Content-Length: 100\r\n\r\nhalf`, () => socket.resetAndDestroy())
  },
  'half a chunk and an end': (_request, socket) => void socket.end(`${chunked}5\r\nab`),
  'no HTTP': () => 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'two lengths': () => `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nok`,
  'length and chunks': () =>
    `${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
  'a length too small': () => `${ok}Content-Length: 1\r\n\r\nmore than that`,
  'a body on a 204': () => 'HTTP/1.1 204 No\r\n\r\nbody',
  'bad chunks': () => `${chunked}zz\r\n`,
  'a large head': () => `${ok}X: ${'x'.repeat(100_000)}\r\n\r\n`,
  'a large body': () => answer('x'.repeat(300_000)),
  'an endless field': endless(`${ok}X: `, 'x'),
  'endless fields': endless(ok, 'X: y\r\n'),
  'an endless body': endless(`${ok}\r\n`, 'x'),
  'endless chunks': endless(chunked, `400\r\n${'x'.repeat(0x400)}\r\n`),
  'endless trailers': endless(`${chunked}0\r\n`, 'X: y\r\n'),
  'endless informational answers': endless('', 'HTTP/1.1 102 Wait\r\n\r\n'),
  'no gzip': () => encoded('gzip', Buffer.from('no gzip')),
  'half a gzip': () => encoded('gzip', gzipSync('x'.repeat(50_000)).subarray(0, 20)),
  'half a gzip, and silence': () => `${ok}Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n${gzipHead}`,
  'a bomb of gzip': once(() => encoded('gzip', gzipSync(zeros))),
  'a bomb of deflate': once(() => encoded('deflate', deflateSync(zeros))),
  'a bomb of br': once(() => encoded('br', brotliCompressSync(zeros))),
  'a bomb of zstd': once(() => encoded('zstd', zstdCompressSync(zeros))),
  'too much': () => `${answer('x').toString()}${answer('y').toString()}`,
  'a loop': () => redirect('/'),
  'a redirect with an endless body': endless(`HTTP/1.1 302 X\r\nLocation: /\r\n\r\n`, 'x'),
  'a switch': () => 'HTTP/1.1 101 X\r\nUpgrade: y\r\n\r\n',
}
const gzipHead: string = gzipSync('x'.repeat(500)).subarray(0, 10).toString('latin1')

/** How answers are taken: whole, by a callback that fails, and as a stream that is left. */
const ways: Readonly<Record<string, FetchOptions>> = {
  whole: {},
  'a callback that throws': {
    streamingCallback: () => {
      throw new Error('of the callback')
    },
  },
}

/** Gets every bad answer with an engine, a client each; tells in words what was not given back. */
export async function findLeaks(engine: Engine): Promise<string[]> {
  const watch = watchResources()
  // What is loaded when it is first used is there to stay.
  for (const what of ['good', 'a bomb of gzip', 'a bomb of br', 'a bomb of zstd'])
    await leakOf(engine, answers[what]!, watch)
  const problems: string[] = []
  for (const [what, handler] of Object.entries(answers)) {
    const left = await leakOf(engine, handler, watch)
    if (left !== null) problems.push(`${engine.name}, ${what}: ${left}`)
  }
  watch.stop()
  return problems
}

async function leakOf(engine: Engine, handler: RawHandler, watch: ResourceWatch): Promise<string | null> {
  const server = await RawServer.start(handler)
  try {
    const before = watch.count()
    return (await leftAtServer(engine, server)) ?? (await watch.settled(before))
  } finally {
    await server[Symbol.asyncDispose]()
  }
}

/** Fetches in every way, and closes the client; tells in words what it holds longer than it should. */
async function leftAtServer({ create }: Engine, server: RawServer): Promise<string | null> {
  const client = create({ maxBodySize: 200_000, maxClients: 4 })
  const options = { raiseError: false, requestTimeoutMs: 80, firstByteTimeoutMs: 40 }
  await Promise.allSettled([
    ...Object.values(ways).flatMap((way) =>
      Array.from({ length: 3 }, () => client.fetch(server.url(), { ...options, ...way })),
    ),
    client.stream(server.url(), options).then((stream) => stream.cancel()),
  ])
  const { activeCount = 0, queueSize = 0, idleCount } = client as Partial<SimpleAsyncHTTPClient>
  if (idleCount !== undefined) {
    // Whatever is still open on the client's side is a connection that is kept.
    await server.settled(idleCount)
    if (activeCount + queueSize > 0) return `${activeCount} under way, ${queueSize} wait`
    if (server.sockets.size !== idleCount) return `${server.sockets.size} connections, ${idleCount} are kept`
  }
  client.close()
  await server.settled(0)
  return server.sockets.size === 0 ? null : `${server.sockets.size} connections of a client that is closed`
}

interface ResourceWatch {
  count(): ReadonlyMap<string, number>
  /** `null` when there is no more than before; else what there is. */
  settled(before: ReadonlyMap<string, number>): Promise<string | null>
  stop(): void
}

/** Counts timers, sockets and decompressors, those that keep no program alive included, and files where the system tells. */
function watchResources(): ResourceWatch {
  const live = new Map<number, string>()
  const hook = createHook({
    init: (id, type) => {
      if (/Timeout|TCP|TLS|ZLIB|GETADDRINFO/i.test(type)) live.set(id, type)
    },
    destroy: (id) => live.delete(id),
  }).enable()
  const count = (): Map<string, number> => {
    const counts = new Map<string, number>()
    for (const type of live.values()) counts.set(type, (counts.get(type) ?? 0) + 1)
    if (existsSync('/proc/self/fd')) counts.set('file', readdirSync('/proc/self/fd').length)
    return counts
  }
  return {
    count,
    async settled(before) {
      for (let turn = 0; ; turn++) {
        const more = [...count()].filter(([type, number]) => number > (before.get(type) ?? 0))
        if (more.length === 0) return null
        if (turn === 300)
          return more.map(([type, number]) => `${number - (before.get(type) ?? 0)} ${type}`).join(', ')
        // Decompressors go with their objects.
        if (turn % 20 === 0) globalThis.gc?.()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    stop: () => void hook.disable(),
  }
}

// The process that loads WebSocket servers: a line with a target in, a line when its connections are open out; a line with a
// duration in, a line with the result out. It knows no more of the
// protocol than the lengths of the frames that come back, so that it is cheap.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { constants, deflateRawSync } from 'node:zlib'
import type { LoadResult } from '../load-case.ts'
import { loopback } from '../server-program.ts'
import type { WebSocketTarget } from './websocket-case.ts'

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
  const target: WebSocketTarget = JSON.parse(line.value)
  const sockets = await openAll(target)
  process.stdout.write('open\n')
  const { value: durationMs, done } = await lines.next()
  if (done === true) break
  process.stdout.write(`${JSON.stringify(await load(sockets, target, Number(durationMs)))}\n`)
}

async function openAll(target: WebSocketTarget): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < target.connections) {
    const count = Math.min(200, target.connections - sockets.length)
    sockets.push(...(await Promise.all(Array.from({ length: count }, () => open(target)))))
  }
  return sockets
}

/** With a duration of 0, until a message has come back on every connection. */
async function load(sockets: Socket[], target: WebSocketTarget, durationMs: number): Promise<LoadResult> {
  const broken = Promise.withResolvers<boolean>()
  for (const socket of sockets) socket.once('close', () => broken.resolve(true))
  const begun = performance.now()
  const counter = target.kind === 'ws-broadcast' ? broadcast(sockets, target) : echo(sockets, target)
  const over =
    durationMs === 0
      ? counter.first.then(() => false)
      : new Promise<boolean>((resolve) => setTimeout(resolve, durationMs, false))
  const isBroken = await Promise.race([broken.promise, over])
  const seconds = (performance.now() - begun) / 1000
  const done = counter.done()
  if (target.keep !== true) for (const socket of sockets) socket.destroy()
  return { done, failed: isBroken ? 1 : 0, seconds }
}

interface Counter {
  done(): number
  /** Resolves when a message has come back on every connection. */
  readonly first: Promise<unknown>
}

/** Each connection sends its messages in one segment, and again when all have come back, unless it is to stay idle then. */
function echo(sockets: Socket[], { kind, messages, payload, keep = false }: WebSocketTarget): Counter {
  const frame = kind === 'ws-deflate' ? masked(0xc1, compress(payload)) : masked(0x81, Buffer.from(payload))
  const segment = Buffer.concat(Array.from({ length: messages }, () => frame))
  let done = 0
  const firsts = sockets.map((socket) => {
    let waiting = messages
    const first = Promise.withResolvers<void>()
    countFrames(socket, (count) => {
      done += count
      waiting -= count
      if (waiting > 0) return
      first.resolve()
      waiting = messages
      if (!keep) socket.write(segment)
    })
    socket.write(segment)
    return first.promise
  })
  return { done: () => done, first: Promise.all(firsts) }
}

/** One connection sends; when all have received it sends again. */
function broadcast(sockets: Socket[], { payload }: WebSocketTarget): Counter {
  const frame = masked(0x81, Buffer.from(payload))
  let done = 0
  let waiting = sockets.length
  const first = Promise.withResolvers<void>()
  for (const socket of sockets) {
    countFrames(socket, (count) => {
      done += count
      waiting -= count
      if (waiting > 0) return
      first.resolve()
      waiting = sockets.length
      sockets[0]!.write(frame)
    })
  }
  sockets[0]!.write(frame)
  return { done: () => done, first: first.promise }
}

/** Calls back with how many frames have come whole. */
function countFrames(socket: Socket, callback: (count: number) => void): void {
  let rest: Buffer | null = null
  socket.on('data', (received: Buffer) => {
    const chunk = rest === null ? received : Buffer.concat([rest, received])
    let at = 0
    let count = 0
    while (at + 2 <= chunk.length) {
      const short = chunk[at + 1]!
      const headSize = short === 126 ? 4 : 2
      if (at + headSize > chunk.length) break
      const end = at + headSize + (short === 126 ? chunk.readUInt16BE(at + 2) : short)
      if (end > chunk.length) break
      at = end
      count++
    }
    rest = at === chunk.length ? null : chunk.subarray(at)
    if (count > 0) callback(count)
  })
}

async function open({ port, kind }: WebSocketTarget): Promise<Socket> {
  const socket = connect({ host: loopback, port, noDelay: true })
  socket.on('error', () => {})
  const extension = kind === 'ws-deflate' ? 'Sec-WebSocket-Extensions: permessage-deflate\r\n' : ''
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: ${loopback}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${extension}\r\n`,
  )
  const [head]: Buffer[] = await once(socket, 'data')
  if (!head!.toString('latin1').startsWith('HTTP/1.1 101 ')) throw new Error('The server refuses')
  return socket
}

/** Messages of its kind may always be compressed from an empty window. */
function compress(payload: string): Buffer {
  return deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4)
}

function masked(first: number, payload: Buffer): Buffer {
  const key = [0x12, 0x34, 0x56, 0x78]
  const long = payload.length > 125
  const head = Buffer.from([first, 0x80 | (long ? 126 : payload.length)])
  const size = Buffer.from(long ? [payload.length >> 8, payload.length & 0xff] : [])
  return Buffer.concat([head, size, Buffer.from(key), payload.map((byte, at) => byte ^ key[at & 3]!)])
}

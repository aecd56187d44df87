import { memoryPair } from '@tornado-ts/iostream/memory'
import type { BaseIOStream } from '@tornado-ts/iostream'
import { WebSocketConnection, type WebSocketDelegate } from '@tornado-ts/websocket'
import { expect, it } from 'vitest'
import { cases, encodeCase, maxMessageSize, type Case } from './case-table.ts'

type Role = 'server' | 'client'

/** Sends the pieces to one side of a WebSocket; answers what was delivered, and the code of the close frame it sent. */
async function converse(
  role: Role,
  pieces: readonly Buffer[],
): Promise<{ delivered: string[]; code: Case['code'] }> {
  const [ours, theirs] = memoryPair()
  const delivered: string[] = []
  const over = Promise.withResolvers<void>()
  const delegate: WebSocketDelegate = {
    onWsMessage: (message) =>
      void delivered.push(typeof message === 'string' ? message : `hex:${message.toString('hex')}`),
    onPing: (data) => void delivered.push(`ping:${data}`),
    onPong: (data) => void delivered.push(`pong:${data}`),
    onWsConnectionClose: () => over.resolve(),
    logException: (error) => expect(error).toBeUndefined(),
  }
  const connection = new WebSocketConnection(ours, delegate, {
    role,
    rules: { expectMask: role === 'server', maxMessageSize, allowCompressed: false },
    maxMessageSize,
    pingIntervalMs: 0,
    pingTimeoutMs: 0,
    maxQueuedSize: 100_000_000,
    slowReaderPolicy: 'wait',
    closeTimeoutMs: 5_000,
  })
  connection.start(() => {})
  const answers = collect(theirs)
  for (const piece of pieces) connection.chunkReceived(Buffer.from(piece))
  if (!connection.isClosing()) connection.abort()
  theirs.endWriting()
  const bytes = await answers
  ours.close()
  await over.promise
  return { delivered, code: lastCloseCode(bytes, role === 'client') }
}

async function collect(stream: BaseIOStream): Promise<Buffer> {
  return await stream.readUntilClose().catch(() => Buffer.alloc(0))
}

/** The code of the close frame among frames; `null` without one. */
function lastCloseCode(bytes: Buffer, masked: boolean): Case['code'] {
  for (let at = 0; at + 2 <= bytes.length;) {
    const first = bytes[at]!
    expect((bytes[at + 1]! & 0x80) !== 0).toBe(masked)
    const size = bytes[at + 1]! & 0x7f
    const keyAt = at + 2
    const start = keyAt + (masked ? 4 : 0)
    if (first === 0x88) {
      if (size === 0) return 'empty'
      const code = Buffer.from(
        bytes.subarray(start, start + 2).map((byte, index) => byte ^ (masked ? bytes[keyAt + index]! : 0)),
      )
      expect(at + (start - at) + size).toBe(bytes.length)
      return code.readUInt16BE()
    }
    // Whatever else is sent here is a pong.
    expect(first).toBe(0x8a)
    at = start + size
  }
  return null
}

/** Pseudo-random, so that a failure can be had again. */
function* randomPieces(bytes: Buffer, seed: number): Generator<Buffer> {
  let state = seed
  for (let at = 0; at < bytes.length;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const size = 1 + ((state >>> 8) % ((state & 3) === 0 ? 1000 : 12))
    yield bytes.subarray(at, at + size)
    at += size
  }
}

it('holds at least 200 cases, all of different names', () => {
  expect(cases.length).toBeGreaterThanOrEqual(200)
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})

for (const role of ['server', 'client'] as const) {
  it(`each case as a ${role}, whole, byte by byte and in random pieces`, { timeout: 60_000 }, async () => {
    for (const [index, each] of cases.entries()) {
      const bytes = encodeCase(each, role === 'server')
      const ways = [[bytes], [...randomPieces(bytes, index + 1)], [...randomPieces(bytes, index + 1000)]]
      if (bytes.length < 5_000) ways.push(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))
      for (const pieces of ways) {
        const outcome = await converse(role, pieces)
        expect({ name: each.name, pieces: pieces.length, ...outcome }).toEqual({
          name: each.name,
          pieces: pieces.length,
          delivered: each.delivered,
          code: each.code,
        })
      }
    }
  })
}

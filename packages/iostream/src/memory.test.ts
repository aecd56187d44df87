import { expect, it } from 'vitest'
import { StreamClosedError } from './errors.ts'
import { memoryPair } from './memory/memory-pair.ts'
import { ScriptedPeer } from './memory/scripted-peer.ts'
import { splits } from './memory/splits.ts'

it('a pair carries bytes both ways, in order, as copies', async () => {
  const [first, second] = memoryPair()
  const bytes = Buffer.from('hello')
  void first.write(bytes)
  await first.write([' ', 'world\n'])
  bytes.fill(0)
  void second.write('and back\n')
  expect(String(await second.readUntil('\n'))).toBe('hello world\n')
  expect(String(await first.readUntil('\n'))).toBe('and back\n')
})

it('a pair with a piece size delivers in pieces of it', async () => {
  const [first, second] = memoryPair({ pieceSize: 2 })
  const pieces: string[] = []
  const ended = new Promise<void>((resolve) => {
    second.setReceiver({
      chunkReceived: (chunk) => void pieces.push(String(chunk)),
      endReceived: resolve,
      writeBufferEmptied: () => {},
      streamClosed: () => {},
    })
  })
  await first.write('abcde')
  first.endWriting()
  await ended
  expect(pieces).toEqual(['ab', 'cd', 'e'])
})

it('a reader that stops makes the writer wait', async () => {
  const [first, second] = memoryPair({ maxBufferSize: 4096 })
  const chunk = Buffer.alloc(1024, 'x')
  let written = 0
  while (first.bufferedAmount < 64 * 1024) {
    void first.write(chunk)
    written += chunk.length
  }
  const flushed = first.write('end')
  let isFlushed = false
  void flushed.then(() => (isFlushed = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect(isFlushed).toBe(false)
  expect((await second.readBytes(4096)).length).toBe(4096)
  let left = written + 3 - 4096
  while (left > 0) left -= (await second.readBytes(Math.min(left, 4096))).length
  await flushed
})

it('the end of one side is seen by the other after all data, which may still answer', async () => {
  const [first, second] = memoryPair()
  void first.write('question')
  first.endWriting()
  expect(String(await second.readUntilClose())).toBe('question')
  void second.write('answer')
  expect(String(await first.readUntilClose())).toBe('answer')
})

it('closing one end ends the other, whose pending write fails', async () => {
  const [first, second] = memoryPair()
  const write = first.write(Buffer.alloc(1 << 20))
  const closed = Promise.withResolvers<void>()
  first.setCloseCallback(closed.resolve)
  second.close()
  await expect(write).rejects.toMatchObject({ name: 'StreamClosedError', realError: { code: 'EPIPE' } })
  await closed.promise
  expect(first.closed()).toBe(true)
})

it('a peer records writes one by one, and sends as told', async () => {
  const { stream, peer } = ScriptedPeer.connect()
  const line = stream.readUntil('\n')
  await peer.send('hello\n', { pieceSize: 1 })
  expect(String(await line)).toBe('hello\n')
  await stream.write('one')
  await stream.write(['two', 'three'])
  expect(await peer.receivedUntil('three')).toBe('onetwothree')
  expect(peer.writes.map(String)).toEqual(['one', 'twothree'])
  peer.clear()
  await stream.write('four')
  expect(await peer.receivedUntil(4)).toBe('four')
  await peer.send(['a', Buffer.from('b')])
  expect(String(await stream.readBytes(2))).toBe('ab')
})

it('a peer that waits for what never comes is told when the stream ends', async () => {
  const { stream, peer } = ScriptedPeer.connect()
  await stream.write('so much')
  stream.close()
  await expect(peer.receivedUntil('more')).rejects.toThrow('Stream ended without "more" after "so much"')
  await peer.closed
})

it('a peer can hold back, end, reset and close', async () => {
  const held = ScriptedPeer.connect()
  held.peer.pause()
  const write = held.stream.write(Buffer.alloc(1 << 20))
  expect(held.stream.writing()).toBe(true)
  held.peer.resume()
  await write
  expect(held.peer.received.length).toBe(1 << 20)
  held.peer.end()
  await expect(held.stream.readBytes(1)).rejects.toThrow(StreamClosedError)
  await held.peer.ended

  const broken = ScriptedPeer.connect()
  const read = broken.stream.readBytes(1)
  broken.peer.reset()
  await expect(read).rejects.toMatchObject({ realError: { code: 'ECONNRESET' } })

  const gone = ScriptedPeer.connect()
  void gone.peer.send('last')
  gone.peer.close()
  expect(String(await gone.stream.readUntilClose())).toBe('last')
})

it('splits cuts whole, in two everywhere, and byte by byte', () => {
  expect([...splits('abc')].map((pieces) => pieces.map(String))).toEqual([
    ['abc'],
    ['a', 'bc'],
    ['ab', 'c'],
    ['a', 'b', 'c'],
  ])
})

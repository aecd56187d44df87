import { expectLog } from '@tornado-ts/log/testing'
import { expect, it } from 'vitest'
import { memoryPair } from '../memory/memory-pair.ts'
import { ScriptedPeer } from '../memory/scripted-peer.ts'
import type { StreamReceiver } from './stream-receiver.ts'

/** Notes each call. */
class Recorder implements StreamReceiver {
  readonly calls: string[] = []
  readonly closed: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly ended: PromiseWithResolvers<void> = Promise.withResolvers()
  readonly emptied: PromiseWithResolvers<void> = Promise.withResolvers()
  onChunk: ((chunk: Buffer) => void) | null = null

  chunkReceived(chunk: Buffer): void {
    this.calls.push(`chunk ${chunk.length < 20 ? String(chunk) : chunk.length}`)
    this.onChunk?.(chunk)
  }

  endReceived(): void {
    this.calls.push('end')
    this.ended.resolve()
  }

  writeBufferEmptied(): void {
    this.calls.push('emptied')
    this.emptied.resolve()
  }

  streamClosed(error: Error | null): void {
    this.calls.push(`closed ${error?.message ?? ''}`)
    this.closed.resolve()
  }
}

it('a receiver is called with each chunk, the end and the close', async () => {
  const { stream, peer } = ScriptedPeer.connect()
  const receiver = new Recorder()
  stream.setReceiver(receiver)
  await peer.send(['one', 'two'])
  peer.end()
  await receiver.ended.promise
  expect(stream.send('answer')).toBe(true)
  expect(await peer.receivedUntil('answer')).toBe('answer')
  stream.close(new Error('done'))
  await receiver.closed.promise
  expect(receiver.calls).toEqual(['chunk one', 'chunk two', 'end', 'closed done'])
})

it('a receiver gets what was buffered before it, also when it pauses half-way', async () => {
  const { stream, peer } = ScriptedPeer.connect()
  await peer.send(['x'.repeat(1000), 'y'.repeat(1000), 'z'.repeat(1000)])
  peer.end()
  const receiver = new Recorder()
  receiver.onChunk = () => {
    if (receiver.calls.length === 1) {
      stream.pause()
      setImmediate(() => stream.resume())
    }
  }
  stream.setReceiver(receiver)
  expect(receiver.calls).toEqual([])
  await receiver.ended.promise
  expect(receiver.calls).toEqual(['chunk 1000', 'chunk 1000', 'chunk 1000', 'end'])
})

it('a receiver gets what made the stream wait for a reader, and what comes after', async () => {
  const { stream, peer } = ScriptedPeer.connect({ maxBufferSize: 1000, readChunkSize: 500 })
  const sent = peer.send('x'.repeat(200_000))
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve))
  const receiver = new Recorder()
  let received = 0
  receiver.onChunk = (chunk) => void (received += chunk.length)
  stream.setReceiver(receiver)
  await sent
  peer.end()
  await receiver.ended.promise
  expect(received).toBe(200_000)
})

it('a receiver set on a closed stream is told so', async () => {
  const [stream] = memoryPair()
  stream.close()
  const receiver = new Recorder()
  stream.setReceiver(receiver)
  await receiver.closed.promise
  expect(receiver.calls).toEqual(['closed '])
})

it('a stream has one face at a time', async () => {
  const { stream, peer } = ScriptedPeer.connect()
  const read = stream.readBytes(1)
  expect(() => stream.setReceiver(new Recorder())).toThrow('Cannot set a receiver while a read is pending')
  await peer.send('ab')
  await read
  stream.setReceiver(new Recorder())
  expect(() => stream.readBytes(1)).toThrow('Cannot read from a stream that has a receiver')
  stream.setReceiver(null)
  stream.unread(Buffer.from('c'))
  expect(String(await stream.readBytes(1))).toBe('c')
})

it('an exception of a receiver is logged and closes the stream', async () => {
  using expected = expectLog('tornado.application', 'Uncaught exception in a stream receiver')
  const { stream, peer } = ScriptedPeer.connect()
  const receiver = new Recorder()
  receiver.onChunk = () => {
    throw new Error('cannot take this')
  }
  stream.setReceiver(receiver)
  await peer.send('x')
  await receiver.closed.promise
  expect(receiver.calls).toEqual(['chunk x', 'closed cannot take this'])
  expect(expected.matched).toBe(1)
})

it('send tells when to stop and writeBufferEmptied when to go on', async () => {
  const { stream, peer } = ScriptedPeer.connect({ maxWriteBufferSize: 1 << 20 })
  const receiver = new Recorder()
  stream.setReceiver(receiver)
  peer.pause()
  expect(stream.send('small')).toBe(true)
  expect(stream.send(Buffer.alloc(1 << 19))).toBe(false)
  expect(stream.sendVector(['a', Buffer.alloc(100)])).toBe(false)
  expect(() => stream.send(Buffer.alloc(1 << 19))).toThrow('Cannot buffer more than 1048576 bytes to send')
  expect(() => stream.sendVector([Buffer.alloc(1 << 18), Buffer.alloc(1 << 18)])).toThrow('Cannot buffer')
  expect(stream.bufferedAmount).toBe(5 + (1 << 19) + 101)
  peer.resume()
  await receiver.emptied.promise
  expect(stream.send('more')).toBe(true)
  await peer.receivedUntil('more')
  expect(peer.received.length).toBe(5 + (1 << 19) + 101 + 4)
})

it('a vector is one write', async () => {
  const { stream, peer } = ScriptedPeer.connect()
  expect(stream.sendVector(['caf\u00e9', Buffer.from('!')], 'latin1')).toBe(true)
  await peer.receivedUntil('!')
  expect(peer.writes).toEqual([Buffer.from('caf\u00e9!', 'latin1')])
})

it('pausing holds the peer back, resuming goes on', async () => {
  const { stream, peer } = ScriptedPeer.connect()
  const receiver = new Recorder()
  stream.setReceiver(receiver)
  stream.pause()
  stream.pause()
  void peer.send('x'.repeat(10))
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
  expect(receiver.calls).toEqual([])
  const received = new Promise<void>((resolve) => (receiver.onChunk = () => resolve()))
  stream.resume()
  stream.resume()
  await received
  expect(receiver.calls).toEqual(['chunk xxxxxxxxxx'])
})

it('after endWriting the peer sees the end, and may go on sending', async () => {
  const { stream, peer } = ScriptedPeer.connect()
  const receiver = new Recorder()
  stream.setReceiver(receiver)
  stream.send('last')
  stream.endWriting()
  await peer.ended
  expect(peer.receivedText).toBe('last')
  await peer.send('still here')
  expect(receiver.calls).toContain('chunk still here')
})

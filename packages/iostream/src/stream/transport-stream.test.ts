import { expectLog } from '@tornado-ts/log/testing'
import { Duplex } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { tcpPair } from '../../test/stream-pairs.ts'
import { BaseIOStream } from './base-io-stream.ts'
import { StreamBufferFullError } from '../errors.ts'
import { memoryPair } from '../memory/memory-pair.ts'
import { ScriptedPeer } from '../memory/scripted-peer.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Resolves when the stream is closed and its close callback has run. */
function closeOf(stream: BaseIOStream): Promise<void> {
  return new Promise((resolve) => stream.setCloseCallback(resolve))
}

describe('BaseIOStream', () => {
  it('B-ios-001 has the limits it is given, or the defaults', () => {
    const [stream, peer] = memoryPair()
    expect(stream.maxBufferSize).toBe(104_857_600)
    expect(stream.maxWriteBufferSize).toBe(104_857_600)
    expect(stream.readChunkSize).toBe(65_536)
    const [small] = memoryPair({ maxBufferSize: 1000 })
    expect(small.readChunkSize).toBe(500)
    const [tiny] = memoryPair({ maxBufferSize: 1, maxWriteBufferSize: Infinity, readChunkSize: 9 })
    expect([tiny.readChunkSize, tiny.maxWriteBufferSize]).toEqual([1, Infinity])
    for (const options of [{ maxBufferSize: 0 }, { maxWriteBufferSize: -1 }, { readChunkSize: NaN }]) {
      expect(() => memoryPair(options)).toThrow(RangeError)
    }
    expect(peer.ioLoop).toBe(stream.ioLoop)
  })

  it('B-ios-001 pieces are no larger than readChunkSize', async () => {
    const { stream, peer } = ScriptedPeer.connect({ readChunkSize: 10 })
    void peer.send('x'.repeat(25)).then(() => peer.end())
    const sizes: number[] = []
    const ended = Promise.withResolvers<void>()
    stream.setReceiver({
      chunkReceived(chunk) {
        sizes.push(chunk.length)
        if (sizes.length === 1) {
          stream.pause()
          setImmediate(() => stream.resume())
        }
      },
      endReceived: ended.resolve,
      writeBufferEmptied: () => {},
      streamClosed: () => {},
    })
    await ended.promise
    expect(sizes).toEqual([10, 10, 5])
  })

  it('B-ios-012 searches a pattern again only when the buffer has doubled, or a while after bytes came', async () => {
    const { stream, peer } = ScriptedPeer.connect()
    let searches = 0
    let searched = 0
    const search = RegExp.prototype.exec
    const exec = vi.spyOn(RegExp.prototype, 'exec').mockImplementation(function (this: RegExp, subject) {
      if (this.source === 'end') {
        searches++
        searched += subject.length
      }
      return search.call(this, subject)
    })
    try {
      const read = stream.readUntilRegex(/end/)
      const size = 1 << 20
      await peer.send(Buffer.alloc(size, 'x'), { pieceSize: 256 })
      await peer.send('end')
      expect((await read).length).toBe(size + 3)
      expect(searches).toBeGreaterThan(10)
      // Looking at each of the 4096 arrivals would search 2 GiB.
      expect(searched).toBeLessThan(size * 200)
    } finally {
      exec.mockRestore()
    }
  })

  it('B-ios-012 a match in small packets is found without waiting for the buffer to double', async () => {
    const { stream, peer } = ScriptedPeer.connect()
    const read = stream.readUntilRegex(/\d+-/)
    await peer.send('a long beginning that matches nothing')
    await peer.send('12')
    await peer.send('-')
    expect(text(await read)).toBe('a long beginning that matches nothing12-')
  })

  it('B-ios-020 large buffers are handed on as they are, several pieces in one write', async () => {
    const chunks: unknown[] = []
    const transport = new Duplex({
      read() {},
      write(chunk, _encoding, callback) {
        chunks.push(chunk)
        callback()
      },
      writev(all, callback) {
        chunks.push(all.map(({ chunk }) => chunk as unknown))
        callback()
      },
    })
    const stream = new BaseIOStream(transport)
    const large = Buffer.alloc(100_000)
    await stream.write(large)
    await stream.write(['head', large, 'tail'])
    expect(chunks[0]).toBe(large)
    expect(chunks[1]).toEqual([Buffer.from('head'), large, Buffer.from('tail')])
    expect((chunks[1] as unknown[])[1]).toBe(large)
    stream.close()
  })

  it('B-ios-025 a peer that is gone is no warning, any other error of a write is', async () => {
    for (const code of ['ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EIO']) {
      using expected = expectLog('tornado.general', /^Write error on a stream: write E/, { required: false })
      const failure = Object.assign(new Error(`write ${code}`), { code, syscall: 'write' })
      const transport = new Duplex({ read() {}, write: (_chunk, _encoding, callback) => callback(failure) })
      const stream = new BaseIOStream(transport)
      const closed = closeOf(stream)
      await expect(stream.write('x')).rejects.toMatchObject({ realError: failure })
      await closed
      expect(stream.error).toBe(failure)
      expect(expected.matched).toBe(code === 'EIO' ? 1 : 0)
      expect(expected.loggedStack).toBe(false)
    }
  })

  it('B-ios-025 a reset while reading is an ordinary close whose reason is kept', async () => {
    const { stream, peer } = ScriptedPeer.connect()
    const read = stream.readUntilClose()
    await peer.send('some')
    peer.reset()
    expect(text(await read)).toBe('some')
    expect(stream.error).toMatchObject({ code: 'ECONNRESET' })
    await expect(stream.readBytes(1)).rejects.toMatchObject({ realError: { code: 'ECONNRESET' } })
    const iteration = ScriptedPeer.connect()
    iteration.peer.reset()
    const consume = async (): Promise<void> => {
      for await (const _piece of iteration.stream);
    }
    await expect(consume()).rejects.toMatchObject({ realError: { code: 'ECONNRESET' } })
  })

  it('an error in a close callback is logged', async () => {
    using expected = expectLog('tornado.application', 'Exception in callback')
    const [stream, peer] = memoryPair()
    stream.setCloseCallback(() => {
      throw new Error('in the callback')
    })
    stream.close()
    await closeOf(stream)
    expect(expected.matched).toBe(1)
    peer.close()
  })

  it('a read that makes an error of its own closes the stream and is logged', async () => {
    using expected = expectLog('tornado.application', 'Error in a read of a stream')
    const { stream, peer } = ScriptedPeer.connect()
    const read = stream.readInto(new Uint8Array(5))
    const target = vi.spyOn(Uint8Array.prototype, 'set').mockImplementationOnce(() => {
      throw new TypeError('broken')
    })
    await peer.send('hello')
    target.mockRestore()
    await expect(read).rejects.toMatchObject({ realError: { message: 'broken' } })
    expect(expected.matched).toBe(1)
  })

  it('unread bytes come before all others', async () => {
    const { stream, peer } = ScriptedPeer.connect()
    await peer.send('world')
    stream.unread(Buffer.from('hello '))
    stream.unread(Buffer.alloc(0))
    expect(text(await stream.readBytes(11))).toBe('hello world')
  })

  it('disposal closes and waits until the platform has', async () => {
    const [stream, peer] = await tcpPair()
    await stream[Symbol.asyncDispose]()
    await stream[Symbol.asyncDispose]()
    expect(stream.socket.closed).toBe(true)
    expect((await peer.readUntilClose()).length).toBe(0)
  })
})

describe('back-pressure', () => {
  it('a stream that nobody reads stops the peer when maxBufferSize is full', async () => {
    const maxBufferSize = 1 << 20
    const [stream, peer] = await tcpPair({ maxBufferSize })
    const chunk = Buffer.alloc(64 * 1024, 'x')
    const total = 64 << 20
    const before = process.memoryUsage()
    let accepted = 0
    let stalledTurns = 0
    // Loopback takes what the buffers of both kernels hold, then no more.
    while (stalledTurns < 200 && accepted < total) {
      if (peer.bufferedAmount === 0) {
        peer.send(chunk)
        accepted += chunk.length
        stalledTurns = 0
      } else stalledTurns++
      await turn()
    }
    expect(accepted).toBeLessThan(total / 2)
    const after = process.memoryUsage()
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(maxBufferSize + (4 << 20))

    let read = 0
    while (read < accepted) read += (await stream.readBytes(1 << 20, { partial: true })).length
    expect(read).toBe(accepted)
    stream.close()
    peer.close()
  })

  it('a quarter of a GiB goes through a pair in little memory', { timeout: 60_000 }, async () => {
    const [stream, peer] = await tcpPair()
    const chunk = Buffer.alloc(256 * 1024, 'tornado')
    const total = 256 << 20
    const send = async (): Promise<void> => {
      for (let sent = 0; sent < total; sent += chunk.length) await peer.write(chunk)
      peer.endWriting()
    }
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    let received = 0
    const sent = send()
    for await (const piece of stream) {
      received += piece.length
      most = Math.max(most, process.memoryUsage().arrayBuffers)
    }
    await sent
    expect(received).toBe(total)
    // What the collector has not come to yet is counted as well.
    expect(most - before).toBeLessThan(96 << 20)
    peer.close()
  })

  it('writes wait for a peer that does not read, and the stream says so', async () => {
    const [stream, peer] = await tcpPair({ maxWriteBufferSize: 8 << 20 })
    peer.pause()
    const chunk = Buffer.alloc(1 << 20)
    const write = (): void => void stream.write(chunk)
    expect(() => {
      for (let i = 0; i < 64; i++) write()
    }).toThrow(StreamBufferFullError)
    expect(stream.bufferedAmount).toBeLessThanOrEqual(8 << 20)
    peer.close()
    await closeOf(stream)
  })
})

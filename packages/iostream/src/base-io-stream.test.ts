import { expectLog } from '@tornado-ts/log/testing'
import { Duplex } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { pairs, tcpPair } from '../test/stream-pairs.ts'
import { BaseIOStream } from './base-io-stream.ts'
import { StreamBufferFullError, StreamClosedError, UnsatisfiableReadError } from './errors.ts'
import { memoryPair } from './memory-pair.ts'
import { ScriptedPeer } from './scripted-peer.ts'
import { splits } from './splits.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Resolves when the stream is closed and its close callback has run. */
function closeOf(stream: BaseIOStream): Promise<void> {
  return new Promise((resolve) => stream.setCloseCallback(resolve))
}

describe.each(pairs)('over %s', (_kind, makePair) => {
  it('B-ios-003 B-ios-004 reads resolve with bytes, through a delimiter and through a match', async () => {
    const [stream, peer] = await makePair()
    await peer.write('one\r\ntwo: 2;three\r\n\r\nrest')
    const line = await stream.readUntil('\r\n')
    expect(Buffer.isBuffer(line)).toBe(true)
    expect(text(line)).toBe('one\r\n')
    expect(text(await stream.readUntilRegex(/\d+;/))).toBe('two: 2;')
    expect(text(await stream.readUntil(Buffer.from('\r\n\r\n')))).toBe('three\r\n\r\n')
    peer.close()
    expect(text(await stream.readUntilClose())).toBe('rest')
  })

  it('B-ios-007 readBytes gives exactly so many, partial what there is, and none at once', async () => {
    const [stream, peer] = await makePair()
    expect((await stream.readBytes(0)).length).toBe(0)
    const four = stream.readBytes(4)
    await peer.write('ab')
    await peer.write('cdefg')
    expect(text(await four)).toBe('abcd')
    expect(text(await stream.readBytes(2, { partial: true }))).toBe('ef')
    expect(text(await stream.readBytes(100, { partial: true }))).toBe('g')
    const later = stream.readBytes(100, { partial: true })
    await peer.write('h')
    expect(text(await later)).toBe('h')
    expect(() => stream.readBytes(-1)).toThrow(new RangeError('Cannot read -1 bytes'))
    stream.close()
    peer.close()
  })

  it('B-ios-008 readInto fills the buffer of the caller, from what is there first', async () => {
    const [stream, peer] = await makePair()
    await peer.write('ab')
    expect(text(await stream.readBytes(1))).toBe('a')
    const target = Buffer.alloc(5)
    const filled = stream.readInto(target)
    await peer.write('cdefgh')
    expect(await filled).toBe(5)
    expect(text(target)).toBe('bcdef')
    expect(await stream.readInto(target, { partial: true })).toBe(2)
    expect(text(target)).toBe('ghdef')
    expect(await stream.readInto(Buffer.alloc(0))).toBe(0)
    const wide = new Uint16Array(3)
    const filledWide = stream.readInto(wide.subarray(1))
    await peer.write('1234')
    expect(await filledWide).toBe(4)
    expect(text(Buffer.from(wide.buffer))).toBe('\0\x001234')
    stream.close()
    peer.close()
  })

  it('B-ios-009 B-ios-010 B-ios-011 what came before the peer closed is read after', async () => {
    const [stream, peer] = await makePair()
    await peer.write('first\nsecond\nrest')
    peer.close()
    expect(text(await stream.readUntil('\n'))).toBe('first\n')
    const closed = closeOf(stream)
    expect(text(await stream.readUntil('\n'))).toBe('second\n')
    expect(text(await stream.readUntilClose())).toBe('rest')
    await closed
    expect(stream.closed()).toBe(true)
    expect((await stream.readUntilClose()).length).toBe(0)
    await expect(stream.readBytes(1)).rejects.toMatchObject({ name: 'StreamClosedError', realError: null })
  })

  it('B-ios-010 a read that can no longer be satisfied fails, and leaves the bytes to others', async () => {
    const [stream, peer] = await makePair()
    await peer.write('1234')
    peer.close()
    await expect(stream.readBytes(5)).rejects.toThrow(StreamClosedError)
    expect(stream.closed()).toBe(true)
    const target = Buffer.alloc(9)
    await expect(stream.readInto(target)).rejects.toThrow(StreamClosedError)
    target.fill('x')
    await expect(stream.readUntil('\n')).rejects.toThrow(StreamClosedError)
    expect(text(await stream.readBytes(3))).toBe('123')
    expect(text(await stream.readUntilClose())).toBe('4')
  })

  it('B-ios-002 only one read may be pending, while writes may overlap', async () => {
    const [stream, peer] = await makePair()
    const read = stream.readUntil('\n')
    expect(stream.reading()).toBe(true)
    expect(() => stream.readBytes(1)).toThrow('Already reading')
    const writes = [stream.write('a'), stream.write('b'), stream.write('c')]
    await Promise.all(writes)
    expect(text(await peer.readBytes(3))).toBe('abc')
    await peer.write('\n')
    await read
    expect(stream.reading()).toBe(false)
    const pending = stream.readBytes(1)
    stream.close()
    await expect(pending).rejects.toThrow(StreamClosedError)
    await expect(stream.readBytes(1)).rejects.toThrow(StreamClosedError)
    peer.close()
  })

  it('B-ios-005 a search that passes its limit closes the stream, even when all is buffered', async () => {
    const [late, lateWriter] = await makePair()
    const reads = [late.readUntil('\n', { maxSize: 10 })]
    await lateWriter.write('abcdef')
    await lateWriter.write('ghijkl\n')
    const [inline, inlineWriter] = await makePair()
    await inlineWriter.write('xabcdefghij\n')
    await inline.readBytes(1)
    reads.push(inline.readUntil('\n', { maxSize: 10 }))
    const [pattern, patternWriter] = await makePair()
    await patternWriter.write('xabcdefghi\n0')
    await pattern.readBytes(1)
    reads.push(pattern.readUntilRegex(/\d/, { maxSize: 10 }))
    for (const [index, stream] of [late, inline, pattern].entries()) {
      const error = await reads[index]!.catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(StreamClosedError)
      expect((error as StreamClosedError).realError).toBeInstanceOf(UnsatisfiableReadError)
      expect(stream.error).toBe((error as StreamClosedError).realError)
      expect(stream.closed()).toBe(true)
    }
    for (const writer of [lateWriter, inlineWriter, patternWriter]) writer.close()
  })

  it('B-ios-006 exactly the limit is accepted, and what follows the match does not count', async () => {
    const [stream, peer] = await makePair()
    await peer.write('123456789\n123456789\n12345678;90123456789')
    expect(text(await stream.readUntil('\n', { maxSize: 10 }))).toBe('123456789\n')
    expect(text(await stream.readUntilRegex(/\n/, { maxSize: 10 }))).toBe('123456789\n')
    expect(text(await stream.readUntil(';', { maxSize: 9 }))).toBe('12345678;')
    stream.close()
    peer.close()
  })

  it('B-ios-013 a read that needs more than the buffer holds fails and closes the stream', async () => {
    using expected = expectLog('tornado.general', 'Reached maximum read buffer size', { level: 'error' })
    const [stream, peer] = await makePair({ maxBufferSize: 10_000 })
    const read = stream.readUntil('\n')
    void peer.write(Buffer.alloc(20_000, 'x'))
    const error = (await read.catch((reason: unknown) => reason)) as StreamClosedError
    expect(error).toBeInstanceOf(StreamClosedError)
    expect(error.realError).toBeInstanceOf(StreamBufferFullError)
    expect(stream.error).toBe(error.realError)
    expect(stream.closed()).toBe(true)
    expect(expected.matched).toBe(1)
    peer.close()
  })

  it('B-ios-013 the limit itself can still be read', async () => {
    const [stream, peer] = await makePair({ maxBufferSize: 10_000 })
    await peer.write(Buffer.alloc(9_999, 'x'))
    await peer.write('\n')
    expect((await stream.readUntil('\n')).length).toBe(10_000)
    await peer.write(Buffer.alloc(10_000, 'y'))
    peer.close()
    expect((await stream.readUntilClose()).length).toBe(10_000)
  })

  it('B-ios-014 B-ios-015 a write without room, or on a closed stream, throws at once', async () => {
    const [stream, peer] = await makePair({ maxWriteBufferSize: 1000 })
    expect(() => stream.write(Buffer.alloc(1001))).toThrow(
      new StreamBufferFullError('Cannot buffer more than 1000 bytes to send'),
    )
    expect(() => stream.write(['x'.repeat(600), new Float64Array(51)])).toThrow(StreamBufferFullError)
    expect(stream.bufferedAmount).toBe(0)
    await stream.write('fits')
    stream.close()
    expect(() => stream.write('x')).toThrow(StreamClosedError)
    expect(stream.send('x')).toBe(false)
    expect(stream.sendVector(['x'])).toBe(false)
    peer.close()
  })

  it('B-ios-016 writes resolve in order, an empty one when those before it have left', async () => {
    const [stream, peer] = await makePair()
    const order: string[] = []
    const done = Promise.all([
      stream.write(Buffer.alloc(1 << 20, 'x')).then(() => order.push('large')),
      stream.write('small').then(() => order.push('small')),
      stream.write('').then(() => order.push('empty')),
      stream.write(['several', 'pieces']).then(() => order.push('vector')),
      stream.write([]).then(() => order.push('nothing')),
    ])
    expect(order).toEqual([])
    expect(text((await peer.readBytes((1 << 20) + 18)).subarray(-18))).toBe('smallseveralpieces')
    await done
    expect(order).toEqual(['large', 'small', 'empty', 'vector', 'nothing'])
    await stream.write('')
    stream.close()
    peer.close()
  })

  it('B-ios-017 a failed write that nobody waits for is silent', async () => {
    const [stream, peer] = await makePair()
    void stream.write(Buffer.alloc(1 << 24))
    const awaited = stream.write('more')
    stream.close()
    await expect(awaited).rejects.toThrow(StreamClosedError)
    peer.close()
  })

  it('B-ios-019 views of memory are written as their bytes', async () => {
    const [stream, peer] = await makePair()
    const numbers = Float64Array.of(1, 2)
    await stream.write(numbers)
    await stream.write([new DataView(numbers.buffer, 8), 'é'])
    const bytes = Buffer.from(numbers.buffer)
    expect(await peer.readBytes(26)).toEqual(Buffer.concat([bytes, bytes.subarray(8), Buffer.from('é')]))
    stream.close()
    peer.close()
  })

  it('B-ios-021 B-ios-026 closing rejects what waits, with the error, once', async () => {
    const [stream, peer] = await makePair()
    const cause = new Error('enough')
    let calls = 0
    stream.setCloseCallback(() => calls++)
    const read = stream.readBytes(1)
    const write = stream.write(Buffer.alloc(1 << 24))
    stream.close(cause)
    stream.close(new Error('another'))
    expect(stream.error).toBe(cause)
    await expect(read).rejects.toMatchObject({ name: 'StreamClosedError', realError: cause, cause })
    await expect(write).rejects.toMatchObject({ realError: cause })
    await turn()
    await turn()
    expect(calls).toBe(1)
    peer.close()
  })

  it('B-ios-022 a pending readUntilClose and a partial read are served by the close', async () => {
    const [all, allPeer] = await makePair()
    const rest = all.readUntilClose()
    await allPeer.write('all of it')
    allPeer.close()
    expect(text(await rest)).toBe('all of it')

    const [own, ownPeer] = await makePair()
    await ownPeer.write('xmine')
    await own.readBytes(1)
    const mine = own.readUntilClose()
    own.close()
    expect(text(await mine)).toBe('mine')
    ownPeer.close()
  })

  it('B-ios-023 the close callback runs once, later, after what waited was rejected', async () => {
    const [stream, peer] = await makePair()
    const order: string[] = []
    const closed = new Promise<void>((resolve) => {
      stream.setCloseCallback(() => {
        order.push('callback')
        resolve()
      })
    })
    stream.readBytes(1).catch(() => order.push('read'))
    stream.write(Buffer.alloc(1 << 24)).catch(() => order.push('write'))
    stream.signal.addEventListener('abort', () => order.push('signal'))
    stream.close()
    order.push('after close')
    await closed
    expect(order).toEqual(['signal', 'after close', 'read', 'write', 'callback'])
    stream.close()
    await turn()
    expect(order.length).toBe(5)
    await closeOf(stream)
    peer.close()
  })

  it('B-ios-023 the close is not noticed while bytes wait to be read', async () => {
    const [stream, peer] = await makePair()
    await peer.write('12')
    peer.close()
    expect(text(await stream.readBytes(1))).toBe('1')
    const callback = vi.fn<() => void>()
    stream.setCloseCallback(callback)
    for (let i = 0; i < 20; i++) await turn()
    expect(callback).not.toHaveBeenCalled()
    expect(stream.closed()).toBe(false)
    expect(text(await stream.readBytes(1))).toBe('2')
    await closeOf(stream)
  })

  it('B-ios-024 an idle stream notices that the peer closes, without a read', async () => {
    const [stream, peer] = await makePair()
    const closed = closeOf(stream)
    const gone = new Promise((resolve) => stream.signal.addEventListener('abort', resolve))
    peer.close()
    await closed
    await gone
    expect(stream.closed()).toBe(true)
    expect(stream.signal.reason).toBeInstanceOf(StreamClosedError)
  })

  it('B-ios-037 reading, writing and closed tell the state', async () => {
    const [stream, peer] = await makePair()
    expect([stream.reading(), stream.writing(), stream.closed()]).toEqual([false, false, false])
    const read = stream.readBytes(1)
    const write = stream.write(Buffer.alloc(1 << 24))
    expect([stream.reading(), stream.writing(), stream.closed()]).toEqual([true, true, false])
    stream.close()
    expect([stream.reading(), stream.closed()]).toEqual([false, true])
    await expect(read).rejects.toThrow(StreamClosedError)
    await expect(write).rejects.toThrow(StreamClosedError)
    peer.close()
  })

  it('iteration yields everything until the end, and an answer still goes out', async () => {
    const [stream, peer] = await makePair()
    const large = Buffer.alloc(300_000, 'z')
    void peer.write(large)
    peer.endWriting()
    const pieces: Buffer[] = []
    for await (const piece of stream) pieces.push(piece)
    expect(Buffer.concat(pieces)).toEqual(large)
    await stream.write(`${pieces.length > 1}`)
    expect(text(await peer.readUntilClose())).toBe('true')
    expect(() => stream.write('too late')).toThrow(StreamClosedError)
  })

  it('a read can be given up; the stream and its bytes stay', async () => {
    const [stream, peer] = await makePair()
    const controller = new AbortController()
    const target = Buffer.alloc(5)
    await peer.write('xabc')
    await stream.readBytes(1)
    const read = stream.readInto(target, { signal: controller.signal })
    controller.abort(new Error('no longer'))
    await expect(read).rejects.toThrow('no longer')
    await expect(stream.readBytes(1, { signal: controller.signal })).rejects.toThrow('no longer')
    await peer.write('d\n')
    expect(text(await stream.readUntil('\n', { signal: new AbortController().signal }))).toBe('abcd\n')
    stream.close()
    peer.close()
  })

  it('many reads of all kinds and sizes add up', async () => {
    const [stream, peer] = await makePair({ maxBufferSize: 100_000 })
    const lines = Array.from({ length: 2000 }, (_, i) => `${'x'.repeat((i * 37) % 300)}\n`)
    const sent = lines.map((line) => peer.write(line))
    let total = 0
    for (const [i, line] of lines.entries()) {
      const size = line.length
      if (i % 4 === 0) expect(text(await stream.readUntil('\n'))).toBe(line)
      else if (i % 4 === 1) expect(text(await stream.readBytes(size))).toBe(line)
      else if (i % 4 === 2) expect(text(await stream.readUntilRegex(/\n/))).toBe(line)
      else {
        const target = Buffer.alloc(size)
        expect(await stream.readInto(target)).toBe(size)
        expect(text(target)).toBe(line)
      }
      total += size
    }
    expect(total).toBe(lines.join('').length)
    await Promise.all(sent)
    stream.close()
    peer.close()
  })
})

describe('however the bytes are cut', () => {
  const message = 'GET /\r\nHost: a\r\n\r\n12345'
  const reads: readonly [
    name: string,
    read: (stream: BaseIOStream) => Promise<Uint8Array>,
    wanted: string,
  ][] = [
    ['readUntil', (stream) => stream.readUntil('\r\n\r\n'), 'GET /\r\nHost: a\r\n\r\n'],
    [
      'readUntil with a limit',
      (stream) => stream.readUntil('\n\r\n', { maxSize: 18 }),
      'GET /\r\nHost: a\r\n\r\n',
    ],
    ['readUntilRegex', (stream) => stream.readUntilRegex(/\r?\n\r?\n/), 'GET /\r\nHost: a\r\n\r\n'],
    ['readBytes', (stream) => stream.readBytes(7), 'GET /\r\n'],
  ]
  for (const [name, read, wanted] of reads) {
    it(`${name} gives the same`, async () => {
      for (const pieces of splits(message)) {
        const { stream, peer } = ScriptedPeer.connect()
        const result = read(stream)
        void peer.send(pieces).then(() => peer.end())
        expect(text(await result)).toBe(wanted)
        expect(text(await stream.readUntilClose())).toBe(message.slice(wanted.length))
      }
    })
  }

  it('B-ios-005 the limit is kept to', async () => {
    for (const pieces of splits('0123456789\n')) {
      const { stream, peer } = ScriptedPeer.connect()
      const result = stream.readUntil('\n', { maxSize: 10 })
      void peer.send(pieces)
      await expect(result).rejects.toMatchObject({ realError: { name: 'UnsatisfiableReadError' } })
      const other = ScriptedPeer.connect()
      const match = other.stream.readUntilRegex(/\n/, { maxSize: 10 })
      void other.peer.send(pieces)
      await expect(match).rejects.toMatchObject({ realError: { name: 'UnsatisfiableReadError' } })
    }
  })

  it('a message cut short is told from one that is not', async () => {
    for (let size = 0; size < message.length; size++) {
      const { stream, peer } = ScriptedPeer.connect()
      void peer.send(message.slice(0, size)).then(() => peer.end())
      const read = stream.readBytes(message.length)
      await expect(read).rejects.toMatchObject({ name: 'StreamClosedError', realError: null })
      expect(text(await stream.readUntilClose())).toBe(message.slice(0, size))
    }
  })
})

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

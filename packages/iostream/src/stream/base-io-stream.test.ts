import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it, vi } from 'vitest'
import { pairs } from '../../test/stream-pairs.ts'
import { BaseIOStream } from './base-io-stream.ts'
import { StreamBufferFullError, StreamClosedError, UnsatisfiableReadError } from '../errors.ts'

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
    using logged = expectLog('tornado.general', 'Unsatisfiable read, closing connection', { level: 'info' })
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
    expect(logged.matched).toBe(3)
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

  it('a limit that is no number is refused, rather than being none', async () => {
    const [stream, peer] = await makePair()
    for (const maxSize of [Number.NaN, -1, 'ten' as unknown as number]) {
      expect(() => stream.readUntil('\n', { maxSize })).toThrow(RangeError)
      expect(() => stream.readUntilRegex(/\n/, { maxSize })).toThrow(RangeError)
    }
    expect(stream.reading()).toBe(false)
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

    for (const [read, served] of [
      [(stream: BaseIOStream) => stream.readBytes(100, { partial: true }), 'end\n'],
      [(stream: BaseIOStream) => stream.readUntil('\n'), 'end\n'],
      [(stream: BaseIOStream) => stream.readBytes(3), 'end'],
    ] as const) {
      const [reader, writer] = await makePair()
      const pending = read(reader)
      void writer.write('end\n')
      writer.close()
      expect(text(await pending)).toBe(served)
      reader.close()
    }
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

import { describe, expect, it } from 'vitest'
import { ByteQueue } from './byte-queue.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const bytes = (value: string): Buffer => Buffer.from(value, 'latin1')

function queueOf(...chunks: string[]): ByteQueue {
  const queue = new ByteQueue()
  for (const chunk of chunks) queue.push(bytes(chunk))
  return queue
}

describe('ByteQueue', () => {
  it('gives back what was pushed, in order, across chunks', () => {
    const queue = queueOf('hel', 'lo wor', 'ld')
    expect(queue.length).toBe(11)
    expect(text(queue.take(5))).toBe('hello')
    expect(text(queue.takeAll())).toBe(' world')
    expect(queue.length).toBe(0)
  })

  it('takes from one large chunk without a copy', () => {
    const chunk = Buffer.alloc(1000, 'x')
    const queue = new ByteQueue()
    queue.push(chunk)
    const part = queue.take(600)
    expect(part.buffer).toBe(chunk.buffer)
    expect(part.byteOffset).toBe(chunk.byteOffset)
    expect(queue.take(400).byteOffset).toBe(chunk.byteOffset + 600)
  })

  it('accepts any Uint8Array, views included', () => {
    const backing = Uint8Array.from([1, 2, 3, 4, 5])
    const queue = new ByteQueue()
    queue.push(backing.subarray(1, 4))
    expect([...queue.takeAll()]).toEqual([2, 3, 4])
  })

  it('copies small chunks, so the bytes given back do not change with a reused buffer', () => {
    const queue = queueOf('first')
    const reused = bytes('second')
    queue.push(reused)
    reused.fill(0)
    expect(text(queue.takeAll())).toBe('firstsecond')
  })

  it('keeps what was taken intact when more small chunks arrive', () => {
    const queue = queueOf('ab', 'cd', 'ef')
    const taken = queue.take(4)
    queue.push(bytes('ghij'))
    expect(text(taken)).toBe('abcd')
    expect(text(queue.takeAll())).toBe('efghij')
  })

  it('puts bytes back in front, whatever was taken or comes later', () => {
    const queue = queueOf('abc', 'd'.repeat(600), 'ef')
    queue.skip(1)
    queue.unshift(bytes('x'))
    queue.unshift(bytes(''))
    queue.push(bytes('gh'))
    expect(queue.length).toBe(607)
    expect(text(queue.take(3))).toBe('xbc')
    queue.skip(600)
    queue.unshift(bytes('12'))
    expect(text(queue.takeAll())).toBe('12efgh')
    queue.unshift(bytes('again'))
    queue.push(bytes('!'))
    expect(text(queue.peek(6))).toBe('again!')
    expect(queue.indexOf(bytes('n!'))).toBe(4)
  })

  it('refuses to take or skip more than it holds', () => {
    const queue = queueOf('abc')
    expect(() => queue.take(4)).toThrow(new RangeError('Cannot take 4 bytes from a queue of 3'))
    expect(() => queue.skip(-1)).toThrow(RangeError)
    expect(() => queue.peek(4)).toThrow(RangeError)
    expect(queue.length).toBe(3)
  })

  it('finds a delimiter wherever chunks are cut', () => {
    const whole = 'key: value\r\nnext\r\n\r\nbody'
    for (let i = 0; i <= whole.length; i++) {
      for (let j = i; j <= whole.length; j++) {
        const queue = queueOf(whole.slice(0, i), whole.slice(i, j), whole.slice(j))
        expect(queue.indexOf(bytes('\r\n\r\n'))).toBe(16)
        expect(queue.indexOf(bytes('\r\n'), 11)).toBe(16)
        expect(queue.indexOf(bytes('\r\n'), 17)).toBe(18)
        expect(queue.indexOf(bytes('nope'))).toBe(-1)
      }
    }
  })

  it('finds a delimiter after part of the queue was taken', () => {
    const queue = queueOf('abc', 'd'.repeat(600), 'e|f')
    queue.skip(2)
    expect(queue.indexOf(bytes('de|'))).toBe(600)
    expect(queue.indexOf(bytes('c'))).toBe(0)
    expect(queue.indexOf(bytes(''), 5)).toBe(5)
  })

  it('peeks across chunks and leaves the bytes where they are', () => {
    const queue = queueOf('a'.repeat(600), 'b'.repeat(600), 'c'.repeat(600))
    queue.skip(500)
    expect(text(queue.peek(150))).toBe('a'.repeat(100) + 'b'.repeat(50))
    expect(queue.length).toBe(1300)
    queue.push(bytes('tail'))
    expect(text(queue.takeAll())).toBe('a'.repeat(100) + 'b'.repeat(600) + 'c'.repeat(600) + 'tail')
  })

  it('fills a target as far as there are bytes', () => {
    const queue = queueOf('abc', 'd'.repeat(600))
    const target = new Uint8Array(5)
    expect(queue.takeInto(target)).toBe(5)
    expect(text(target)).toBe('abcdd')
    expect(queue.takeInto(new Uint8Array(1000))).toBe(598)
    expect(queue.takeInto(target)).toBe(0)
  })

  it('gives chunks as they came, cut to a size', () => {
    const queue = new ByteQueue()
    queue.push(Buffer.alloc(600, 'a'))
    queue.push(Buffer.alloc(700, 'b'))
    expect(queue.takeChunk(500).length).toBe(500)
    expect(queue.takeChunk().length).toBe(100)
    expect(queue.takeChunk().length).toBe(700)
    expect(queue.takeChunk().length).toBe(0)
  })

  it('reads single bytes by position', () => {
    const queue = queueOf('ab', 'cd')
    queue.skip(1)
    expect([queue.at(-1), queue.at(0), queue.at(1), queue.at(2), queue.at(3)]).toEqual([-1, 98, 99, 100, -1])
  })

  it('behaves as one string under random pushes, takes, peeks and searches', () => {
    let seed = 12345
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return seed % below
    }
    let model = ''
    const queue = new ByteQueue()
    for (let step = 0; step < 20_000; step++) {
      const action = random(7)
      if (action === 6) {
        const piece = String.fromCharCode(97 + random(3)).repeat(random(5))
        model = piece + model
        queue.unshift(bytes(piece))
      } else if (action <= 1) {
        const piece = String.fromCharCode(97 + random(3)).repeat(random(10) === 0 ? random(2000) : random(5))
        model += piece
        queue.push(bytes(piece))
      } else if (action === 2) {
        const size = Math.min(model.length, random(20) === 0 ? random(3000) : random(6))
        expect(text(queue.take(size))).toBe(model.slice(0, size))
        model = model.slice(size)
      } else if (action === 3) {
        const size = Math.min(model.length, random(900))
        expect(text(queue.peek(size))).toBe(model.slice(0, size))
      } else if (action === 4) {
        const from = random(model.length + 1)
        expect(queue.indexOf(bytes('abc'), from)).toBe(model.indexOf('abc', from))
      } else {
        const size = Math.min(model.length, random(4))
        queue.skip(size)
        model = model.slice(size)
      }
      expect(queue.length).toBe(model.length)
    }
    expect(text(queue.takeAll())).toBe(model)
    queue.push(bytes('x'))
    queue.clear()
    expect(queue.length).toBe(0)
    expect(queue.takeAll().length).toBe(0)
  })

  it('holds a million one-byte chunks in about a million bytes', () => {
    const queue = new ByteQueue()
    const one = Buffer.from('x')
    const before = process.memoryUsage()
    for (let i = 0; i < 1_000_000; i++) queue.push(one)
    const after = process.memoryUsage()
    expect(queue.length).toBe(1_000_000)
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(3_000_000)
    expect(queue.takeAll().length).toBe(1_000_000)
  })
})

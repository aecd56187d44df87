import { describe, expect, it } from 'vitest'
import { constants, zstdCompressSync } from 'node:zlib'
import { splits } from '../test/decoding.ts'
import { ZstdFrames } from './zstd-frames.ts'

const checked = zstdCompressSync('a check sum follows', { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
const plain = zstdCompressSync('x'.repeat(500))
const large = zstdCompressSync(Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) % 251)))
const empty = zstdCompressSync('')
const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')])
const emptySkippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0])

/** The frames that were found, and whether nothing is left over. */
function framesOf(chunks: readonly Buffer[]): { sizes: number[]; complete: boolean } {
  const frames = new ZstdFrames()
  const sizes: number[] = []
  let size = 0
  for (const chunk of chunks) {
    const pieces = frames.split(chunk)
    expect(Buffer.concat(pieces)).toEqual(chunk)
    pieces.forEach((piece, index) => {
      size += piece.length
      if (index === pieces.length - 1 && !frames.complete) return
      sizes.push(size)
      size = 0
    })
  }
  return { sizes, complete: frames.complete }
}

describe('ZstdFrames', () => {
  it('finds the end of each frame, however the bytes come', () => {
    const all = [checked, plain, empty, skippable, emptySkippable, checked]
    const sizes = all.map(({ length }) => length)
    for (const chunks of splits(Buffer.concat(all)))
      expect(framesOf(chunks)).toEqual({ sizes, complete: true })
  })

  it('passes over blocks of every size', () => {
    expect(framesOf([Buffer.concat([large, plain])])).toEqual({
      sizes: [large.length, plain.length],
      complete: true,
    })
  })

  it('knows every truncation', () => {
    for (const frame of [checked, plain, empty, skippable]) {
      for (let size = 1; size < frame.length; size++) {
        expect(framesOf([plain, frame.subarray(0, size)]).complete, `${size} bytes`).toBe(false)
      }
    }
  })

  it('leaves what is no frame in one piece', () => {
    const frames = new ZstdFrames()
    const junk = Buffer.from('junk that is no frame')
    expect(frames.split(Buffer.concat([plain, junk]))).toEqual([plain, junk])
    expect(frames.split(plain)).toEqual([plain])
    expect(frames.complete).toBe(false)
  })

  it('takes 10,000 frames and no more', () => {
    const frames = new ZstdFrames()
    expect(frames.split(Buffer.concat(Array<Buffer>(10_000).fill(empty)))).toHaveLength(10_000)
    expect(() => frames.split(empty)).toThrow(RangeError)
  })
})

import { expect, it } from 'vitest'
import { expectLinearTime } from '../../../scripts/vitest/linear-time.ts'
import { ByteQueue } from './byte-queue.ts'

const end = Buffer.from('\r\n\r\n')

it('a search that is resumed with each small chunk takes time in proportion to the bytes', () => {
  expectLinearTime('abcdefgh', (input) => {
    const queue = new ByteQueue()
    let from = 0
    for (let at = 0; at < input.length; at += 8) {
      queue.push(Buffer.from(input.slice(at, at + 8)))
      expect(queue.indexOf(end, from)).toBe(-1)
      from = Math.max(0, queue.length - end.length + 1)
    }
  })
})

it('a search that begins anywhere finds what one from the beginning finds', () => {
  for (const skipped of [0, 1, 3]) {
    const queue = new ByteQueue()
    for (const chunk of ['ab', 'cabcab', 'x', 'cab', 'abcabc']) queue.push(Buffer.from(chunk))
    queue.skip(skipped)
    const text = 'abcabcabxcababcabc'.slice(skipped)
    for (let from = 0; from <= text.length; from++) {
      for (const needle of ['abc', 'x', 'bxc', 'cab', 'no']) {
        expect([needle, from, queue.indexOf(Buffer.from(needle), from)]).toEqual([
          needle,
          from,
          text.indexOf(needle, from),
        ])
      }
    }
  }
})

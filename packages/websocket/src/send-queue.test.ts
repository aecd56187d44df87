import { expect, it } from 'vitest'
import { sendBudget } from './send-limits.ts'
import { SendQueue, type Queued } from './send-queue.ts'

const item = (frame: string): Queued => ({ frame, message: frame, opcode: 1, size: frame.length })

function framesOf(queue: SendQueue): unknown[] {
  const frames: unknown[] = []
  for (; queue.head !== undefined; queue.shift()) frames.push(queue.head.frame)
  return frames
}

it('makes room by dropping the oldest, but not the one that is being compressed', () => {
  for (const compressing of [false, true]) {
    const queue = new SendQueue()
    queue.compressing = compressing
    for (let number = 0; number < 5000; number++) queue.push(item(String(number).padStart(10)))
    queue.makeRoom(30, 50_000)
    expect(queue.size).toBe(49_970)
    const kept = framesOf(queue).map(Number)
    expect(kept.slice(0, 3)).toEqual(compressing ? [0, 4, 5] : [3, 4, 5])
    expect([kept.length, kept.at(-1)]).toEqual([4997, 4999])
    expect([queue.isEmpty, queue.size, sendBudget.queuedSize]).toEqual([true, 0, 0])
  }
})

it('keeps the order while it is filled, emptied and made room in by turns', () => {
  const queue = new SendQueue()
  const expected: number[] = []
  let next = 0
  for (let round = 0; round < 3000; round++) {
    for (let times = round % 4; times >= 0; times--) {
      expected.push(next)
      queue.push(item(String(next++).padStart(10)))
    }
    if (round % 7 === 0 && expected.length > 1) {
      queue.makeRoom(10, queue.size)
      expected.shift()
    }
    expect(Number(queue.head?.frame)).toBe(expected.shift())
    queue.shift()
  }
  expect(framesOf(queue).map(Number)).toEqual(expected)
})

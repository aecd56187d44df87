import { expect, it } from 'vitest'
import { ReadBuffers } from './read-buffers.ts'

it('uses one buffer as long as nobody needs what it holds', () => {
  const buffers = new ReadBuffers()
  const { current } = buffers
  expect([current.length, current.buffer.byteLength]).toEqual([65_536, 65_536])
  expect(buffers.current).toBe(current)
})

it('a buffer that was lent comes back when it is done with, and not before', () => {
  const buffers = new ReadBuffers()
  const first = buffers.current
  let isDone = false
  buffers.lend(() => isDone)
  const second = buffers.current
  expect(second).not.toBe(first)
  buffers.lend(() => false)
  const third = buffers.current
  expect([first, second]).not.toContain(third)
  isDone = true
  buffers.lend(() => false)
  expect(buffers.current).toBe(first)
})

it('does not hold on to buffers that nobody gives back', () => {
  const buffers = new ReadBuffers()
  const asked: number[] = []
  for (let i = 0; i < 10; i++) {
    buffers.lend(() => {
      asked.push(i)
      return false
    })
  }
  asked.length = 0
  buffers.lend(() => true)
  expect(asked).toEqual([6, 7, 8, 9])
})

import { expect, it } from 'vitest'
import { WaitIterator } from './wait-iterator.ts'

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const result of results) collected.push(result)
  return collected
}

it('B-gen-013 gives results in the order they come, with position and source of each', async () => {
  const [a, b, c] = [
    Promise.withResolvers<string>(),
    Promise.withResolvers<string>(),
    Promise.withResolvers<string>(),
  ]
  const results = new WaitIterator(a.promise, b.promise, c.promise)
  expect(results.currentIndex).toBeNull()
  expect(results.currentFuture).toBeNull()

  c.resolve('c')
  await expect(results.next()).resolves.toBe('c')
  expect(results.currentIndex).toBe(2)
  expect(results.currentFuture).toBe(c.promise)

  const next = results.next()
  a.resolve('a')
  await expect(next).resolves.toBe('a')
  expect(results.currentIndex).toBe(0)
  expect(results.done()).toBe(false)

  b.resolve('b')
  await expect(results.next()).resolves.toBe('b')
  expect(results.currentIndex).toBe(1)
  expect(results.done()).toBe(true)
  expect(results.currentIndex).toBeNull()
  expect(results.currentFuture).toBeNull()
})

it('B-gen-013 tells the keys of an object, as an async iterator', async () => {
  const slow = Promise.withResolvers<number>()
  const results = new WaitIterator({ slow: slow.promise, fast: Promise.resolve(1) })
  const seen: unknown[] = []
  for await (const result of results) {
    seen.push([results.currentIndex, result])
    slow.resolve(2)
  }
  expect(seen).toEqual([
    ['fast', 1],
    ['slow', 2],
  ])
})

it('B-gen-013 throws the error of one where its result would be, and goes on', async () => {
  const results = new WaitIterator(Promise.reject(new Error('one of them')), Promise.resolve('the other'))
  await expect(collect(results)).rejects.toThrow('one of them')
  expect(results.currentIndex).toBe(0)
  await expect(collect(results)).resolves.toEqual(['the other'])
  expect(results.done()).toBe(true)
})

it('B-gen-013 refuses a mixture, and what is no promise', () => {
  expect(() => new WaitIterator(Promise.resolve(1), { a: Promise.resolve(1) } as never)).toThrow(TypeError)
  expect(() => new WaitIterator({ a: 1 } as never)).toThrow(TypeError)
  expect(() => new WaitIterator(null as never)).toThrow(TypeError)
})

it('is done at once when empty, and says so when asked for more', async () => {
  const results = new WaitIterator()
  expect(results.done()).toBe(true)
  await expect(results.next()).rejects.toThrow(RangeError)
  await expect(collect(results)).resolves.toEqual([])
})

it('serves several who ask at once in their order', async () => {
  const [a, b] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()]
  const results = new WaitIterator(a.promise, b.promise)
  const asked = Promise.all([results.next(), results.next()])
  b.resolve('b')
  a.resolve('a')
  await expect(asked).resolves.toEqual(['b', 'a'])
})

it('gives very many results, one after the other, without looking at all of them each time', async () => {
  const futures = Array.from({ length: 200_000 }, (_, index) => Promise.resolve(index))
  let sum = 0
  for await (const index of new WaitIterator(Object.fromEntries(futures.entries()))) sum += index
  expect(sum).toBe((200_000 * 199_999) / 2)
})

import { createHash } from 'node:crypto'
import { stat, utimes } from 'node:fs/promises'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterEach, expect, it, vi } from 'vitest'
import { longAgo, makeFileTree } from '../../test/file-tree.ts'
import { RootGuard } from './root-guard.ts'
import { isSameState, StaticFileCache, type StaticFileCacheOptions } from './static-file-cache.ts'
import { versionOfFileSync } from './static-version.ts'

const sha512 = (content: string | Uint8Array): string => createHash('sha512').update(content).digest('hex')

function makeCache(options: Partial<StaticFileCacheOptions> = {}): StaticFileCache {
  return new StaticFileCache({
    cacheSize: 1000,
    maxFileSize: 100,
    versionOf: null,
    versionOfSync: versionOfFileSync,
    ...options,
  })
}

/** Files were changed long before they are read: nothing waits for that. */
function readLater(): void {
  const now = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => now() + 60_000)
}

afterEach(() => void vi.restoreAllMocks())

it('keeps small files in memory and the versions of all, until they change', async () => {
  readLater()
  await using tree = await makeFileTree()
  const small = await tree.write('small', 'a'.repeat(100))
  const large = await tree.write('large', 'b'.repeat(101))
  const cache = makeCache()
  const first = await cache.get(small, await stat(small), null)
  expect(first).toMatchObject({ content: 'a'.repeat(100), version: sha512('a'.repeat(100)) })
  expect(cache.get(small, await stat(small), null)).toBe(first)
  const other = await cache.get(large, await stat(large), null)
  expect(other).toMatchObject({ content: null, version: sha512('b'.repeat(101)) })
  expect(cache.get(large, await stat(large), null)).toBe(other)
  expect(cache.usage).toEqual({ files: 2, keptSize: 100 })
  await tree.write('small', 'c'.repeat(100))
  expect(await cache.get(small, await stat(small), null)).toMatchObject({ content: 'c'.repeat(100) })
  expect(cache.usage).toEqual({ files: 2, keptSize: 100 })
})

it('does not keep what changed just now: it might change again within the same tick of the clock', async () => {
  await using tree = await makeFileTree()
  const path = await tree.write('a', 'a')
  const cache = makeCache()
  vi.spyOn(Date, 'now').mockReturnValue((await stat(path)).ctimeMs)
  expect((await cache.get(path, await stat(path), null)).content).toBe('a')
  expect(cache.versionSync(path)).toBe(sha512('a'))
  expect(cache.usage.files).toBe(0)
})

it('is bounded: the oldest give way', async () => {
  readLater()
  await using tree = await makeFileTree()
  const cache = makeCache({ cacheSize: 250 })
  for (const name of ['a', 'b', 'c']) {
    const path = await tree.write(name, name.repeat(100))
    await cache.get(path, await stat(path), null)
  }
  expect(cache.usage).toEqual({ files: 2, keptSize: 200 })
  cache.clear()
  expect(cache.usage).toEqual({ files: 0, keptSize: 0 })
})

it('CVE-2026-21717 keeps nothing of names that lead nowhere, however many are asked for', async () => {
  await using tree = await makeFileTree()
  const path = await tree.write('a', 'a')
  const stats = await stat(path)
  const cache = makeCache()
  const missing = Array.from({ length: 100 }, (_, index) => `${path}${index}`)
  for (const each of missing)
    await expect(cache.get(each, stats, null)).rejects.toMatchObject({ statusCode: 404 })
  expect(cache.usage.files).toBe(0)
})

it('reads and hashes once for all who want a file at the same time', async () => {
  readLater()
  await using tree = await makeFileTree()
  const path = await tree.write('big', 'x'.repeat(1_000_000))
  let hashed = 0
  const cache = makeCache({
    versionOf: (each) => {
      hashed++
      return versionOfFileSync(each)
    },
  })
  const stats = await stat(path)
  const files = await Promise.all(Array.from({ length: 20 }, async () => await cache.get(path, stats, null)))
  expect(new Set(files).size).toBe(1)
  expect(hashed).toBe(1)
})

it('other work goes on while a large file is hashed', async () => {
  await using tree = await makeFileTree()
  const content = Buffer.alloc(5_000_000, 'x')
  const path = await tree.write('big', content)
  let turns = 0
  let done = false
  const turn = (): void => {
    turns++
    if (!done) setImmediate(turn)
  }
  setImmediate(turn)
  expect((await makeCache().get(path, await stat(path), null)).version).toBe(sha512(content))
  done = true
  expect(turns).toBeGreaterThan(3)
})

it('asks each guard by itself', async () => {
  readLater()
  await using tree = await makeFileTree()
  const path = await tree.write('a', 'a')
  const cache = makeCache()
  const guard = new RootGuard(tree.root, [])
  const stats = await stat(path)
  const file = await cache.get(path, stats, guard)
  expect(cache.get(path, stats, new RootGuard(tree.root, []))).toBe(file)
  const elsewhere = new RootGuard(`${tree.root}/sub`, [])
  await expect(cache.get(path, stats, elsewhere)).rejects.toMatchObject({ statusCode: 403 })
})

it('a file that changes all the time has content but no version', async () => {
  readLater()
  await using tree = await makeFileTree()
  const path = await tree.write('a', 'a')
  let changes = 0
  const cache = makeCache({
    versionOf: async (each) => {
      await utimes(each, longAgo, new Date(longAgo.getTime() + ++changes * 1000))
      return 'v'
    },
  })
  const file = await cache.get(path, await stat(path), null)
  expect([file.version, file.content, changes, cache.usage.files]).toEqual([null, null, 3, 0])
  expect(isSameState(file.stats, await stat(path))).toBe(true)
})

it('B-static-002 a version that cannot be told is logged, and is null', async () => {
  await using tree = await makeFileTree()
  const path = await tree.write('a', 'a')
  const cache = makeCache({ versionOf: () => Promise.reject(new Error('no')) })
  using expected = expectLog(genLog, /Could not open static file ".*a"/)
  expect((await cache.get(path, await stat(path), null)).version).toBeNull()
  expect(expected.matched).toBe(1)
})

it('versionSync knows what get has read, and the other way round', async () => {
  readLater()
  await using tree = await makeFileTree()
  const path = await tree.write('a', 'a'.repeat(200))
  let read = 0
  const versionOfSync = (each: string): string => {
    read++
    return versionOfFileSync(each)
  }
  const cache = makeCache({ versionOfSync })
  const version = cache.versionSync(path)
  expect([version, cache.versionSync(path), read]).toEqual([sha512('a'.repeat(200)), version, 1])
  expect((await cache.get(path, await stat(path), null)).version).toBe(version)
  cache.clear()
  await cache.get(path, await stat(path), null)
  expect([cache.versionSync(path), read]).toEqual([version, 1])
})

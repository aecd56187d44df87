import type { SpooledFile } from '@tornado-ts/httputil'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { SpooledBody } from './spooled-body.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spooled-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const piece = Buffer.alloc(100_000, 'x')

it.each([1, 5])('hands over a body of %d pieces with its size, and leaves no file', async (pieces) => {
  const seen = Promise.withResolvers<[size: number, files: number, read: number]>()
  const body = new SpooledBody(150_000, {
    async bodyComplete(file: SpooledFile) {
      const files = readdirSync(folder).length
      seen.resolve([file.size, files, (await file.bytes()).length])
    },
    bodyFailed: seen.reject,
  })
  for (let i = 0; i < pieces; i++) await body.write(piece)
  body.end()
  expect(await seen.promise).toEqual([pieces * 100_000, pieces === 1 ? 0 : 1, pieces * 100_000])
  await vi.waitUntil(() => readdirSync(folder).length === 0)
})

it('is forgotten when the client goes, and its file with it', async () => {
  const bodyComplete = vi.fn<() => Promise<void>>()
  const bodyFailed = vi.fn<() => void>()
  const body = new SpooledBody(1000, { bodyComplete, bodyFailed })
  await body.write(piece)
  await vi.waitUntil(() => readdirSync(folder).length === 1)
  body.cancel()
  await body.write(piece)
  body.end()
  await vi.waitUntil(() => readdirSync(folder).length === 0)
  expect([bodyComplete, bodyFailed].map((each) => each.mock.calls.length)).toEqual([0, 0])
})

it('tells when it cannot be kept, and takes no more', async () => {
  vi.stubEnv('TMPDIR', join(folder, 'missing'))
  const failed = Promise.withResolvers<Error>()
  const body = new SpooledBody(1000, { bodyComplete: () => Promise.resolve(), bodyFailed: failed.resolve })
  await body.write(piece)
  expect(await failed.promise).toMatchObject({ code: 'ENOENT' })
  await body.write(piece)
  body.end()
})

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { HTTPInputError } from '../errors.ts'
import { parseMultipartStream } from './multipart-stream.ts'
import { spool } from './spool.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'spool-test-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

async function* chunks(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < count; n++) yield Buffer.alloc(size, n)
}

async function readAll(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of source) all.push(chunk)
  return Buffer.concat(all)
}

const wanted = Buffer.concat(Array.from({ length: 10 }, (_, n) => Buffer.alloc(100, n)))

describe('spool', () => {
  it('keeps what is small in memory', async () => {
    await using file = await spool(chunks(10, 100), { directory, maxMemorySize: 1000 })
    expect([file.size, file.path, await readdir(directory)]).toEqual([1000, null, []])
    expect([Buffer.from(await file.bytes()).equals(wanted), (await readAll(file)).equals(wanted)]).toEqual([
      true,
      true,
    ])
  })

  it('puts what is larger into a file of this user alone, and deletes it in the end', async () => {
    {
      await using file = await spool(chunks(10, 100), { directory, maxMemorySize: 999 })
      expect(file.path?.startsWith(directory)).toBe(true)
      expect((await stat(file.path!)).mode & 0o777).toBe(0o600)
      expect((await readFile(file.path!)).equals(wanted)).toBe(true)
      expect([(await readAll(file)).equals(wanted), (await readAll(file)).equals(wanted)]).toEqual([
        true,
        true,
      ])
    }
    expect(await readdir(directory)).toEqual([])
  })

  it('takes nothing at all', async () => {
    await using file = await spool(chunks(0, 1), { directory })
    expect([file.size, (await file.bytes()).length, (await readAll(file)).length]).toEqual([0, 0, 0])
  })

  it.each([0, 10_000])('saves, with %i bytes of memory', async (maxMemorySize) => {
    const path = join(directory, 'saved')
    const copy = join(directory, 'copy')
    await writeFile(path, 'replaced')
    {
      await using file = await spool(chunks(10, 100), { directory, maxMemorySize })
      await file.saveAs(path)
      expect(file.path).toBe(path)
      expect((await readAll(file)).equals(wanted)).toBe(true)
      await file.saveAs(copy)
    }
    expect(await readdir(directory)).toEqual(['copy', 'saved'])
    expect([(await readFile(path)).equals(wanted), (await readFile(copy)).equals(wanted)]).toEqual([
      true,
      true,
    ])
  })

  it('leaves nothing behind when the source fails or is too large', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* chunks(10, 100)
      throw new Error('connection lost')
    }
    await expect(spool(failing(), { directory, maxMemorySize: 10 })).rejects.toThrow('connection lost')
    const tooLarge = spool(chunks(10, 100), { directory, maxMemorySize: 10, maxSize: 999 })
    await expect(tooLarge).rejects.toMatchObject({ name: 'HTTPInputError', status: 413 })
    expect(await readdir(directory)).toEqual([])
  })

  it('fails where no file can be made', async () => {
    const nowhere = join(directory, 'missing')
    await expect(spool(chunks(1, 10), { directory: nowhere, maxMemorySize: 1 })).rejects.toThrow('ENOENT')
  })

  it('cannot be used after it was disposed of', async () => {
    const file = await spool(chunks(10, 100), { directory, maxMemorySize: 10 })
    await file[Symbol.asyncDispose]()
    await file[Symbol.asyncDispose]()
    await expect(file.bytes()).rejects.toThrow(TypeError)
    await expect(readAll(file)).rejects.toThrow(TypeError)
    await expect(file.saveAs(join(directory, 'x'))).rejects.toThrow(TypeError)
  })

  it('takes a part of a form, and leaves no file of a body cut short', async () => {
    const head = '--B\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    const type = 'multipart/form-data; boundary=B'
    async function* body(end: string): AsyncGenerator<Uint8Array> {
      yield Buffer.from(head)
      yield* chunks(10, 100)
      yield Buffer.from(end)
    }
    for await (const part of parseMultipartStream(type, body('\r\n--B--'))) {
      await using file = await part.spool({ directory, maxMemorySize: 10 })
      expect((await file.bytes()).length).toBe(1000)
    }
    const cut = async (): Promise<void> => {
      for await (const part of parseMultipartStream(type, body('\r\n--B')))
        await part.spool({ directory, maxMemorySize: 10 })
    }
    await expect(cut()).rejects.toThrow(HTTPInputError)
    expect(await readdir(directory)).toEqual([])
  })
})

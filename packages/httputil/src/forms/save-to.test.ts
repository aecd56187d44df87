import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseMultipartStream } from './multipart-stream.ts'
import { saveTo } from './save-to.ts'
import type { SpooledFile } from './spool.ts'

const type = 'multipart/form-data; boundary=B'
const head = '--B\r\nContent-Disposition: form-data; name="f"; filename="../../f"\r\n\r\n'

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

describe('saveTo', () => {
  let directory: string
  beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'save-to-'))))
  afterEach(() => rm(directory, { recursive: true }))

  it('writes a part to a file of its own, in place of what was there', async () => {
    const path = join(directory, 'saved')
    await writeFile(path, 'old')
    for await (const part of parseMultipartStream(type, pieces(head, 'one', 'two', '\r\n--B--'))) {
      expect(await part.saveTo(path)).toBe(6)
    }
    expect(await readFile(path, 'utf8')).toBe('onetwo')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readdir(directory)).toEqual(['saved'])
  })

  it('leaves nothing, and what was there, when the source breaks off', async () => {
    const path = join(directory, 'saved')
    await writeFile(path, 'old')
    const cut = async (): Promise<void> => {
      for await (const part of parseMultipartStream(type, pieces(head, 'one'))) await part.saveTo(path)
    }
    await expect(cut()).rejects.toMatchObject({ name: 'HTTPInputError' })
    expect([await readdir(directory), await readFile(path, 'utf8')]).toEqual([['saved'], 'old'])
  })

  it('says when the file cannot be made', async () => {
    await expect(saveTo(pieces('x'), join(directory, 'no', 'such'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is told of spooled parts', async () => {
    const files: SpooledFile[] = []
    const parts = parseMultipartStream(type, pieces(head, 'one', '\r\n--B--'), {
      onSpooled: (file) => files.push(file),
    })
    for await (const part of parts) expect(files.push(await part.spool())).toBe(2)
    expect(files[0]).toBe(files[1])
  })
})

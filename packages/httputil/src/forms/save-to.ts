import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { writeAll } from './write-all.ts'

/**
 * Writes all of `source` to the file `path`, chunk by chunk, and answers how many bytes that were. The file appears when it is
 * whole, in place of one that was there; when reading or writing fails nothing is left. Only this user may read it (mode 0600).
 *
 * @param path Yours: never make it of a name that the client gave.
 */
export async function saveTo(source: AsyncIterable<Uint8Array>, path: string): Promise<number> {
  const partial = `${path}.${randomUUID()}.part`
  const file = await open(partial, 'wx', 0o600)
  try {
    let size = 0
    try {
      for await (const chunk of source) {
        await writeAll(file, chunk)
        size += chunk.length
      }
    } finally {
      await file.close()
    }
    await rename(partial, path)
    return size
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

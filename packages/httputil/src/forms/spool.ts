import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, constants, type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { HTTPInputError } from '../errors.ts'
import { writeAll } from './write-all.ts'

/** Options of {@link spool}. */
export interface SpoolOptions {
  /** Most bytes kept in memory; what is larger goes to a temporary file. @default 1_048_576 (1 MiB) */
  maxMemorySize?: number
  /** Most bytes in all; beyond it the reading fails with status 413. @default 104_857_600 (100 MiB) */
  maxSize?: number
  /** Where temporary files are made. @default os.tmpdir() */
  directory?: string
}

/**
 * Reads all of `source`, in memory while it is small and from then on into a temporary file that only this user can read.
 * Nothing is left on disk when reading fails, and nothing once the result is disposed of:
 *
 * ```ts
 * await using upload = await spool(part)
 * await upload.saveAs(newPath())
 * ```
 *
 * @throws {HTTPInputError} With status 413, beyond `maxSize`.
 */
export async function spool(
  source: AsyncIterable<Uint8Array>,
  { maxMemorySize = 1024 * 1024, maxSize = 100 * 1024 * 1024, directory = tmpdir() }: SpoolOptions = {},
): Promise<SpooledFile> {
  const chunks: Uint8Array[] = []
  let size = 0
  let path: string | null = null
  let handle: FileHandle | null = null
  try {
    for await (const chunk of source) {
      size += chunk.length
      if (size > maxSize) throw new HTTPInputError(`File is larger than ${maxSize} bytes`, { status: 413 })
      chunks.push(chunk)
      if (size <= maxMemorySize) continue
      if (handle === null) {
        path = join(directory, `tornado-ts-${randomUUID()}`)
        handle = await open(path, 'wx', 0o600)
      }
      for (const pending of chunks.splice(0)) await writeAll(handle, pending)
    }
    await handle?.close()
  } catch (error) {
    await handle?.close()
    if (handle !== null) await rm(path!, { force: true })
    throw error
  }
  return new SpooledFile(path === null ? Buffer.concat(chunks) : null, path, size)
}

/** What {@link spool} has read: bytes in memory or a temporary file, until it is disposed of. */
export class SpooledFile implements AsyncIterable<Uint8Array>, AsyncDisposable {
  /** In bytes. */
  readonly size: number
  readonly #memory: Uint8Array | null
  #path: string | null
  #state: 'temporary' | 'saved' | 'disposed' = 'temporary'

  /** Made by {@link spool}. */
  constructor(memory: Uint8Array | null, path: string | null, size: number) {
    this.#memory = memory
    this.#path = path
    this.size = size
  }

  /** Where the file is: `null` while it is in memory alone. */
  get path(): string | null {
    return this.#path
  }

  /** All of it in memory. */
  async bytes(): Promise<Uint8Array> {
    this.#check()
    return this.#memory ?? (await readFile(this.#path!))
  }

  /** Its bytes in chunks, from the beginning each time. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#check()
    if (this.#memory === null) yield* createReadStream(this.#path!)
    else if (this.size > 0) yield this.#memory
  }

  /**
   * Moves the file to `path`, replacing what is there; it then outlives this object. Only this user may read it (mode 0600).
   *
   * @param path Yours: never make it of a name that the client gave.
   */
  async saveAs(path: string): Promise<void> {
    this.#check()
    if (this.#memory !== null && this.#state === 'temporary') {
      await writeFile(path, this.#memory, { mode: 0o600 })
    } else if (this.#state === 'temporary') {
      await move(this.#path!, path)
    } else {
      await copyFile(this.#path!, path)
      return
    }
    this.#path = path
    this.#state = 'saved'
  }

  /** Deletes the temporary file. A file that was saved stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    const temporary = this.#state === 'temporary' ? this.#path : null
    this.#state = 'disposed'
    if (temporary !== null) await rm(temporary, { force: true })
  }

  #check(): void {
    if (this.#state === 'disposed') throw new TypeError('Cannot use a spooled file after it was disposed of')
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    // Another file system: a rename cannot reach it.
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    await copyFile(from, to, constants.COPYFILE_FICLONE)
    await rm(from, { force: true })
  }
}

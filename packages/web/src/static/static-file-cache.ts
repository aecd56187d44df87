import { isAscii } from 'node:buffer'
import { statSync, type Stats } from 'node:fs'
import { genLog } from '@tornado-ts/log'
import { HTTPError } from '../errors.ts'
import { closeFile, openFile, readAt, statOpenFile } from './file-reader.ts'
import type { RootGuard } from './root-guard.ts'
import { isMissing } from './stat-batch.ts'
import { versionOfBytes, versionOfOpenFile } from './static-version.ts'

/** A file as it was when it was read. */
export interface StaticFile {
  readonly path: string
  /** What tells this state of the file from others, in part. */
  readonly stats: FileState
  /** What stands in `?v=` and in the entity tag; `null` when it could not be told. */
  readonly version: string | null
  /** All bytes of a small file; as text, one character a byte, when they are ASCII. */
  readonly content: Buffer | string | null
  /** The key of the guard that has admitted it; empty when none was asked. */
  readonly admittedBy: string
}

/** The state of a file: when none of this differs, neither does its content. */
export type FileState = Pick<Stats, 'dev' | 'ino' | 'size' | 'mtimeMs' | 'ctimeMs'>

/** Options of a {@link StaticFileCache}. */
export interface StaticFileCacheOptions {
  /** Bytes of content that are kept. */
  readonly cacheSize: number
  /** Bytes of the largest file whose content is kept. */
  readonly maxFileSize: number
  /** Another way to the version of a file. @default SHA-512 of the content */
  readonly versionOf: ((path: string) => string | null | Promise<string | null>) | null
  /** The version of a file, at once. */
  readonly versionOfSync: (path: string) => string | null | Promise<string | null>
}

/**
 * Versions of files, and the contents of small ones, each good for as long as the file's state is what it was. Bounded: the
 * oldest give way. What does not exist is not kept at all.
 */
export class StaticFileCache {
  readonly #options: StaticFileCacheOptions
  readonly #files = new Map<string, StaticFile>()
  /** Readings under way, by path and state: those who want the same file at once wait for one. */
  readonly #loading = new Map<string, Promise<StaticFile>>()
  /** Versions of what is no file, and `null` for files that were reported as unreadable. */
  readonly #versions = new Map<string, string | null>()
  #keptSize = 0

  constructor(options: StaticFileCacheOptions) {
    this.#options = options
  }

  clear(): void {
    this.#files.clear()
    this.#loading.clear()
    this.#versions.clear()
    this.#keptSize = 0
  }

  /** How many files are known, and how many bytes of content are kept. */
  get usage(): { readonly files: number; readonly keptSize: number } {
    return { files: this.#files.size, keptSize: this.#keptSize }
  }

  /**
   * The file at `path`, which was just now in the state of `stats`.
   *
   * @throws {HTTPError} With status 403 when the guard does not admit it or it cannot be read, 404 when it is gone.
   */
  get(path: string, stats: FileState, guard: RootGuard | null): StaticFile | Promise<StaticFile> {
    const known = this.#files.get(path)
    const admittedBy = guard?.key ?? ''
    if (known !== undefined && isSameState(known.stats, stats) && known.admittedBy === admittedBy)
      return known
    const { dev, ino, size, mtimeMs, ctimeMs } = stats
    const key = `${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs} ${admittedBy}\0${path}`
    let loading = this.#loading.get(key)
    if (loading === undefined) {
      loading = this.#load(path, guard).finally(() => this.#loading.delete(key))
      this.#loading.set(key, loading)
    }
    return loading
  }

  /** The version of the file at `path`, read at once when it is not known; `null` (and a line in the log) when it cannot be. */
  versionSync(path: string): string | null {
    try {
      const stats = statSync(path)
      const known = this.#files.get(path)
      if (known !== undefined && isSameState(known.stats, stats)) return known.version
      const readAtMs = Date.now()
      const version = this.#options.versionOfSync(path)
      if (typeof version === 'string') {
        this.#versions.delete(path)
        const file = { path, stats, version, content: null, admittedBy: '' }
        if (isSettled(stats, readAtMs) && isSameState(stats, statSync(path))) this.#keep(file)
        return version
      }
      return null
    } catch (error) {
      return this.#reportUnreadable(path, error)
    }
  }

  /** The version of what is no file, asked for once. A promise's value is known only when it is there. */
  contentVersion(path: string): string | null | Promise<string | null> {
    const known = this.#versions.get(path)
    if (known !== undefined) return known
    try {
      const version = this.#options.versionOfSync(path)
      if (typeof version === 'string' || version === null) return this.#keepVersion(path, version)
      return version.then(
        (value) => this.#keepVersion(path, value),
        (error: unknown) => this.#reportUnreadable(path, error),
      )
    } catch (error) {
      return this.#reportUnreadable(path, error)
    }
  }

  async #load(path: string, guard: RootGuard | null): Promise<StaticFile> {
    for (let attempt = 1; ; attempt++) {
      const fd = await openOrRefuse(path)
      try {
        const readAtMs = Date.now()
        const stats = await statOpenFile(fd)
        if (!stats.isFile()) throw new HTTPError(403, `${path} is not a file`)
        if (guard !== null && !(await admits(guard, path, stats)))
          throw new HTTPError(403, `${path} is not in root static directory`)
        const content = stats.size <= this.#options.maxFileSize ? await readAt(fd, 0, stats.size) : null
        const version = await this.#versionOf(path, fd, stats.size, content)
        const after = await statOpenFile(fd)
        const same = isSameState(stats, after) && (content === null || content.length === stats.size)
        if (!same && attempt < maxAttempts) continue
        // What changes faster than it can be read has no version.
        const admittedBy = guard?.key ?? ''
        const file = same
          ? { path, stats, version, content: kept(content), admittedBy }
          : { path, stats: after, version: null, content: null, admittedBy }
        if (same && isSettled(stats, readAtMs)) this.#keep(file)
        return file
      } finally {
        await closeFile(fd)
      }
    }
  }

  async #versionOf(path: string, fd: number, size: number, content: Buffer | null): Promise<string | null> {
    try {
      const { versionOf } = this.#options
      if (versionOf !== null) return await versionOf(path)
      return content === null ? await versionOfOpenFile(fd, size) : versionOfBytes(content)
    } catch (error) {
      return this.#reportUnreadable(path, error)
    }
  }

  #keep(file: StaticFile): void {
    this.#forget(file.path)
    this.#files.set(file.path, file)
    this.#keptSize += file.content?.length ?? 0
    for (const path of this.#files.keys()) {
      if (this.#files.size <= maxFiles && this.#keptSize <= this.#options.cacheSize) break
      this.#forget(path)
    }
  }

  #forget(path: string): void {
    this.#keptSize -= this.#files.get(path)?.content?.length ?? 0
    this.#files.delete(path)
  }

  #keepVersion(path: string, version: string | null): string | null {
    if (this.#versions.size >= maxFiles) this.#versions.delete(this.#versions.keys().next().value!)
    this.#versions.set(path, version)
    return version
  }

  /** Once for each path, until the cache is cleared or the file can be read. */
  #reportUnreadable(path: string, error: unknown): null {
    if (this.#versions.get(path) !== null) {
      genLog.error(`Could not open static file ${JSON.stringify(path)}`, error)
      this.#keepVersion(path, null)
    }
    return null
  }
}

export function isSameState(a: FileState, b: FileState): boolean {
  return (
    a.ctimeMs === b.ctimeMs &&
    a.size === b.size &&
    a.ino === b.ino &&
    a.mtimeMs === b.mtimeMs &&
    a.dev === b.dev
  )
}

/** Opens a file, or says by its status why not. @throws {HTTPError} */
export async function openOrRefuse(path: string): Promise<number> {
  try {
    return await openFile(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EACCES' || code === 'EPERM')
      throw new HTTPError(403, `Cannot read ${path}`, { cause: error })
    if (isMissing(error)) throw new HTTPError(404, undefined, { cause: error })
    throw error
  }
}

/** Most files that are known at a time, and most readings again of one that changes meanwhile. */
const maxFiles = 4096
const maxAttempts = 3

/**
 * Whether a change after the reading would show in the state. File systems keep time by ticks, the coarsest of two seconds: what
 * was changed in the tick of the reading may change again without a trace.
 */
function isSettled({ ctimeMs }: FileState, readAtMs: number): boolean {
  return readAtMs - ctimeMs > (ctimeMs % 1000 === 0 ? 2000 : 50)
}

async function admits(guard: RootGuard, path: string, stats: FileState): Promise<boolean> {
  try {
    return await guard.admits(path, stats)
  } catch (error) {
    // It is gone again.
    if (isMissing(error)) return false
    throw error
  }
}

/** Text leaves in one piece with the head. */
function kept(content: Buffer | null): Buffer | string | null {
  return content !== null && content.length <= maxTextSize && isAscii(content)
    ? content.toString('latin1')
    : content
}

const maxTextSize = 16_384

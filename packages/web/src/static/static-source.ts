import { closeFile, openFile, readPieces, statOpenFile } from './file-reader.ts'
import type { RootGuard } from './root-guard.ts'
import { statShared } from './stat-batch.ts'
import {
  isSameState,
  openOrRefuse,
  type FileState,
  type StaticFile,
  type StaticFileCache,
} from './static-file-cache.ts'
import { codingOfEnding, type SiblingEnding } from './static-siblings.ts'
import type { StaticContent } from './static-version.ts'

/** What a static handler sends from. To be closed. */
export interface StaticSource {
  /** For the entity tag; `null` for none. */
  readonly version: string | null
  /** For the URL. */
  readonly urlVersion: string | null
  /** Of what is sent, and of what it is sent for. */
  readonly sentState: FileState | null
  readonly originalState: FileState | null
  /** The content coding of what is sent. */
  readonly encoding: string | null
  /** The bytes from `start` to before `end`, or all of them. */
  content(start?: number, end?: number): StaticContent
  close(): Promise<void>
}

/** A file, or a compressed one that is sent in its place. */
export class FileSource implements StaticSource {
  readonly #cache: StaticFileCache
  readonly #original: StaticFile
  readonly #guard: RootGuard | null
  #sent: StaticFile
  #encoding: string | null = null
  #fd: number | null = null

  constructor(
    cache: StaticFileCache,
    { original, guard }: { original: StaticFile; guard: RootGuard | null },
  ) {
    this.#cache = cache
    this.#original = original
    this.#guard = guard
    this.#sent = original
  }

  get version(): string | null {
    return this.#sent.version
  }

  get urlVersion(): string | null {
    return this.#original.version
  }

  get sentState(): FileState {
    return this.#sent.stats
  }

  get originalState(): FileState {
    return this.#original.stats
  }

  get encoding(): string | null {
    return this.#encoding
  }

  /**
   * Takes the first of the compressed files that there is. One that is older than the file is of another content.
   *
   * @throws {HTTPError} With status 403 when it is a link out of the root.
   */
  async chooseSibling(endings: readonly SiblingEnding[]): Promise<void> {
    const { path, stats: original } = this.#original
    for (const ending of endings) {
      const sibling = `${path}.${ending}`
      const stats = await statShared(sibling)
      if (stats === null || !stats.isFile()) continue
      if (Math.floor(stats.mtimeMs / 1000) < Math.floor(original.mtimeMs / 1000)) continue
      this.#sent = await this.#cache.get(sibling, stats, this.#guard)
      this.#encoding = codingOfEnding[ending]
      return
    }
  }

  /** Opens the file unless its content is at hand. If it is another by now, that one is sent, with its version. */
  async open(): Promise<void> {
    for (let attempt = 1; this.#sent.content === null; attempt++) {
      const fd = await openOrRefuse(this.#sent.path)
      this.#fd = fd
      const state = await this.#stateOrClose(fd)
      if (isSameState(state, this.#sent.stats)) return
      if (attempt === maxAttempts) {
        // It changes all the time: what is open is sent, for what it is now.
        this.#sent = { ...this.#sent, stats: state, version: null }
        return
      }
      await this.close()
      this.#sent = await this.#cache.get(this.#sent.path, state, this.#guard)
    }
  }

  content(start = 0, end: number = this.#sent.stats.size): StaticContent {
    const { content } = this.#sent
    if (content === null) return readPieces(this.#fd!, start, end)
    if (end - start === content.length) return content
    return typeof content === 'string' ? content.slice(start, end) : content.subarray(start, end)
  }

  async close(): Promise<void> {
    if (this.#fd === null) return
    const fd = this.#fd
    this.#fd = null
    await closeFile(fd)
  }

  async #stateOrClose(fd: number): Promise<FileState> {
    try {
      return await statOpenFile(fd)
    } catch (error) {
      await this.close()
      throw error
    }
  }
}

/** What a subclass answers as content. */
export class OwnSource implements StaticSource {
  readonly version: string | null
  readonly sentState: FileState | null
  readonly encoding: string | null = null
  readonly #content: (start?: number, end?: number) => StaticContent

  constructor(
    version: string | null,
    state: FileState | null,
    content: (start?: number, end?: number) => StaticContent,
  ) {
    this.version = version
    this.sentState = state
    this.#content = content
  }

  get urlVersion(): string | null {
    return this.version
  }

  get originalState(): FileState | null {
    return this.sentState
  }

  content(start?: number, end?: number): StaticContent {
    return this.#content(start, end)
  }

  async close(): Promise<void> {}
}

/** The content of a file that is opened for it, as `StaticFileHandler.getContent` answers it. */
export async function* contentOfFile(path: string, start = 0, end?: number): AsyncGenerator<Buffer, void> {
  const fd = await openFile(path)
  try {
    yield* readPieces(fd, start, end ?? (await statOpenFile(fd)).size)
  } finally {
    await closeFile(fd)
  }
}

const maxAttempts = 3

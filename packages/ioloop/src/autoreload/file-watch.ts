import { statSync } from 'node:fs'
import { stat } from 'node:fs/promises'

/** What tells one state of a file from another. */
export interface FileStamp {
  readonly mtimeMs: number
  readonly size: number
}

/** How many files are asked about at the same time. */
const most = 64

/**
 * Files, and how they were when last seen.
 *
 * The times of the files are compared at each check, which works on every file system and with every editor. A file
 * that is gone is no change: an editor that replaces a file takes it away for a moment.
 */
export class FileWatch {
  readonly #files = new Map<string, FileStamp | null>()

  /** The paths, in the order they were added. */
  get paths(): string[] {
    return [...this.#files.keys()]
  }

  /** @param stamp How the file was when it was read; without one, how it is now, unless it is watched already. */
  add(path: string, stamp?: FileStamp): void {
    if (stamp !== undefined) this.#files.set(path, stamp)
    else if (!this.#files.has(path)) this.#files.set(path, stampOf(path))
  }

  /** The first file that has changed since it was last seen; `null` when none has. */
  async check(): Promise<string | null> {
    let changed: string | null = null
    const paths = this.paths
    for (let start = 0; start < paths.length; start += most) {
      const some = paths.slice(start, start + most)
      const stamps = await Promise.all(some.map(stampLater))
      for (const [index, path] of some.entries()) {
        const stamp = stamps[index] ?? null
        if (stamp === null) continue
        const before = this.#files.get(path) ?? null
        this.#files.set(path, stamp)
        if (before === null || isSame(before, stamp)) continue
        changed ??= path
      }
    }
    return changed
  }
}

/** How a file is now; `null` when it is gone. */
export function stampOf(path: string): FileStamp | null {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? null : { mtimeMs: stats.mtimeMs, size: stats.size }
}

async function stampLater(path: string): Promise<FileStamp | null> {
  try {
    const { mtimeMs, size } = await stat(path)
    return { mtimeMs, size }
  } catch {
    return null
  }
}

function isSame(one: FileStamp, other: FileStamp): boolean {
  return one.mtimeMs === other.mtimeMs && one.size === other.size
}

import { lstat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { realPathOf, statFile } from './file-reader.ts'
import { isMissing } from './stat-batch.ts'
import { isInside } from './static-path.ts'

/** Says whether a path stays in a root when its links are followed. */
export class RootGuard {
  readonly root: string
  /** The same for guards that admit the same. */
  readonly key: string
  readonly #allowed: readonly string[]

  /** @param allowed Further directories that links may lead into. */
  constructor(root: string, allowed: readonly string[]) {
    this.root = root
    this.key = [root, ...allowed].join('\0')
    this.#allowed = allowed
  }

  /** The same for another root. */
  of(root: string): RootGuard {
    return root === this.root ? this : new RootGuard(root, this.#allowed)
  }

  /**
   * Whether the path leads to a place in the root, and to that very file, when one is given: what was opened must be what was
   * looked at, though somebody changes links meanwhile.
   */
  async admits(path: string, opened?: { readonly dev: number; readonly ino: number }): Promise<boolean> {
    const real = await realPathOf(path)
    const roots = await Promise.all([this.root, ...this.#allowed].map(realOrNull))
    if (!roots.some((root) => root !== null && isInside(root, real))) return false
    if (opened === undefined) return true
    const { dev, ino } = await statFile(real)
    return dev === opened.dev && ino === opened.ino
  }

  /**
   * Whether a path at which there is nothing leads out of the root before it ends: the answer to it must be the same
   * whether there is something or not.
   */
  async leavesRoot(path: string): Promise<boolean> {
    let place = this.root
    for (const name of relative(this.root, path).split(sep)) {
      place = join(place, name)
      try {
        const stats = await lstat(place)
        if (stats.isSymbolicLink() && !(await this.admits(place))) return true
      } catch (error) {
        if (!isMissing(error)) throw error
        // A link that leads nowhere is there itself, and where it should lead to is nobody's business.
        return await isLink(place)
      }
    }
    return false
  }
}

async function realOrNull(path: string): Promise<string | null> {
  try {
    return await realPathOf(path)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

import { readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { BaseLoader, type LoaderOptions } from './base-loader.ts'
import { TemplateNotFoundError } from './errors.ts'
import { isRelative } from './relative-name.ts'

/** Settings of a {@link Loader}. */
export interface FileLoaderOptions extends LoaderOptions {
  /**
   * Whether each `load` looks first whether a file that was read has changed, and if so forgets all templates. For
   * development: it asks the file system about every file.
   *
   * @default false
   */
  watch?: boolean
}

/**
 * Loads templates from the files of one directory, as UTF-8. No name leads out of it: not by `..`, not as an absolute
 * path, not by a symbolic link.
 *
 * Tornado: template.Loader.
 */
export class Loader extends BaseLoader {
  /** The directory, absolute. */
  readonly root: string
  readonly #watch: boolean
  /** What the files that were read looked like, by their paths. */
  readonly #stamps = new Map<string, string>()

  constructor(rootDirectory: string, { watch = false, ...options }: FileLoaderOptions = {}) {
    super(options)
    this.root = resolve(rootDirectory)
    this.#watch = watch
  }

  override reset(): void {
    super.reset()
    this.#stamps.clear()
  }

  /** The paths of the files that were read since the last `reset`; for those who watch them. */
  watchedFiles(): string[] {
    return [...this.#stamps.keys()]
  }

  /** @throws {TemplateNotFoundError} For a name that leads out of the directory. */
  override resolvePath(name: string, parentPath?: string): string {
    const from = isRelative(name, parentPath) ? dirname(join(this.root, parentPath)) : this.root
    // What leads out is refused before it is looked for, so that nothing can be learnt from the answer.
    const path = relative(this.root, resolve(from, name))
    if (name.includes('\0') || path === '' || leadsOut(path)) {
      throw new TemplateNotFoundError(name, "the name leads out of the loader's directory")
    }
    return sep === '/' ? path : path.replaceAll(sep, '/')
  }

  protected override isCurrent(): boolean {
    return !this.#watch || [...this.#stamps].every(([path, before]) => stampOf(path) === before)
  }

  protected override readTemplate(path: string): Uint8Array {
    try {
      const real = realpathSync(join(this.root, path))
      if (leadsOut(relative(realpathSync(this.root), real))) {
        throw new TemplateNotFoundError(path, "a link leads out of the loader's directory")
      }
      const stats = statSync(real)
      if (!stats.isFile()) throw new TemplateNotFoundError(path, 'it is no file')
      this.#stamps.set(join(this.root, path), describe(stats))
      return readFileSync(real)
    } catch (cause) {
      if (isMissing(cause)) throw new TemplateNotFoundError(path, undefined, { cause })
      throw cause
    }
  }
}

function leadsOut(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)
}

function stampOf(path: string): string {
  const stats = statSync(path, { throwIfNoEntry: false })
  return stats === undefined ? 'gone' : describe(stats)
}

function describe({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [ino, size, mtimeMs, ctimeMs].join(' ')
}

function isMissing(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ENAMETOOLONG'
}

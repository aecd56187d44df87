import { existsSync, renameSync } from 'node:fs'
import type { LogRotation } from './file-handler.ts'

/** Settings of a {@link SizeRotation}. */
export interface SizeRotationOptions {
  /** A file that would grow beyond this many bytes is put aside. @default 100_000_000 (100 MB) */
  maxSize?: number
  /** Files kept beside the current one: `prefix.1` (the newest) to `prefix.N`. @default 10 */
  backups?: number
}

/**
 * Keeps a log file below a size. A size or a number of backups of 0 means that it grows without end.
 *
 * Tornado: option `log_rotate_mode=size`.
 */
export class SizeRotation implements LogRotation {
  readonly #maxSize: number
  readonly #backups: number

  /** @throws {RangeError} For a size below 0, or a number of backups that is not a whole number from 0. */
  constructor({ maxSize = 100_000_000, backups = 10 }: SizeRotationOptions = {}) {
    if (!(maxSize >= 0)) throw new RangeError(`maxSize must be a number of bytes, not ${maxSize}`)
    if (!Number.isSafeInteger(backups) || backups < 0) {
      throw new RangeError(`backups must be a whole number from 0, not ${backups}`)
    }
    this.#maxSize = maxSize
    this.#backups = backups
  }

  isDue(_path: string, size: number, lineSize: number): boolean {
    // A line longer than the limit gets a file of its own rather than none.
    return this.#maxSize > 0 && this.#backups > 0 && size > 0 && size + lineSize > this.#maxSize
  }

  rotate(path: string): void {
    for (let number = this.#backups - 1; number >= 1; number--) {
      if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
    }
    renameSync(path, `${path}.1`)
  }
}

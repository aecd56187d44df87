import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { compileDateFormat } from './date-format.ts'
import type { LogRotation } from './file-handler.ts'
import { nextRotation, parseRotateWhen, type RotateWhen } from './rotation-time.ts'

/** Settings of a {@link TimeRotation}. */
export interface TimeRotationOptions {
  /**
   * The unit: `S` seconds, `M` minutes, `H` hours, `D` days of 24 hours, `midnight` local days, and `W0` to `W6`
   * weeks that end with Monday to Sunday. Case does not matter.
   *
   * @default 'midnight'
   */
  when?: string
  /** Units from one rotation to the next. @default 1 */
  interval?: number
  /** Files kept beside the current one; 0 keeps all. @default 10 */
  backups?: number
}

/**
 * Puts a log file aside at set times, as `prefix.2026-05-20` (to the unit's precision, of the period's beginning).
 *
 * A file is put aside by the first line that comes after the time, so nothing happens while nothing is logged.
 *
 * Tornado: option `log_rotate_mode=time`.
 */
export class TimeRotation implements LogRotation {
  readonly #when: RotateWhen
  readonly #interval: number
  readonly #backups: number
  #periodBegan = 0
  #dueAt: number | null = null

  /** @throws {RangeError} For an unknown unit, an interval below 1, or a number of backups that is not a whole number from 0. */
  constructor({ when = 'midnight', interval = 1, backups = 10 }: TimeRotationOptions = {}) {
    if (!Number.isSafeInteger(interval) || interval < 1) {
      throw new RangeError(`interval must be a whole number from 1, not ${interval}`)
    }
    if (!Number.isSafeInteger(backups) || backups < 0) {
      throw new RangeError(`backups must be a whole number from 0, not ${backups}`)
    }
    this.#when = parseRotateWhen(when)
    this.#interval = interval
    this.#backups = backups
  }

  isDue(path: string, size: number, _lineSize: number, timeMs: number): boolean {
    // A file left by an earlier run belongs to the period in which it was last written.
    if (this.#dueAt === null) {
      const left = size > 0 ? statSync(path, { throwIfNoEntry: false }) : undefined
      this.#begin(left?.mtimeMs ?? timeMs)
    }
    return timeMs >= (this.#dueAt ?? Infinity)
  }

  rotate(path: string, timeMs: number): void {
    const aside = `${path}.${compileDateFormat(this.#when.nameFormat)(new Date(this.#periodBegan))}`
    this.#begin(timeMs)
    // Local clocks repeat an hour in autumn: what bears the name already must not be lost.
    if (existsSync(aside)) return
    renameSync(path, aside)
    this.#removeOldest(path)
  }

  #begin(timeMs: number): void {
    this.#periodBegan = timeMs
    this.#dueAt = nextRotation(this.#when, this.#interval, timeMs)
  }

  #removeOldest(path: string): void {
    if (this.#backups === 0) return
    const directory = dirname(path)
    const prefix = `${basename(path)}.`
    const names = readdirSync(directory)
      .filter((name) => name.startsWith(prefix) && this.#when.namePattern.test(name.slice(prefix.length)))
      .toSorted()
    for (const name of names.slice(0, Math.max(0, names.length - this.#backups))) {
      rmSync(join(directory, name), { force: true })
    }
  }
}

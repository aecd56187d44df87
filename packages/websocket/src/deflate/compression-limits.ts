/** What compression may take of the process, all connections together. */
export interface CompressionLimits {
  /** Messages that are compressed or inflated at the same time; others wait their turn. @default 8 */
  maxConcurrentJobs?: number
  /**
   * Memory of zlib that connections may keep between messages. A connection that would go beyond it is told to keep none:
   * it agrees on `no_context_takeover` in both directions. In bytes. @default 268_435_456 (256 MiB)
   */
  maxMemorySize?: number
}

/** Counts what is in use. One for the process. */
class CompressionBudget {
  maxConcurrentJobs = 8
  maxMemorySize: number = 256 * 1024 * 1024
  memorySize = 0
  #running = 0
  readonly #waiting = new Set<Job>()

  release(size: number): void {
    this.memorySize -= size
  }

  /** Starts a job when its turn comes; it says itself when it is done, by {@link jobEnded}. */
  start(job: Job): void {
    if (this.#running < this.maxConcurrentJobs) this.#run(job)
    else this.#waiting.add(job)
  }

  /** Takes a job back; answers whether it had not begun. */
  cancel(job: Job): boolean {
    return this.#waiting.delete(job)
  }

  jobEnded(): void {
    this.#running--
    for (const job of this.#waiting) {
      if (this.#running >= this.maxConcurrentJobs) return
      this.#waiting.delete(job)
      this.#run(job)
    }
  }

  #run(job: Job): void {
    this.#running++
    job.run()
  }
}

/** Work for zlib. */
export interface Job {
  run(): void
}

export const compressionBudget: CompressionBudget = new CompressionBudget()

/**
 * Sets what compression may take of the process. Connections that are open keep what they have.
 *
 * @throws {RangeError} For less than one job or less than no memory.
 */
export function setCompressionLimits({ maxConcurrentJobs, maxMemorySize }: CompressionLimits): void {
  if (maxConcurrentJobs !== undefined) {
    if (!(maxConcurrentJobs >= 1))
      throw new RangeError(`Cannot run ${maxConcurrentJobs} jobs at the same time`)
    compressionBudget.maxConcurrentJobs = maxConcurrentJobs
  }
  if (maxMemorySize !== undefined) {
    if (!(maxMemorySize >= 0)) throw new RangeError(`Cannot limit memory to ${maxMemorySize} bytes`)
    compressionBudget.maxMemorySize = maxMemorySize
  }
}

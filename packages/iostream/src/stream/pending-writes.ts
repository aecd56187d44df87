/** The promises of a stream's writes. The platform finishes writes in the order they were made. */
export class PendingWrites {
  /** `null` stands for a write that nobody needs to be told of. */
  readonly #waiting: (PromiseWithResolvers<void> | null)[] = []

  /** To be called by the platform for each write that was added; one function for all, as they come in order. */
  readonly finished = (error?: Error | null): void => {
    // What could not be written is rejected when the stream closes, which is about to follow.
    if (error) return
    this.#waiting.shift()?.resolve()
  }

  /** Adds the write that was just made and answers its promise. */
  add(): Promise<void> {
    const write = Promise.withResolvers<void>()
    this.#waiting.push(write)
    return write.promise
  }

  /** Adds a write that is already done. */
  addDone(): Promise<void> {
    this.#waiting.push(null)
    return done
  }

  /** Rejects all; a rejection that nobody awaits is silent. */
  rejectAll(makeError: () => Error): void {
    for (const write of this.#waiting.splice(0)) {
      if (write === null) continue
      write.promise.catch(ignore)
      write.reject(makeError())
    }
  }
}

const done: Promise<void> = Promise.resolve()

function ignore(): void {}

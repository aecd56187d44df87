/**
 * Joins code that is handed chunks to code that iterates over them, as a handler's `dataReceived` to
 * `parseMultipartStream`. At most what was pushed and not yet taken is held: wait for `push` before the next one.
 *
 * It can be iterated over once. When the reader leaves early, what is pushed from then on is dropped.
 */
export class ByteChannel implements AsyncIterableIterator<Uint8Array> {
  readonly #pushed: { readonly chunk: Uint8Array; readonly taken: () => void }[] = []
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array>> | null = null
  /** Told when the reader comes back for more. */
  #inHand: (() => void) | null = null
  #state: 'open' | 'ended' | 'failed' | 'left' = 'open'
  #error: unknown

  /** Hands over a chunk. Resolves when the reader is done with it and asks for more, or has left. */
  push(chunk: Uint8Array): Promise<void> {
    if (this.#state === 'left') return Promise.resolve()
    if (this.#state !== 'open') throw new TypeError('Cannot push a chunk after the end')
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#pushed.push({ chunk, taken: resolve })
    this.#serve()
    return promise
  }

  /** Says that all has been pushed. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ended'
    this.#serve()
  }

  /** Makes the reader throw `error` once it has taken what was pushed before, as when the connection is lost. */
  fail(error: unknown): void {
    if (this.#state === 'open') {
      this.#state = 'failed'
      this.#error = error
    }
    this.#serve()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#reader !== null) throw new TypeError('Cannot read two chunks at once')
    this.#inHand?.()
    this.#inHand = null
    const reader = Promise.withResolvers<IteratorResult<Uint8Array>>()
    this.#reader = reader
    this.#serve()
    return reader.promise
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#state = 'left'
    this.#inHand?.()
    this.#inHand = null
    for (const { taken } of this.#pushed.splice(0)) taken()
    this.#serve()
    return Promise.resolve({ done: true, value: undefined })
  }

  #serve(): void {
    const reader = this.#reader
    if (reader === null) return
    const pushed = this.#pushed.shift()
    if (pushed !== undefined) {
      this.#inHand = pushed.taken
      reader.resolve({ done: false, value: pushed.chunk })
    } else if (this.#state === 'failed') {
      reader.reject(this.#error)
    } else if (this.#state !== 'open') {
      reader.resolve({ done: true, value: undefined })
    } else {
      return
    }
    this.#reader = null
  }
}

import type { BaseIOStream } from '@tornado-ts/iostream'

/** Queues what is to be sent, so that many small pieces leave in one write. */
export class OutputGatherer {
  readonly #stream: BaseIOStream
  /** Text that follows `#parts`. */
  #text = ''
  #parts: (string | Uint8Array)[] | null = null
  #drained: PromiseWithResolvers<void> | null = null

  constructor(stream: BaseIOStream) {
    this.#stream = stream
  }

  /** Text of one byte a character. */
  addText(text: string): void {
    this.#text += text
  }

  addBytes(bytes: Uint8Array): void {
    this.#parts ??= []
    if (this.#text !== '') this.#parts.push(this.#text)
    this.#parts.push(bytes)
    this.#text = ''
  }

  get isEmpty(): boolean {
    return this.#text === '' && this.#parts === null
  }

  /** Whether what is queued may wait for more: only text gathers, and not without bound. */
  get mayGrow(): boolean {
    return this.#parts === null && this.#text.length < maxGatheredSize
  }

  /** Resolves when the peer has taken what was sent, and rejects when it never will; nothing when it keeps up. */
  get drained(): Promise<void> | undefined {
    return this.#drained?.promise
  }

  /**
   * Sends what is queued; answers `false` when the peer does not keep up.
   *
   * @throws {StreamBufferFullError} When there is no room: then a part of what was to be sent is lost.
   */
  send(): boolean {
    const text = this.#text
    this.#text = ''
    const parts = this.#parts
    this.#parts = null
    let emptied: boolean
    if (parts === null) {
      if (text === '') return true
      emptied = this.#stream.send(text, 'latin1')
    } else {
      if (text !== '') parts.push(text)
      emptied = this.#stream.sendVector(parts, 'latin1')
    }
    if (emptied || this.#stream.closed()) return true
    if (this.#drained === null) {
      this.#drained = Promise.withResolvers()
      this.#drained.promise.catch(() => {})
    }
    return false
  }

  /** The peer has taken all. */
  emptied(): void {
    this.#drained?.resolve()
    this.#drained = null
  }

  /** The peer will never take the rest. */
  giveUp(reason: Error): void {
    this.#drained?.reject(reason)
    this.#drained = null
  }
}

const maxGatheredSize = 65_536

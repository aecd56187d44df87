import type { PreparedMessage } from './prepared-message.ts'

/** A message, or the close frame, that cannot be sent yet. */
export interface Queued {
  /** Ready to be sent: bytes, or text of one character a byte. `null` for what is to be compressed first. */
  readonly frame: string | Uint8Array | null
  readonly message: string | Uint8Array | PreparedMessage | null
  readonly opcode: number
  readonly size: number
}

/** What waits for a peer that does not keep up, or for zlib. Made when something first has to wait. */
export class SendQueue {
  /** The first is with zlib. */
  compressing = false
  /** It was logged that a message was refused. */
  warned = false

  #items: Queued[] = []
  #first = 0
  #size = 0
  #drained: PromiseWithResolvers<void> | null = null

  /** Bytes that wait. */
  get size(): number {
    return this.#size
  }

  get isEmpty(): boolean {
    return this.#first === this.#items.length
  }

  get head(): Queued | undefined {
    return this.#items[this.#first]
  }

  push(item: Queued): void {
    this.#items.push(item)
    this.#size += item.size
  }

  /** Takes the first. */
  shift(): void {
    this.#size -= this.#items[this.#first]!.size
    this.#items[this.#first++] = spent
    if (this.#first === this.#items.length || this.#first > 1024) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
  }

  /** Drops messages from the front, but not one that is being compressed, until `size` more bytes are within `limit`. */
  makeRoom(size: number, limit: number): void {
    const kept = this.compressing ? 1 : 0
    let end = this.#first + kept
    while (end < this.#items.length && this.#size + size > limit) this.#size -= this.#items[end++]!.size
    this.#items.splice(this.#first + kept, end - this.#first - kept)
  }

  /** Drops everything. */
  clear(): void {
    this.#items = []
    this.#first = 0
    this.#size = 0
  }

  /** Resolves when nothing waits any more. */
  get drained(): Promise<void> {
    if (this.#drained === null) {
      this.#drained = Promise.withResolvers()
      this.#drained.promise.catch(() => {})
    }
    return this.#drained.promise
  }

  emptied(): void {
    this.#drained?.resolve()
    this.#drained = null
  }

  failed(error: Error): void {
    this.clear()
    this.#drained?.reject(error)
    this.#drained = null
  }
}

const spent: Queued = { frame: '', message: null, opcode: 0, size: 0 }

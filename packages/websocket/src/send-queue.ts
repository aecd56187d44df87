import { PreparedMessage } from './prepared-message.ts'
import { sendBudget } from './send-limits.ts'

/** A message, or the close frame, that cannot be sent yet. */
export interface Queued {
  /** Ready to be sent: bytes, or text of one character a byte. `null` for what is to be compressed first. */
  readonly frame: string | Uint8Array | null
  /** What is to be compressed, or where the frame is from. */
  readonly message: string | Uint8Array | PreparedMessage | null
  readonly opcode: number
  readonly size: number
}

/** What waits for a peer that does not keep up, or for zlib. Made when something first has to wait. */
export class SendQueue {
  /** The first is with zlib. */
  compressing = false

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
    hold(item)
  }

  /** Takes the first. */
  shift(): void {
    this.#dropped(this.#items[this.#first]!)
    this.#items[this.#first++] = spent
    this.#closeUp()
  }

  /** Drops messages from the front, but not one that is being compressed, until `size` more bytes are within `limit` and that of the process. */
  makeRoom(size: number, limit: number): void {
    const kept = this.compressing ? 1 : 0
    let end = this.#first + kept
    while (end < this.#items.length && (this.#size + size > limit || !sendBudget.hasRoom(size))) {
      this.#dropped(this.#items[end++]!)
    }
    if (kept === 1) this.#items[end - 1] = this.#items[this.#first]!
    this.#items.fill(spent, this.#first, end - kept)
    this.#first = end - kept
    this.#closeUp()
  }

  /** Drops everything. */
  clear(): void {
    while (this.#first < this.#items.length) this.#dropped(this.#items[this.#first++]!)
    this.#items = []
    this.#first = 0
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

  /** Gives back the places in front, when they are most of all: each message is then moved about once. */
  #closeUp(): void {
    if (this.#first < this.#items.length && (this.#first <= 1024 || this.#first * 2 < this.#items.length))
      return
    this.#items = this.#items.slice(this.#first)
    this.#first = 0
  }

  #dropped(item: Queued): void {
    this.#size -= item.size
    release(item)
  }
}

function hold({ message, size }: Queued): void {
  sendBudget.queuedSize += placeSize
  if (!(message instanceof PreparedMessage)) sendBudget.queuedSize += size
  else if (message.waiting++ === 0) sendBudget.queuedSize += message.data.length
}

function release({ message, size }: Queued): void {
  sendBudget.queuedSize -= placeSize
  if (!(message instanceof PreparedMessage)) sendBudget.queuedSize -= size
  else if (--message.waiting === 0) sendBudget.queuedSize -= message.data.length
}

/** About what an item takes beside its bytes. */
const placeSize = 64

const spent: Queued = { frame: '', message: null, opcode: 0, size: 0 }

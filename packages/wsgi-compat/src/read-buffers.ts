/** Tells whether what was read into a buffer is needed no more. */
export type DoneCheck = () => boolean

/** The buffers that one socket is read into, used again as soon as nobody needs what they hold. */
export class ReadBuffers {
  #current: Buffer = newBuffer()
  #lent: { readonly buffer: Buffer; readonly isDone: DoneCheck }[] = []

  /** The one that is to be read into. */
  get current(): Buffer {
    return this.#current
  }

  /** Puts another one in the place of the current one, which is not to be touched until `isDone`. */
  lend(isDone: DoneCheck): void {
    const lent = this.#lent
    const returned = lent.findIndex((each) => each.isDone())
    const next = returned === -1 ? newBuffer() : lent.splice(returned, 1)[0]!.buffer
    lent.push({ buffer: this.#current, isDone })
    // Whoever keeps that many may keep them for good: the oldest is left to the garbage collector.
    if (lent.length > maxLentCount) lent.shift()
    this.#current = next
  }
}

/** Not from the pool of small buffers, and not filled: only what was read is looked at. */
function newBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(readSize)
}

const readSize = 65_536
const maxLentCount = 4

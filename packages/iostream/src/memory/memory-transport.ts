import { Duplex } from 'node:stream'

/** How the two ends of an in-memory connection behave. */
export interface MemoryOptions {
  /** Largest piece that arrives at once, in bytes; each piece arrives on a turn of the loop of its own. @default Infinity */
  pieceSize?: number
}

/**
 * One end of a connection within the process. It behaves as a socket does: what is written arrives as copies, on a
 * later turn of the loop; a reader that stops makes the writer wait; the end of one end is the end of the other's data.
 */
export class MemoryTransport extends Duplex {
  readonly #pieceSize: number
  #peer: MemoryTransport | null = null
  /** What is on its way to the peer, and what to do when it has arrived, or cannot. */
  #delivery: Delivery | null = null
  /** Goes on with the peer's delivery when there is room here again. */
  #onRoom: (() => void) | null = null

  /** @throws {RangeError} When `pieceSize` is below 1. */
  constructor({ pieceSize = Infinity }: MemoryOptions = {}) {
    super({ allowHalfOpen: true })
    if (!(pieceSize >= 1)) throw new RangeError(`Cannot send in pieces of ${pieceSize} bytes`)
    this.#pieceSize = pieceSize
  }

  /** Two ends that are connected to each other. */
  static pair(options?: MemoryOptions): [MemoryTransport, MemoryTransport] {
    const first = new MemoryTransport(options)
    const second = new MemoryTransport(options)
    first.#peer = second
    second.#peer = first
    return [first, second]
  }

  /** Breaks the connection: the other end fails as if it had received a reset. */
  reset(): void {
    const peer = this.#peer
    this.#peer = null
    peer?.destroy(systemError('ECONNRESET', 'read'))
    this.destroy()
  }

  override _read(): void {
    const goOn = this.#onRoom
    this.#onRoom = null
    goOn?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: WriteCallback): void {
    this.#deliver({ bytes: Buffer.from(chunk), callback })
  }

  override _writev(chunks: { chunk: Buffer }[], callback: WriteCallback): void {
    this.#deliver({ bytes: Buffer.concat(chunks.map(({ chunk }) => chunk)), callback })
  }

  override _final(callback: WriteCallback): void {
    later(() => {
      this.#peer?.push(null)
      callback()
    })
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    // As in the buffers of the system, what has left arrives before the end; what the peer has no room for is lost.
    const peer = this.#peer
    if (this.#delivery === null || (peer !== null && peer.#onRoom !== null)) this.#leave()
    callback(error)
  }

  #leave(): void {
    const peer = this.#peer
    this.#peer = null
    if (peer !== null) later(() => peer.#peerGone())
  }

  #peerGone(): void {
    this.#peer = null
    const delivery = this.#delivery
    this.#delivery = null
    delivery?.callback(systemError('EPIPE', 'write'))
    if (!this.destroyed && !this.readableEnded) this.push(null)
  }

  #deliver(delivery: Delivery): void {
    this.#delivery = delivery
    later(() => this.#deliverPiece(0))
  }

  #deliverPiece(start: number): void {
    const peer = this.#peer
    const delivery = this.#delivery
    if (delivery === null) return
    if (peer === null || peer.destroyed) {
      this.#delivery = null
      delivery.callback(systemError('EPIPE', 'write'))
      return
    }
    const end = start + this.#pieceSize
    const hasRoom = peer.push(delivery.bytes.subarray(start, end))
    const goOn = (): void => {
      if (end < delivery.bytes.length) later(() => this.#deliverPiece(end))
      else {
        this.#delivery = null
        delivery.callback()
        if (this.destroyed) this.#leave()
      }
    }
    if (hasRoom) goOn()
    else peer.#onRoom = goOn
  }
}

type WriteCallback = (error?: Error | null) => void

interface Delivery {
  readonly bytes: Buffer
  readonly callback: WriteCallback
}

/** As the program started with: tests that fake the timers do not stop the connection. */
const later: typeof setImmediate = setImmediate

const texts = { ECONNRESET: 'connection reset by peer', EPIPE: 'broken pipe' } as const

function systemError(code: keyof typeof texts, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}: ${texts[code]}`), { code, syscall })
}

import { IOStream, type StreamReceiver } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import { Socket } from 'node:net'
import { ReadBuffers, type DoneCheck } from './read-buffers.ts'

/** Receives chunks whose memory is used again. */
export interface ReusingReceiver extends StreamReceiver {
  /**
   * Asked behind each chunk: `null` when nobody needs its bytes any more, else what tells when that is so.
   */
  chunkHeld(): DoneCheck | null
}

/**
 * A stream to connect that reads into buffers of its own.
 *
 * The platform allocates one for each read, and V8, which counts their bytes but loosely, lets tens of MiB of them lie before
 * it collects them.
 */
export class ReusingStream extends IOStream {
  readonly #buffers: ReadBuffers
  #receiver: ReusingReceiver | null = null

  constructor() {
    const buffers = new ReadBuffers()
    const callback = (size: number): boolean => this.#received(size)
    super(new Socket({ allowHalfOpen: true, onread: { buffer: () => buffers.current, callback } }))
    this.#buffers = buffers
    this.setNodelay(true)
  }

  override setReceiver(receiver: ReusingReceiver): void {
    this.#receiver = receiver
    super.setReceiver(receiver)
  }

  /** Answers whether to read on; who wants to pause has called that. */
  #received(size: number): boolean {
    const receiver = this.#receiver
    if (receiver === null || this.closed()) return false
    try {
      receiver.chunkReceived(this.#buffers.current.subarray(0, size))
    } catch (error) {
      appLog.error('Uncaught exception in a stream receiver', error)
      this.close(error as Error)
      return false
    }
    const isDone = receiver.chunkHeld()
    if (isDone !== null) this.#buffers.lend(isDone)
    return true
  }
}

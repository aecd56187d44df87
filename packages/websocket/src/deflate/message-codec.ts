import { WebSocketProtocolError } from '../errors.ts'
import { compressionBudget, type Job } from './compression-limits.ts'
import { keepContext, takeContext } from './context-pool.ts'
import {
  InflatedTooBigError,
  ZlibContext,
  type ContextCallback,
  type ContextOptions,
} from './zlib-context.ts'

/**
 * Compresses or inflates the messages of one direction of a connection, one at a time.
 *
 * With context takeover it keeps a context from the first message on; without, it borrows one for each message.
 */
export class MessageCodec {
  readonly #options: ContextOptions
  readonly #takeover: boolean
  #context: ZlibContext | null = null
  #job: MessageJob | null = null

  constructor(options: ContextOptions, takeover: boolean) {
    this.#options = options
    this.#takeover = takeover
  }

  /** Compresses a message; `done` is called once, later, unless the codec is closed before. */
  compress(payload: Buffer, done: ContextCallback): void {
    if (payload.length === 0) {
      // Nothing to flush comes out as nothing; an empty block has one byte (RFC 7692 §7.2.3.6).
      queueMicrotask(() => done(null, emptyBlock))
      return
    }
    this.#run(payload, Infinity, (error, bytes) => {
      done(error, bytes === null ? null : bytes.subarray(0, bytes.length - syncTail.length))
    })
  }

  /** Inflates a message of at most `maxSize` bytes. Fails with a `WebSocketProtocolError`. */
  inflate(payload: Buffer, maxSize: number, done: ContextCallback): void {
    this.#run(Buffer.concat([payload, syncTail]), maxSize, (error, bytes) => {
      if (error === null) done(null, bytes)
      else if (error instanceof InflatedTooBigError)
        done(new WebSocketProtocolError(1009, error.message), null)
      else done(new WebSocketProtocolError(1007, 'Message cannot be inflated', { cause: error }), null)
    })
  }

  /** The next message must not refer to those before. */
  resetWindow(): void {
    this.#context?.reset()
  }

  /** Drops what it is at and gives everything back. */
  close(): void {
    if (this.#job !== null) {
      this.#job.cancelled = true
      compressionBudget.cancel(this.#job)
      // A context that works cannot go back to others.
      if (this.#context === null) this.#job.context?.close()
      if (this.#job.context !== null) compressionBudget.jobEnded()
      this.#job = null
    }
    this.#context?.close()
    this.#context = null
  }

  #run(input: Buffer, maxSize: number, done: ContextCallback): void {
    const job: MessageJob = {
      cancelled: false,
      context: null,
      run: () => {
        const context = this.#take()
        job.context = context
        context.run(input, maxSize, (error, bytes) => {
          if (job.cancelled) return
          this.#job = null
          this.#giveBack(context)
          compressionBudget.jobEnded()
          done(error, bytes)
        })
      },
    }
    this.#job = job
    compressionBudget.start(job)
  }

  #take(): ZlibContext {
    if (!this.#takeover) return takeContext(this.#options)
    return (this.#context ??= new ZlibContext(this.#options))
  }

  #giveBack(context: ZlibContext): void {
    if (!this.#takeover) keepContext(this.#options, context)
    else if (!context.usable) {
      context.close()
      this.#context = null
    }
  }
}

interface MessageJob extends Job {
  cancelled: boolean
  context: ZlibContext | null
}

/** What a sync flush ends with, and messages leave out (RFC 7692 §7.2.1). */
const syncTail = Buffer.from([0x00, 0x00, 0xff, 0xff])
const emptyBlock = Buffer.from([0x00])

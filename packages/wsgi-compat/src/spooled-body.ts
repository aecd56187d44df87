import { spool, type SpooledFile } from '@tornado-ts/httputil'
import { PassThrough } from 'node:stream'
import type { BodySink } from './container-delegate.ts'

/** What becomes of a {@link SpooledBody}. */
export interface SpooledBodyOwner {
  /** All of it is there; `file` is gone once the promise is settled. */
  bodyComplete(file: SpooledFile): Promise<void>
  /** It could not be kept. */
  bodyFailed(error: Error): void
}

/**
 * Keeps a body in a temporary file until its length is known: applications of CGI take one without `CONTENT_LENGTH` for
 * empty (RFC 3875 §4.1.2). The server limits its size.
 */
export class SpooledBody implements BodySink {
  readonly #through = new PassThrough()
  readonly #maxMemorySize: number
  readonly #owner: SpooledBodyOwner
  #isCancelled = false

  constructor(maxMemorySize: number, owner: SpooledBodyOwner) {
    this.#maxMemorySize = maxMemorySize
    this.#owner = owner
    // It reaches the one who reads.
    this.#through.on('error', () => {})
    void this.#keep()
  }

  write(chunk: Uint8Array): void | Promise<void> {
    const through = this.#through
    if (through.destroyed || through.write(chunk)) return undefined
    return new Promise((resolve) => {
      const goOn = (): void => {
        through.off('drain', goOn).off('close', goOn)
        resolve()
      }
      through.on('drain', goOn).on('close', goOn)
    })
  }

  end(): void {
    this.#through.end()
  }

  cancel(): void {
    this.#isCancelled = true
    this.#through.destroy()
  }

  async #keep(): Promise<void> {
    let file: SpooledFile | null = null
    try {
      file = await spool(this.#through, { maxMemorySize: this.#maxMemorySize, maxSize: Infinity })
      if (!this.#isCancelled) await this.#owner.bodyComplete(file)
    } catch (error) {
      this.#through.destroy()
      if (!this.#isCancelled) this.#owner.bodyFailed(error as Error)
    } finally {
      await file?.[Symbol.asyncDispose]()
    }
  }
}

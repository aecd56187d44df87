import type { HTTPHeaders } from '@tornado-ts/httputil'
import type { HTTPRequest } from './http-request.ts'
import type { HTTPResponse } from './http-response.ts'

/** A response whose body is still to come. Iterate over it once, or {@link cancel} it. */
export class HTTPResponseStream implements AsyncIterable<Buffer>, AsyncDisposable {
  readonly request: HTTPRequest
  readonly code: number
  readonly reason: string
  readonly headers: HTTPHeaders
  readonly effectiveUrl: string
  readonly #pieces: Pieces
  readonly #abort: AbortController
  #taken = false

  constructor(head: HTTPResponse, pieces: Pieces, abort: AbortController) {
    this.request = head.request
    this.code = head.code
    this.reason = head.reason
    this.headers = head.headers
    this.effectiveUrl = head.effectiveUrl
    this.#pieces = pieces
    this.#abort = abort
  }

  /** @throws {Error} Later, as `fetch`, when the response breaks off; at once on a second iteration. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    if (this.#taken) throw new TypeError('The body has been taken already')
    this.#taken = true
    try {
      for (;;) {
        const piece = await this.#pieces.take()
        if (piece === null) return
        yield piece
      }
    } finally {
      this.cancel()
    }
  }

  /** The rest of the body as bytes. It may have any size: `maxBodySize` is what limits it. */
  async body(): Promise<Buffer> {
    const pieces: Buffer[] = []
    for await (const piece of this) pieces.push(piece)
    return Buffer.concat(pieces)
  }

  /** Ends the fetch, if it is not over; the connection is closed. */
  cancel(): void {
    if (!this.#pieces.ended) this.#abort.abort(new DOMException('The response was cancelled', 'AbortError'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel()
  }
}

/** Fetches with a request of its own, whose callbacks fill a stream. */
export function openResponseStream(
  made: HTTPRequest,
  raiseError: boolean,
  fetch: (request: HTTPRequest) => Promise<HTTPResponse>,
): Promise<HTTPResponseStream> {
  const abort = new AbortController()
  const pieces = new Pieces()
  const { signal, headCallback } = made
  return new Promise<HTTPResponseStream>((resolve, reject) => {
    made.signal = signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal])
    made.headCallback = (head) => {
      if (head.error === null || !raiseError) resolve(new HTTPResponseStream(head, pieces, abort))
      // Nobody takes the body of an answer that is an error in itself.
      else pieces.gather()
      headCallback?.(head)
    }
    made.streamingCallback = (chunk) => pieces.put(chunk)
    fetch(made).then(
      () => pieces.end(null),
      (error: Error) => {
        pieces.end(error)
        reject(error)
      },
    )
  })
}

/** One piece at a time, from the fetch to the loop. */
class Pieces {
  ended = false
  #error: Error | null = null
  #waiting: { chunk: Buffer; taken: () => void } | null = null
  #taker: PromiseWithResolvers<Buffer | null> | null = null
  #dropping = false

  put(chunk: Buffer): void | Promise<void> {
    if (this.#dropping) return undefined
    const taker = this.#taker
    if (taker !== null) {
      this.#taker = null
      taker.resolve(chunk)
      return undefined
    }
    return new Promise((taken) => (this.#waiting = { chunk, taken }))
  }

  /** Nobody will take what comes. */
  gather(): void {
    this.#dropping = true
  }

  end(error: Error | null): void {
    this.ended = true
    this.#error = error
    const taker = this.#taker
    this.#taker = null
    if (error === null) taker?.resolve(null)
    else taker?.reject(error)
  }

  /** The next piece; `null` at the end. */
  take(): Promise<Buffer | null> {
    const waiting = this.#waiting
    if (waiting !== null) {
      this.#waiting = null
      waiting.taken()
      return Promise.resolve(waiting.chunk)
    }
    if (this.#error !== null) return Promise.reject(this.#error)
    if (this.ended) return Promise.resolve(null)
    this.#taker = Promise.withResolvers()
    return this.#taker.promise
  }
}

import type { FastCGIRequest } from './fastcgi-request.ts'

/** The request that stands behind the running one of a connection: sent already, and begun when that is over. */
export class NextRequest {
  readonly #onLate: (request: FastCGIRequest) => void
  #request: FastCGIRequest | null = null
  #isTakenBack = false
  #timer: NodeJS.Timeout | null = null

  /** Calls `onLate` with a request that was not begun in time, and that is thereby taken back. */
  constructor(onLate: (request: FastCGIRequest) => void) {
    this.#onLate = onLate
  }

  /** Whether the server has nothing more to do than the running one, not even to pass over one that was taken back. */
  get isNone(): boolean {
    return this.#request === null && !this.#isTakenBack
  }

  /** One was sent. */
  put(request: FastCGIRequest): void {
    this.#request = request
    if (this.#timer === null) {
      this.#timer = setTimeout(() => this.#takeBack(), limitMs)
      this.#timer.unref()
    } else this.#timer.refresh()
  }

  /** The server goes on to it; `null` when it was taken back: then whatever comes of it is to be passed over. */
  begin(): FastCGIRequest | null {
    const request = this.#request
    this.#request = null
    this.#isTakenBack = false
    return request
  }

  /** The connection is closed; answers the request, which is to run elsewhere. */
  close(): FastCGIRequest | null {
    if (this.#timer !== null) clearTimeout(this.#timer)
    return this.begin()
  }

  #takeBack(): void {
    const request = this.#request
    if (request === null) return
    this.#request = null
    this.#isTakenBack = true
    this.#onLate(request)
  }
}

/** How long a request may stand there. */
const limitMs = 20

import { appLog } from '@tornado-ts/log'
import type { Answer } from './answer.ts'
import { ErrorText } from './error-text.ts'
import type { FastCGIListener } from './fastcgi-request.ts'
import { CGIHeadDecoder } from './protocol/cgi-head.ts'

/** Makes of what a FastCGI server sends the answer to a request. */
export class GatewayAnswer implements FastCGIListener {
  /** Called when no more is wanted of the request. */
  onUnusable: (() => void) | null = null

  readonly #answer: Answer
  readonly #head: CGIHeadDecoder
  #errors: ErrorText | null = null

  constructor(answer: Answer, maxHeaderSize: number) {
    this.#answer = answer
    this.#head = new CGIHeadDecoder(maxHeaderSize)
  }

  stdoutReceived(chunk: Buffer): void | Promise<void> {
    const answer = this.#answer
    if (answer.headSent) return answer.write(chunk)
    let found: ReturnType<CGIHeadDecoder['receive']>
    try {
      found = this.#head.receive(chunk)
    } catch (error) {
      appLog.error(`Malformed response to ${this.#requestText}`, error)
      answer.fail(502)
      this.onUnusable?.()
      return undefined
    }
    if (found === null) return undefined
    const { code, reason, headers } = found.head
    return answer.begin(code, reason, headers, found.rest, false)
  }

  stderrReceived(chunk: Buffer): void {
    this.#errors ??= new ErrorText((text) => appLog.error(`${this.#requestText}: ${text}`))
    this.#errors.receive(chunk)
  }

  isDone(): boolean {
    return !this.#answer.headSent || this.#answer.isTaken
  }

  finished(appStatus: number): void {
    this.#errors?.end()
    if (this.#answer.isOver) return
    if (!this.#answer.headSent) {
      appLog.error(`No response to ${this.#requestText}`)
      this.#answer.fail(502)
    } else if (appStatus === 0) this.#answer.finish()
    else this.#answer.breakOff()
  }

  failed(error: Error): void {
    this.#errors?.end()
    const answer = this.#answer
    if (answer.isOver) return
    appLog.error(`Cannot answer ${this.#requestText}: ${error.message}`)
    if (error.name === 'NoWorkerError') answer.fail(503, { 'Retry-After': '1' })
    else answer.fail(error.name === 'RequestTimeoutError' ? 504 : 502)
  }

  get #requestText(): string {
    const { method, uri } = this.#answer.request
    return `${method} ${uri}`
  }
}

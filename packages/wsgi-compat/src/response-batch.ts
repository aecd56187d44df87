import { appLog } from '@tornado-ts/log'
import { FastCGIConnectionError } from './errors.ts'
import type { FastCGIRequest } from './fastcgi-request.ts'
import type { EndEvent, OutputEvent } from './protocol/response-decoder.ts'

/** What one chunk brought of the response to one request. */
export class ResponseBatch {
  readonly request: FastCGIRequest
  readonly #outputs: readonly OutputEvent[]
  readonly #end: EndEvent | null

  constructor(request: FastCGIRequest, outputs: readonly OutputEvent[], end: EndEvent | null) {
    this.request = request
    this.#outputs = outputs
    this.#end = end
  }

  /** Hands it to the listener of the request; a promise when no more should be read before. */
  deliver(): void | Promise<void> {
    const { request } = this
    let taken: void | Promise<void> = undefined
    try {
      for (const { kind, data } of this.#outputs) {
        if (request.state === 'over') return undefined
        if (kind === 'stdout') {
          request.hasOutput = true
          taken = request.listener.stdoutReceived(data) ?? taken
        } else request.listener.stderrReceived(data)
      }
      if (this.#end === null) return taken
      if (request.state !== 'over') this.#finish(this.#end)
    } catch (error) {
      appLog.error('Uncaught exception', error)
      const { onCancel } = request
      request.fail(error as Error)
      onCancel?.(request)
    }
    return undefined
  }

  #finish({ appStatus, protocolStatus }: EndEvent): void {
    const { request } = this
    if (protocolStatus === 0) {
      request.over()
      request.listener.finished(appStatus)
    } else request.fail(new FastCGIConnectionError(`Server refused the request: ${refusals[protocolStatus]}`))
  }
}

const refusals: Readonly<Record<number, string>> = {
  1: 'it runs one request a connection',
  2: 'it is overloaded',
  3: 'it does not know the role of a responder',
}

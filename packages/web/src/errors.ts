import { responses } from '@tornado-ts/httputil'
import { format } from 'node:util'

/** What an {@link HTTPError} carries besides status and message. */
export interface HTTPErrorOptions extends ErrorOptions {
  /** Values for the `%s`, `%d` and `%j` of the log message. @default none */
  args?: readonly unknown[]
  /** Reason phrase for the status line. @default the standard phrase of the status */
  reason?: string
}

/**
 * Ends a request with an error page of this status. Throw it anywhere in a handler.
 *
 * The log message is for the log alone; the client sees status and reason. Tornado: web.HTTPError.
 */
export class HTTPError extends Error {
  override readonly name: string = 'HTTPError'
  readonly statusCode: number
  readonly logMessage: string | undefined
  readonly args: readonly unknown[]
  readonly reason: string | undefined

  constructor(
    statusCode = 500,
    logMessage?: string,
    { args = [], reason, ...options }: HTTPErrorOptions = {},
  ) {
    const explanation = logMessage ? ` (${formatMessage(logMessage, args)})` : ''
    super(`HTTP ${statusCode}: ${reason || (responses[statusCode] ?? 'Unknown')}${explanation}`, options)
    this.statusCode = statusCode
    this.logMessage = logMessage
    this.args = args
    this.reason = reason
  }

  /** The log message with its arguments in place; empty when there is none. */
  getMessage(): string {
    return this.logMessage === undefined ? '' : formatMessage(this.logMessage, this.args)
  }
}

/** A required argument is missing: 400. Tornado: web.MissingArgumentError. */
export class MissingArgumentError extends HTTPError {
  override readonly name = 'MissingArgumentError'
  readonly argName: string

  constructor(argName: string) {
    super(400, `Missing argument ${argName}`)
    this.argName = argName
  }
}

/**
 * Ends a request without an error: throw it to leave a handler from anywhere. A chunk is passed to `finish`.
 * Tornado: web.Finish.
 */
export class Finish extends Error {
  override readonly name = 'Finish'
  readonly chunk: string | Uint8Array | object | undefined

  constructor(chunk?: string | Uint8Array | object) {
    super('Finish')
    this.chunk = chunk
  }
}

function formatMessage(message: string, args: readonly unknown[]): string {
  // Without arguments a percent sign is itself.
  return args.length === 0 ? message : format(message, ...args)
}

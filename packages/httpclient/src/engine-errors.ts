import { HTTPInputError } from '@tornado-ts/httputil'
import { HTTPProtocolError, HTTPStreamClosedError, HTTPTimeoutError } from './errors.ts'

/** What a fetch fails with when there is no connection. */
export function toConnectError(error: Error & { realError?: Error | null }): Error {
  if (error.name === 'TimeoutError') return new HTTPTimeoutError('connect', { cause: error })
  if (error.name === 'StreamClosedError')
    return error.realError ?? new HTTPStreamClosedError(undefined, { cause: error })
  return error
}

/** What a fetch fails with when an exchange does; `inputEnded`: the server has closed its side. */
export function toExchangeError(error: Error & { realError?: Error | null }, inputEnded: boolean): Error {
  if (error.name === 'StreamClosedError')
    return new HTTPStreamClosedError('Connection closed', { cause: error.realError ?? error })
  if (error.name === 'ResponseTimeoutError') return new HTTPTimeoutError('request', { cause: error })
  if (error instanceof HTTPInputError && inputEnded)
    return new HTTPStreamClosedError('Connection closed before the response was complete', { cause: error })
  if (error instanceof HTTPInputError) return new HTTPProtocolError(error.message, { cause: error })
  return error
}

import { HTTPHeaders, HTTPOutputError, isTrailerName } from '@tornado-ts/httputil'
import type { HandlerResponse } from './handler-response.ts'

/** A field to send behind a body. */
export interface NewTrailer {
  readonly name: string
  readonly value: string
  /** Whether it takes the place of those of its name. */
  readonly replace: boolean
}

/**
 * Keeps a trailer for the end of a response, and announces it while that is possible.
 *
 * @param version The request's: HTTP/1.0 has no chunks, and no room behind them.
 * @throws {HTTPOutputError} When it cannot be sent as a trailer.
 * @throws {Error} When it comes too late.
 */
export function putTrailer(
  response: HandlerResponse,
  version: string,
  { name, value, replace }: NewTrailer,
): void {
  if (!isTrailerName(name)) throw new HTTPOutputError(`${name} cannot be a trailer`)
  if (response.finished) throw new Error('Cannot set a trailer after finish()')
  const trailers = response.trailers ?? new HTTPHeaders()
  if (replace) trailers.set(name, value)
  else trailers.add(name, value)
  if (version === 'HTTP/1.0') return
  const { headers } = response
  const announced = isListed(headers.get('Trailer'), name)
  if (response.headersWritten) {
    if (headers.has('Content-Length'))
      throw new Error('There is no trailer behind a body whose length was told')
    if (!announced) throw new Error(`The trailer ${name} was not announced`)
  } else if (!announced) headers.add('Trailer', name)
  response.trailers = trailers
}

function isListed(list: string | undefined, name: string): boolean {
  if (list === undefined) return false
  return list.split(',').some((one) => one.trim().toLowerCase() === name.toLowerCase())
}

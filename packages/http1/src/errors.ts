/** The response, or the rest of it, has not come in time; the connection is closed. */
export class ResponseTimeoutError extends Error {
  override readonly name = 'ResponseTimeoutError'
}

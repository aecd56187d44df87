import { StreamClosedError } from '@tornado-ts/iostream'

/** What a write on a connection that has closed answers; a rejection that nobody awaits is silent. */
export function rejectClosed(reason: Error = new StreamClosedError()): Promise<never> {
  const rejected = Promise.reject(reason)
  rejected.catch(() => {})
  return rejected
}

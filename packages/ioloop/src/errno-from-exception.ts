/**
 * The system's number for an error: its `errno`, or that of what caused it; `null`
 * without one. Node's numbers are negative; `code` is the name, such as `ECONNRESET`. Tornado: util.errno_from_exception.
 */
export function errnoFromException(error: unknown): number | null {
  // A cause may lead back to its error.
  for (let depth = 0; depth < 16 && typeof error === 'object' && error !== null; depth++) {
    const { errno, cause } = error as { errno?: unknown; cause?: unknown }
    if (typeof errno === 'number') return errno
    error = cause
  }
  return null
}

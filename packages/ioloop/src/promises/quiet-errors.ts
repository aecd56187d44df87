import { isCancellation } from '../loop/run-callback.ts'

/** Errors by their class, or by their `name` where two copies of the class may be installed. */
export type ErrorKind = string | (abstract new (...args: never[]) => Error)

/** Which errors are not worth a log line. */
export type QuietExceptions = ErrorKind | readonly ErrorKind[]

/** Whether an error is one of these kinds, or a cancellation. */
export function isQuiet(error: unknown, quiet: QuietExceptions): boolean {
  if (isCancellation(error)) return true
  const kinds = typeof quiet === 'string' || typeof quiet === 'function' ? [quiet] : quiet
  return kinds.some((kind) =>
    typeof kind === 'string' ? error instanceof Error && error.name === kind : error instanceof kind,
  )
}

/**
 * Rejects every pending read and write when the stream closes, and is thrown by calls on a closed stream.
 *
 * `cause` (and Tornado's `realError`) is what closed the stream; absent after an orderly close.
 * Tornado: iostream.StreamClosedError.
 */
export class StreamClosedError extends Error {
  override readonly name = 'StreamClosedError'
  /** What closed the stream, or `null` after an orderly close. */
  readonly realError: Error | null

  constructor(realError: Error | null = null) {
    super('Stream is closed', realError === null ? undefined : { cause: realError })
    this.realError = realError
  }
}

/** The delimiter or match of a read did not end within its `maxSize`. Tornado: iostream.UnsatisfiableReadError. */
export class UnsatisfiableReadError extends Error {
  override readonly name = 'UnsatisfiableReadError'
}

/** The read or write buffer would grow past its limit. Tornado: iostream.StreamBufferFullError. */
export class StreamBufferFullError extends Error {
  override readonly name = 'StreamBufferFullError'
}

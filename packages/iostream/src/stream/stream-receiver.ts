/**
 * What protocol code implements to be handed a stream's events by direct call: no promise a read, no copy.
 *
 * Set with {@link BaseIOStream.setReceiver}. The calls come from the event loop, never from inside a call that the
 * receiver makes on the stream. An exception that escapes from one closes the stream and is logged.
 */
export interface StreamReceiver {
  /** Bytes arrived. The chunk is the receiver's to keep, and not to change. */
  chunkReceived(chunk: Buffer): void
  /** The peer will send no more; what is to be written still can be. */
  endReceived(): void
  /** The write buffer has emptied after {@link BaseIOStream.send} answered `false`. */
  writeBufferEmptied(): void
  /** The stream is closed, called once and last. `error` is why, or `null` after an orderly close. */
  streamClosed(error: Error | null): void
}

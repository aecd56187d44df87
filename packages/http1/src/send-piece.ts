import { encodeChunkSize } from './protocol/encoder.ts'

/** Where the bytes of a message go to. */
export interface MessageSink {
  /** Queues text, one character a byte. */
  sendText(text: string): void
  sendBytes(bytes: Uint8Array): void
}

/** Bytes of a piece of a body; text goes out as UTF-8. */
export function pieceSize(piece: string | Uint8Array): number {
  return typeof piece === 'string' ? Buffer.byteLength(piece) : piece.byteLength
}

/**
 * Queues a piece of a body of so many bytes, not zero, behind `head`, which may be empty: as a chunk of its own when
 * `chunking` (RFC 9112 §7.1), else as it is.
 */
export function sendPiece(
  sink: MessageSink,
  head: string,
  piece: string | Uint8Array,
  size: number,
  chunking: boolean,
): void {
  const before = chunking ? head + encodeChunkSize(size) : head
  const after = chunking ? '\r\n' : ''
  if (typeof piece === 'string' && piece.length === size) {
    // As many bytes as characters: it is ASCII, and goes out as part of the same text.
    sink.sendText(before + piece + after)
    return
  }
  if (before !== '') sink.sendText(before)
  sink.sendBytes(typeof piece === 'string' ? Buffer.from(piece) : piece)
  if (after !== '') sink.sendText(after)
}

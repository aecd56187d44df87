import { isUtf8 } from 'node:buffer'
import { bufferView } from './buffer-view.ts'

/** The text that bytes are in UTF-8, or `null` when they are not. A byte order mark is kept. */
export function decodeUtf8Bytes(bytes: Uint8Array): string | null {
  return isUtf8(bytes) ? bufferView(bytes).toString('utf8') : null
}

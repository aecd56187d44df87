import { TranslationFileError } from './errors.ts'

/** What Python calls some encodings for which the Encoding Standard has another name. */
const pythonNames: ReadonlyMap<string, string> = new Map([
  ['utf-8-sig', 'utf-8'],
  ['latin-1', 'latin1'],
  ['utf-16-le', 'utf-16le'],
  ['utf-16-be', 'utf-16be'],
  ['shift-jis', 'shift_jis'],
])

/**
 * A strict decoder. A byte order mark at the beginning is not part of the text.
 *
 * @throws {TranslationFileError} For an encoding that nobody knows.
 */
export function decoderOf(encoding: string): TextDecoder {
  const name = encoding.toLowerCase().replaceAll('_', '-')
  try {
    return new TextDecoder(pythonNames.get(name) ?? name, { fatal: true })
  } catch (cause) {
    throw new TranslationFileError(`Unknown encoding ${JSON.stringify(encoding)}`, { cause })
  }
}

/** @throws {TranslationFileError} For bytes that are not text of this encoding. */
export function decodeText(bytes: Uint8Array, decoder: TextDecoder): string {
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new TranslationFileError(`Cannot decode ${bytes.length} bytes as ${decoder.encoding}`, { cause })
  }
}

/** The encoding that a byte order mark tells, else UTF-8. */
export function detectEncoding(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  return bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8'
}

/** `utf-16` of either order, by the mark. */
export function withByteOrder(encoding: string, bytes: Uint8Array): string {
  const isEither = /^utf[-_]?16$/i.test(encoding)
  return isEither && bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : encoding
}

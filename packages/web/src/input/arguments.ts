import { decodeUtf8 } from '@tornado-ts/httputil'
import { HTTPError } from '../errors.ts'

/**
 * Decodes a byte string (one character a byte) as UTF-8.
 *
 * @throws {HTTPError} With status 400 when it is not UTF-8.
 */
export function decodeText(bytes: string, name: string): string {
  try {
    return decodeUtf8(bytes)
  } catch (error) {
    throw new HTTPError(400, `Invalid unicode in ${name}: ${JSON.stringify(bytes.slice(0, 40))}`, {
      cause: error,
    })
  }
}

/** Without the control characters that have no place in a line of text; tabs and line ends stay. */
export function replaceControls(text: string): string {
  return text.replace(controls, ' ')
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const controls = /[\x00-\x08\x0e-\x1f]/g

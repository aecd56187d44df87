import { unescapePercent } from '../percent.ts'
import { decodeUtf8Bytes } from '../utf8.ts'

/**
 * Decodes an extended parameter value such as the `utf-8''%e2%82%ac` of `filename*`. `null` when it is malformed, its
 * bytes are not of its charset, or the charset is unknown.
 *
 * @see RFC 8187 (which replaced RFC 5987) §3.2
 */
export function decodeExtendedValue(text: string): string | null {
  const charsetEnd = text.indexOf("'")
  const languageEnd = charsetEnd === -1 ? -1 : text.indexOf("'", charsetEnd + 1)
  if (languageEnd === -1) return null
  const charset = text.slice(0, charsetEnd).toLowerCase()
  const bytes = Buffer.from(unescapePercent(text.slice(languageEnd + 1)), 'latin1')
  if (charset === 'utf-8') return decodeUtf8Bytes(bytes)
  if (charset === 'iso-8859-1' || charset === 'us-ascii') return bytes.toString('latin1')
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

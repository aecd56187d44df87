import { hasControl } from '../characters.ts'

/**
 * A `Content-Disposition` value for a response, with the file name quoted, and as `filename*` too when it is not ASCII.
 *
 * @param filename The last part of a path; `/` and `\` are made `_`, since the receiver's idea of a path is not known.
 * @throws {TypeError} On a control character in the file name, and a type that is no token.
 * @see RFC 6266, RFC 8187
 */
export function formatContentDisposition(
  type: 'attachment' | 'inline' | (string & {}),
  filename?: string,
): string {
  if (!/^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(type))
    throw new TypeError('Content disposition type must be a token')
  if (filename === undefined) return type
  if (typeof filename !== 'string' || hasControl(filename)) throw new TypeError('Invalid file name')
  const name = filename.toWellFormed().replace(/[/\\]/g, '_')
  const fallback = name.replace(/[^ -~]/gu, '_').replaceAll('"', '\\"')
  const plain = `${type}; filename="${fallback}"`
  // Some receivers decode %XX in the quoted form, others do not: the extended form is the same to all.
  return /[^ -~]|%/.test(name) ? `${plain}; filename*=UTF-8''${encodeExtended(name)}` : plain
}

/**
 * The `Content-Disposition` of a part of a form, as browsers write it: UTF-8 in quotes, with `"`, CR and LF as `%22`, `%0D` and
 * `%0A`.
 *
 * @returns Text to be encoded as UTF-8; it holds no line end.
 * @throws {TypeError} On an empty name, and any other control character.
 * @see RFC 7578 §4.2; WHATWG HTML §4.10.21.8
 */
export function formatFormDataDisposition(name: string, filename?: string): string {
  const disposition = `form-data; name="${escapeFormName(name)}"`
  if (name === '') throw new TypeError('A form field needs a name')
  return filename === undefined ? disposition : `${disposition}; filename="${escapeFormName(filename)}"`
}

function escapeFormName(name: string): string {
  const escaped = name.toWellFormed().replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  if (hasControl(escaped)) throw new TypeError('Invalid name of a form field')
  return escaped
}

/** RFC 8187 §3.2.1: attr-char stays, all else is percent-encoded UTF-8. */
function encodeExtended(text: string): string {
  return encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

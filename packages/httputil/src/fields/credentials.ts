/**
 * `username:password` as the bytes that basic authentication encodes. Text is normalised to NFC and encoded as UTF-8; bytes are
 * taken as they are.
 *
 * @see RFC 7617 §2.1; Tornado: httputil.encode_username_password
 */
export function encodeUsernamePassword(
  username: string | Uint8Array,
  password: string | Uint8Array,
): Uint8Array {
  return Buffer.concat([toBytes(username), Buffer.from(':'), toBytes(password)])
}

function toBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text.normalize('NFC'), 'utf8') : text
}

import { isToken } from '@tornado-ts/httputil'

/** The versions of the protocol that a server speaks: those before 13 differ in name only. Tornado: websocket.WebSocketProtocol13. */
export const supportedVersions = '7, 8, 13'

export function isSupportedVersion(version: string | undefined): boolean {
  return version === '13' || version === '8' || version === '7'
}

/** Whether a comma list holds a token, in any case. */
export function hasToken(field: string | undefined, token: string): boolean {
  return field !== undefined && splitList(field).some((each) => each.toLowerCase() === token)
}

/** The elements of a comma list, trimmed. Empty ones are left out. */
export function splitList(field: string): string[] {
  return field
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '')
}

/** Whether a `Sec-WebSocket-Key` is 16 bytes in base64 (RFC 6455 §4.1). */
export function isValidKey(key: string): boolean {
  return /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key)
}

/** Whether subprotocols can stand in a `Sec-WebSocket-Protocol` field: tokens, none twice. */
export function areSubprotocols(names: readonly string[]): boolean {
  return names.every((name) => isToken(name)) && new Set(names).size === names.length
}

/**
 * Whether a page of `origin` comes from the server that was asked as `host`: host and port are the same, in any case. What
 * is no URL with a host, such as `null`, comes from elsewhere.
 */
export function isSameOrigin(origin: string, host: string): boolean {
  const found = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(origin)
  return found !== null && found[1] !== '' && found[1]!.toLowerCase() === host.toLowerCase()
}

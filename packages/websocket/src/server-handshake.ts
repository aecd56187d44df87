import type { HTTPHeaders, HTTPServerRequest } from '@tornado-ts/httputil'
import { resolveCompression, type CompressionOptions } from './deflate/compression-options.ts'
import { affordableWishes, MessageCompression } from './deflate/message-compression.ts'
import { formatExtension, parseExtensions } from './protocol/extensions.ts'
import { hasToken, isSupportedVersion, isValidKey, splitList } from './protocol/handshake.ts'
import { acceptDeflate } from './protocol/permessage-deflate.ts'

/** What is wrong with a request that should ask for an upgrade, in words for the client; `null` when it asks for one. */
export function wrongUpgrade(headers: HTTPHeaders): string | null {
  if (headers.get('Upgrade')?.toLowerCase() !== 'websocket') return 'Can "Upgrade" only to "WebSocket".'
  return hasToken(headers.get('Connection'), 'upgrade') ? null : '"Connection" must be "Upgrade".'
}

/** The origin of the page that asks. Browsers of long ago told it by another name. */
export function originOf(headers: HTTPHeaders): string | undefined {
  return headers.get('Origin') ?? headers.get('Sec-Websocket-Origin')
}

/** Whether the client speaks another version of the protocol. */
export function speaksOtherVersion(headers: HTTPHeaders): boolean {
  const version = headers.get('Sec-WebSocket-Version')
  return version !== undefined && version !== '' && !isSupportedVersion(version)
}

/** The key of a request that has all that the opening handshake needs (RFC 6455 §4.2.1), else `null`. */
export function keyOf({ headers, version }: HTTPServerRequest): string | null {
  const key = headers.get('Sec-WebSocket-Key')
  const isComplete = Boolean(headers.get('Sec-WebSocket-Version')) && Boolean(headers.get('Host'))
  return isComplete && version !== 'HTTP/1.0' && key !== undefined && isValidKey(key) ? key : null
}

/**
 * The subprotocol that `select` picks of those that the client offers, or `null`.
 *
 * @throws {Error} When it picks another.
 */
export function pickSubprotocol(
  headers: HTTPHeaders,
  select: (offered: string[]) => string | null | undefined,
): string | null {
  const offered = splitList(headers.get('Sec-WebSocket-Protocol') ?? '')
  const selected = select(offered) || null
  if (selected !== null && !offered.includes(selected)) {
    throw new Error(`selectSubprotocol picked ${JSON.stringify(selected)}, which was not offered`)
  }
  return selected
}

/** Compression that both sides agree on, and how the client is told. */
export interface AcceptedCompression {
  readonly compression: MessageCompression
  /** For `Sec-WebSocket-Extensions`. */
  readonly field: string
}

/** What a client's offer and the server's options come to; `null` when that is no compression. */
export function acceptCompression(
  headers: HTTPHeaders,
  getOptions: () => CompressionOptions | null,
): AcceptedCompression | null {
  const offered = headers.get('Sec-WebSocket-Extensions')
  const options = offered === undefined ? null : getOptions()
  if (offered === undefined || options === null) return null
  const resolved = resolveCompression(options)
  // What cannot be read is as if it was not offered: a client can do without.
  const accepted = acceptDeflate(parseExtensions(offered) ?? [], affordableWishes(resolved))
  if (accepted === null) return null
  const compression = new MessageCompression(accepted.agreement, resolved)
  return { compression, field: formatExtension(accepted.answer) }
}

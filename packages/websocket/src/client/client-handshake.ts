import { HTTP1ClientConnection } from '@tornado-ts/http1'
import {
  connectOrigin,
  cookiesFor,
  HTTPResponse,
  storeCookies,
  type HTTPRequest,
  type RequestTarget,
} from '@tornado-ts/httpclient'
import {
  encodeUsernamePassword,
  HTTPHeaders,
  RequestStartLine,
  type HTTPMessageDelegate,
  type ResponseStartLine,
} from '@tornado-ts/httputil'
import type { BaseIOStream } from '@tornado-ts/iostream'
import type { Resolver } from '@tornado-ts/iostream/netutil'
import { randomBytes } from 'node:crypto'
import { computeAcceptValue } from '../accept-value.ts'
import type { ResolvedCompression } from '../deflate/compression-options.ts'
import { WebSocketError } from '../errors.ts'
import { formatExtension, parseExtensions } from '../protocol/extensions.ts'
import { hasToken } from '../protocol/handshake.ts'
import { offerDeflate, readDeflateAnswer, type DeflateAgreement } from '../protocol/permessage-deflate.ts'

/** What a client asks for. */
export interface HandshakeOptions {
  readonly subprotocols: readonly string[]
  readonly compression: ResolvedCompression | null
  readonly resolver: Resolver | undefined
  readonly signal: AbortSignal
}

/** What the server makes of it. */
export type HandshakeResult =
  | {
      readonly kind: 'open'
      readonly stream: BaseIOStream
      readonly headers: HTTPHeaders
      readonly subprotocol: string | null
      readonly agreement: DeflateAgreement | null
    }
  | { readonly kind: 'refused'; readonly response: HTTPResponse }

/** Connects and does the opening handshake (RFC 6455 §4.1). */
export async function openHandshake(
  request: HTTPRequest,
  options: HandshakeOptions,
): Promise<HandshakeResult> {
  const { resolver, signal } = options
  if (!/^wss?:/i.test(request.url))
    throw new TypeError(`Unsupported url scheme: ${request.url.split(':', 1)[0]}`)
  const { cookieJar } = request
  // Cookies know no WebSocket: those of the page go along (RFC 6455 §4.1, step 12).
  const cookieUrl = request.url.replace(/^ws/i, 'http')
  const cookies =
    cookieJar === undefined ? '' : await cookiesFor(cookieJar, cookieUrl, request.headers.get('Cookie'))
  const { stream, target } = await connectOrigin(request, {
    signal,
    timeoutMs: 0,
    ...(resolver === undefined ? {} : { resolver }),
  })
  const giveUp = (): void => stream.close()
  signal.addEventListener('abort', giveUp, { once: true })
  try {
    signal.throwIfAborted()
    const headers = requestHeaders(target, request, options)
    if (cookies !== '') headers.set('Cookie', cookies)
    const result = await exchange(stream, target, request, headers, options)
    if (cookieJar !== undefined) {
      const answered = result.kind === 'open' ? result.headers : result.response.headers
      await storeCookies(cookieJar, cookieUrl, answered.getList('Set-Cookie'))
    }
    return result
  } catch (error) {
    stream.close()
    throw error
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

async function exchange(
  stream: BaseIOStream,
  target: RequestTarget,
  request: HTTPRequest,
  headers: HTTPHeaders,
  options: HandshakeOptions,
): Promise<HandshakeResult> {
  const key = randomBytes(16).toString('base64')
  const connection = new HTTP1ClientConnection(stream, { params: { maxBodySize: maxRefusalSize } })
  const answer = new HandshakeAnswer()
  headers.set('Sec-WebSocket-Key', key)
  void connection.writeHeaders(new RequestStartLine('GET', target.path, 'HTTP/1.1'), headers)
  connection.finish()
  try {
    await connection.readResponse(answer)
  } catch (error) {
    // Of a refusal the status counts; that its body is too large or broken off changes nothing.
    if (answer.code < 200) throw error
  }
  if (answer.code !== 101) {
    stream.close()
    const { code, reason, headers, chunks } = answer
    return { kind: 'refused', response: new HTTPResponse(request, code, { headers, reason, chunks }) }
  }
  const { subprotocol, agreement } = checkAnswer(answer.headers, key, options)
  return { kind: 'open', stream: connection.detach(), headers: answer.headers, subprotocol, agreement }
}

function requestHeaders(
  target: RequestTarget,
  request: HTTPRequest,
  { subprotocols, compression }: HandshakeOptions,
): HTTPHeaders {
  const headers = new HTTPHeaders(request.headers)
  headers.setDefault('Host', request.hostHeader ?? target.hostHeader)
  const username = target.username === '' ? request.authUsername : target.username
  if (username !== undefined) {
    const password = target.username === '' ? (request.authPassword ?? '') : target.password
    const credentials = Buffer.from(encodeUsernamePassword(username, password)).toString('base64')
    headers.set('Authorization', `Basic ${credentials}`)
  }
  const userAgent = request.userAgent ?? 'tornado-ts'
  if (userAgent !== '') headers.setDefault('User-Agent', userAgent)
  headers.set('Upgrade', 'websocket')
  headers.set('Connection', 'Upgrade')
  headers.set('Sec-WebSocket-Version', '13')
  if (subprotocols.length > 0) headers.set('Sec-WebSocket-Protocol', subprotocols.join(','))
  if (compression !== null) {
    headers.set('Sec-WebSocket-Extensions', formatExtension(offerDeflate(compression)))
  }
  return headers
}

/** @throws {WebSocketError} When this is not how a WebSocket server answers. */
function checkAnswer(
  headers: HTTPHeaders,
  key: string,
  { subprotocols, compression }: HandshakeOptions,
): { subprotocol: string | null; agreement: DeflateAgreement | null } {
  if (headers.get('Upgrade')?.toLowerCase() !== 'websocket')
    throw new WebSocketError('Invalid Upgrade header')
  if (!hasToken(headers.get('Connection'), 'upgrade')) throw new WebSocketError('Invalid Connection header')
  if (headers.get('Sec-WebSocket-Accept') !== computeAcceptValue(key)) {
    throw new WebSocketError('Invalid Sec-WebSocket-Accept header')
  }
  const subprotocol = headers.get('Sec-WebSocket-Protocol') ?? null
  if (subprotocol !== null && !subprotocols.includes(subprotocol)) {
    throw new WebSocketError(
      `Server picked a subprotocol that was not offered: ${JSON.stringify(subprotocol)}`,
    )
  }
  const field = headers.get('Sec-WebSocket-Extensions')
  if (field === undefined || field.trim() === '') return { subprotocol, agreement: null }
  const extensions = parseExtensions(field)
  if (extensions === null) throw new WebSocketError('Invalid Sec-WebSocket-Extensions header')
  if (compression === null) throw new WebSocketError('Server uses extensions that were not offered')
  return { subprotocol, agreement: readDeflateAnswer(extensions, compression) }
}

/** Keeps a response. */
class HandshakeAnswer implements HTTPMessageDelegate {
  code = 0
  reason = ''
  headers: HTTPHeaders = new HTTPHeaders()
  readonly chunks: Buffer[] = []

  headersReceived(startLine: RequestStartLine | ResponseStartLine, headers: HTTPHeaders): void {
    if (!('code' in startLine)) return
    this.code = startLine.code
    this.reason = startLine.reason
    this.headers = headers
  }

  dataReceived(chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  finish(): void {}

  onConnectionClose(): void {}
}

/** Most bytes that are read of what comes in place of a WebSocket. */
const maxRefusalSize = 1024 * 1024

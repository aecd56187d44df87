import { idempotentMethods, proxyOf, type RequestSettings } from '@tornado-ts/httpclient'
import type { HTTPHeaders } from '@tornado-ts/httputil'
import type { CurlExchange } from './curl-exchange.ts'
import { CurlHandle } from './curl-handle.ts'
import type { CurlHost } from './curl-host.ts'
import type { CurlOptions } from './curl-options.ts'
import type { CurlTransfer } from './curl-transfer.ts'
import { feature, option } from './curl-constants.ts'

/**
 * Tells libcurl what to send, where, and how. The handle has all options at their defaults.
 *
 * @throws {TypeError} When an option cannot be had.
 */
export function prepareTransfer(transfer: CurlTransfer, exchange: CurlExchange, host: CurlHost): void {
  const { request, settings, target } = exchange
  const { options } = transfer
  options.setText(option.url, target.href)
  options.setNumber(option.connectTimeoutMs, toTimeout(request.connectTimeoutMs ?? settings.connectTimeoutMs))
  const requestTimeoutMs = request.requestTimeoutMs ?? settings.requestTimeoutMs
  if (requestTimeoutMs > 0) options.setNumber(option.timeoutMs, toTimeout(requestTimeoutMs))
  setConnection(options, exchange, host)
  if (target.secure) setTls(options, exchange)
  setRequest(transfer, exchange)
  if (request.prepareCurlCallback === undefined) {
    transfer.applyOptions()
    return
  }
  // No more than that, whatever the callback lets libcurl follow.
  options.setNumber(option.protocols, httpProtocols)
  options.setNumber(option.redirectProtocols, httpProtocols)
  // libcurl may take a connection for as good as others that is not: it forgets how the certificate of a proxy was checked.
  options.setNumber(option.forbidReuse, 1)
  transfer.applyOptions()
  request.prepareCurlCallback(new CurlHandle(transfer) as never)
}

function setConnection(
  options: CurlOptions,
  { request, settings, target, crossedOrigin }: CurlExchange,
  host: CurlHost,
): void {
  const { keepAliveTimeoutMs } = host
  if (keepAliveTimeoutMs <= 0) options.setNumber(option.forbidReuse, 1)
  else if (keepAliveTimeoutMs !== 118_000)
    options.setNumber(option.maxAgeConnection, Math.ceil(Math.min(keepAliveTimeoutMs, maxTimeoutMs) / 1000))
  if (host.connectTo.length > 0) options.setLines(option.connectTo, host.connectTo)
  const networkInterface = request.networkInterface ?? settings.networkInterface
  if (networkInterface !== undefined) options.setText(option.interface, networkInterface)
  const unixSocket = crossedOrigin ? undefined : (request.unixSocket ?? settings.unixSocket)
  if (unixSocket !== undefined) options.setText(option.unixSocketPath, unixSocket)
  if (!(request.allowIpv6 ?? settings.allowIpv6)) options.setNumber(option.ipResolve, 1)

  const proxy = proxyOf(request, settings, target)
  // Else libcurl would look into the environment.
  if (proxy === null) {
    options.setText(option.proxy, '')
    return
  }
  if (proxy.protocol === 'https' && !host.has(feature.httpsProxy))
    throw new TypeError('This libcurl was built without HTTPS proxies')
  if (proxy.sslOptions !== undefined)
    throw new TypeError('sslOptions of a proxy are not supported by the libcurl client')
  const hostname = proxy.host.includes(':') ? `[${proxy.host}]` : proxy.host
  options.setText(option.proxy, `${proxy.protocol}://${hostname}:${proxy.port}`)
  options.setText(option.noProxy, '')
  options.setNumber(option.suppressConnectHeaders, 1)
  if (proxy.username === undefined) return
  options.setText(option.proxyUsername, proxy.username)
  options.setText(option.proxyPassword, proxy.password ?? '')
  options.setNumber(option.proxyAuth, proxy.authMode === 'digest' ? 2 : 1)
}

function setTls(options: CurlOptions, { request, settings, crossedOrigin }: CurlExchange): void {
  const pick = <Key extends keyof RequestSettings>(key: Key): RequestSettings[Key] =>
    request[key] ?? settings[key]
  if (pick('sslOptions') !== undefined)
    throw new TypeError(
      'sslOptions is not supported by the libcurl client: use validateCert, caCerts, clientCert and clientKey',
    )
  if (pick('validateCert') === false) {
    options.setNumber(option.verifyPeer, 0)
    options.setNumber(option.verifyHost, 0)
  }
  const caCerts = pick('caCerts')
  if (caCerts !== undefined) options.setText(option.caInfo, caCerts)
  // A client's certificate is for the origin it was given for.
  if (crossedOrigin) return
  const clientCert = pick('clientCert')
  const clientKey = pick('clientKey')
  if (clientCert !== undefined) options.setText(option.sslCert, clientCert)
  if (clientKey !== undefined) options.setText(option.sslKey, clientKey)
}

function setRequest(transfer: CurlTransfer, exchange: CurlExchange): void {
  const { method, headers, body, request, settings, target } = exchange
  const { options } = transfer
  if (body === null && (method === 'GET' || method === 'HEAD')) {
    if (method === 'HEAD') options.setNumber(option.noBody, 1)
  } else {
    if (method === 'GET') throw new TypeError('Body must not be given for method GET')
    if (!token.test(method)) throw new TypeError(`Invalid method ${JSON.stringify(method.slice(0, 100))}`)
    setBody(transfer, headers, body, method)
    options.setText(option.customRequest, method)
  }
  if (request.expect100Continue && body !== null) {
    const timeoutMs = request.continueTimeoutMs ?? settings.continueTimeoutMs
    options.setNumber(option.expect100TimeoutMs, toTimeout(timeoutMs))
    transfer.watchForRefusal()
  } else if (isHeadAwaited(exchange)) transfer.watchHead()
  // The fields that are made once for a target are the same object each time.
  const source = target.common?.headers === headers ? headers : null
  // libcurl does not look at it.
  if (source === null && closes.test(headers.get('Connection') ?? ''))
    options.setNumber(option.forbidReuse, 1)
  options.setHead(source, () => headLines(headers, body))
}

function setBody(
  transfer: CurlTransfer,
  headers: HTTPHeaders,
  body: CurlExchange['body'],
  method: string,
): void {
  const { options } = transfer
  const isBytes = body === null || body instanceof Uint8Array
  if (isBytes && !idempotentMethods.has(method)) {
    setUnrepeatable(transfer, body)
    if (body !== null && body.byteLength > 0) return
  }
  if (body === null && !headers.has('Content-Length')) return
  if (isBytes) {
    options.setNumber(option.post, 1)
    options.setNumber(option.postFieldSize, body?.byteLength ?? 0)
    // libcurl keeps a copy: it may send it twice, and we may have moved on.
    options.setBytes(option.copyPostFields, body === null || body.byteLength === 0 ? noBody : body)
    return
  }
  if (method === 'HEAD') throw new TypeError('Body must not be given for method HEAD')
  options.setNumber(option.upload, 1)
  transfer.prepareUpload()
  const length = headers.get('Content-Length')
  if (length !== undefined) options.setNumber(option.inFileSize, Number(length))
}

/**
 * Whether someone wants to know the head before the body comes, or a body that is made while it is sent may be refused. To
 * see each line of the head costs more.
 */
function isHeadAwaited({ body, request, settings }: CurlExchange): boolean {
  return (
    (body !== null && !(body instanceof Uint8Array)) ||
    request.headCallback !== undefined ||
    request.headerCallback !== undefined ||
    request.streamingCallback !== undefined ||
    (request.firstByteTimeoutMs ?? settings.firstByteTimeoutMs) > 0
  )
}

/**
 * libcurl sends a request again, whatever its method, when a kept connection ends before a byte of the answer. It cannot when
 * it has been given a body piece by piece, and does not on a connection that is new.
 */
function setUnrepeatable(transfer: CurlTransfer, body: Uint8Array | null): void {
  const { options } = transfer
  if (body === null || body.byteLength === 0) {
    options.setNumber(option.freshConnect, 1)
    return
  }
  options.setNumber(option.upload, 1)
  transfer.prepareUpload()
  options.setNumber(option.inFileSize, body.byteLength)
  // What becomes of it, the transfer itself tells.
  transfer.upload(body).catch(() => {})
  transfer.endUpload()
}

/** The lines for libcurl: fields that it would add of itself are asked away. */
function headLines(headers: HTTPHeaders, body: CurlExchange['body']): string[] {
  const lines: string[] = []
  for (let i = 0; i < headers.lineCount; i++) {
    const name = headers.lineName(i)
    // libcurl knows the size of a body that it has whole.
    if (name === 'Content-Length' && body instanceof Uint8Array) continue
    const value = headers.lineValue(i)
    lines.push(value === '' ? `${name};` : `${name}: ${value}`)
  }
  const isBare = body === null && !headers.has('Content-Length')
  for (const name of isBare ? ofEach : ofBodies) if (!headers.has(name)) lines.push(`${name}:`)
  return lines
}

/** 0 means no limit here, and some default of libcurl's there. */
function toTimeout(timeoutMs: number): number {
  return timeoutMs > 0 ? Math.min(Math.ceil(timeoutMs), maxTimeoutMs) : maxTimeoutMs
}

/** Fields that libcurl adds to each request, and to those with a body. */
const ofEach: readonly string[] = ['Accept', 'Pragma']
const ofBodies: readonly string[] = ['Accept', 'Content-Type', 'Expect', 'Pragma']
const closes = /(?:^|,)\s*close\s*(?:,|$)/i
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const maxTimeoutMs = 2_147_483_000
const httpProtocols = 3
const noBody: Uint8Array = Buffer.alloc(1)

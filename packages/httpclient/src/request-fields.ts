import { HTTPHeaders, HTTPOutputError, encodeUsernamePassword, isValidHost } from '@tornado-ts/httputil'
import type { BodySource } from './body-source.ts'
import type { RequestTarget } from './request-target.ts'

/** What the fields of a request are made of. */
export interface FieldSources {
  readonly method: string
  readonly target: RequestTarget
  /** The user's own, or `null`. */
  readonly own: HTTPHeaders | null
  readonly hostHeader: string | undefined
  readonly userAgent: string
  readonly decompress: boolean
  /** The field Authorization, or `null`. */
  readonly authorization: string | null
  readonly body: Uint8Array | BodySource | null
  readonly expectContinue: boolean
}

/** What is asked for when responses are to be decompressed. */
const acceptedEncodings = 'gzip, deflate, br, zstd'

/**
 * The fields of a request. The answer may be shared by many requests: it must not be changed.
 *
 * @throws {HTTPOutputError} When the user's fields contradict the body, or the Host is none.
 */
export function composeFields(sources: FieldSources): HTTPHeaders {
  const { method, target, own, hostHeader, authorization, body, expectContinue } = sources
  const common = commonFields(target, sources.userAgent, sources.decompress)
  if (
    own === null &&
    hostHeader === undefined &&
    authorization === null &&
    body === null &&
    !expectContinue
  ) {
    if (!lengthMethods.has(method)) return common
  }
  const headers = common.copy()
  if (hostHeader !== undefined) headers.set('Host', hostHeader)
  if (own !== null) addOwn(headers, own)
  if (authorization !== null) headers.set('Authorization', authorization)
  if (expectContinue && body !== null) headers.set('Expect', '100-continue')
  addBodyFields(headers, method, body)
  const host = headers.getList('Host')
  if (host.length !== 1 || !isValidHost(host[0]!))
    throw new HTTPOutputError(`Invalid Host header ${JSON.stringify(host.join(', ').slice(0, 100))}`)
  return headers
}

/** The Authorization of basic authentication (RFC 7617). */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(encodeUsernamePassword(username, password)).toString('base64')}`
}

/** Made once for each target, with the text that is sent. */
function commonFields(target: RequestTarget, userAgent: string, decompress: boolean): HTTPHeaders {
  const known = target.common
  if (known !== null && known.userAgent === userAgent && known.decompress === decompress) return known.headers
  const headers = new HTTPHeaders()
  headers.add('Host', target.hostHeader)
  if (userAgent !== '') headers.add('User-Agent', userAgent)
  if (decompress) headers.add('Accept-Encoding', acceptedEncodings)
  headers.prepareWire()
  target.common = { userAgent, decompress, headers }
  return headers
}

function addOwn(headers: HTTPHeaders, own: HTTPHeaders): void {
  for (const name of replaceable) if (own.has(name)) headers.delete(name)
  for (let i = 0; i < own.lineCount; i++) headers.add(own.lineName(i), own.lineValue(i))
}

function addBodyFields(headers: HTTPHeaders, method: string, body: Uint8Array | BodySource | null): void {
  const given = headers.getList('Content-Length')
  if (body === null || body instanceof Uint8Array) {
    const size = body === null ? 0 : body.byteLength
    if (given.some((length) => Number(length) !== size || !/^[0-9]+$/.test(length)))
      throw new HTTPOutputError(`Content-Length is ${given.join(', ')}, but the body has ${size} bytes`)
    headers.delete('Transfer-Encoding')
    if (body === null && given.length === 0 && !lengthMethods.has(method)) return
    headers.set('Content-Length', String(size))
  } else if (given.length === 0) headers.set('Transfer-Encoding', 'chunked')
  else if (headers.has('Transfer-Encoding'))
    throw new HTTPOutputError('Both Transfer-Encoding and Content-Length')
  else if (given.some((length) => length !== given[0] || !/^[0-9]+$/.test(length)))
    throw new HTTPOutputError(`Invalid Content-Length ${given.join(', ').slice(0, 100)}`)
  if (method === 'POST' && !headers.has('Content-Type'))
    headers.set('Content-Type', 'application/x-www-form-urlencoded')
}

/** Fields of the client that the user's take the place of. */
const replaceable: readonly string[] = ['Host', 'User-Agent', 'Accept-Encoding']
/** Methods whose requests tell the length of an empty body, too (RFC 9110 §8.6). */
const lengthMethods: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

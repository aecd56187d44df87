import { splitHostAndPort, type HTTPServerRequest } from '@tornado-ts/httputil'

/** The variables of a request that are text: one character a byte, as PEP 3333 has native strings. */
export type Environ = Record<string, string>

/** What {@link toEnviron} may be told. */
export interface EnvironOptions {
  /** The prefix under which the application is mounted; what is behind it is `PATH_INFO`. @default '' */
  scriptName?: string
}

/**
 * The variables of CGI for a request, as PEP 3333 and RFC 3875 name them.
 *
 * Header names with an underscore are left out: `X_Real_Ip` would pass for the `X-Real-Ip` that a proxy has set. So is
 * `Proxy`, which programs take for the setting `HTTP_PROXY` (CVE-2016-1000111), and `Transfer-Encoding`, since the body that
 * the application reads is decoded.
 *
 * Tornado: wsgi.WSGIContainer.environ.
 */
export function toEnviron(request: HTTPServerRequest, { scriptName = '' }: EnvironOptions = {}): Environ {
  const { headers } = request
  const isSecure = request.protocol === 'https'
  const [host, port] = splitHostAndPort(request.host)
  const path = decodePath(targetPath(request))
  const environ: Environ = {
    REQUEST_METHOD: request.method,
    SCRIPT_NAME: scriptName,
    PATH_INFO: scriptName === '' ? path : path.slice(scriptName.length),
    QUERY_STRING: request.query,
    REMOTE_ADDR: request.remoteIp,
    SERVER_NAME: host,
    SERVER_PORT: String(port ?? (isSecure ? 443 : 80)),
    SERVER_PROTOCOL: request.version,
  }
  for (let i = 0; i < headers.lineCount; i++) {
    const variable = variableOf(headers.lineName(i))
    if (variable === '') continue
    const value = variable === 'CONTENT_LENGTH' ? lengthOf(headers.lineValue(i)) : headers.lineValue(i)
    const known = environ[variable]
    if (known === undefined) environ[variable] = value
    else if (variable === 'CONTENT_LENGTH') continue
    else environ[variable] = known + (variable === 'HTTP_COOKIE' ? '; ' : ',') + value
  }
  return environ
}

/** Whether a request is for the application mounted at `scriptName`. */
export function isBelow(request: HTTPServerRequest, scriptName: string): boolean {
  if (scriptName === '') return true
  const path = decodePath(targetPath(request))
  return path.startsWith(scriptName) && (path.length === scriptName.length || path[scriptName.length] === '/')
}

/**
 * Text in which each character stands for a byte of its UTF-8 form, as PEP 3333 has native strings; ASCII stays as it is.
 * Tornado: wsgi.to_wsgi_str.
 */
export function toWsgiStr(bytes: Uint8Array | string): string {
  const buffer =
    typeof bytes === 'string'
      ? Buffer.from(bytes)
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return buffer.toString('latin1')
}

/** The path of the target; of an absolute one that behind the authority, of `*` and an authority none. */
function targetPath(request: HTTPServerRequest): string {
  const { path } = request
  if (path.charCodeAt(0) === 0x2f) return path
  const absolute = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/]*/.exec(path)
  return absolute === null ? '' : path.slice(absolute[0].length) || '/'
}

/** Each `%XX` as the character of that byte. */
function decodePath(path: string): string {
  if (!path.includes('%')) return path
  return path.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

/** One length: that several are the same, on lines of their own or on one, the server has seen to (RFC 9110 §8.6). */
function lengthOf(value: string): string {
  const comma = value.indexOf(',')
  return comma === -1 ? value : value.slice(0, comma).trimEnd()
}

/** `Accept-Language` as `HTTP_ACCEPT_LANGUAGE`; empty for what no application gets. */
function variableOf(name: string): string {
  let variable = variables.get(name)
  if (variable !== undefined) return variable
  variable = name.includes('_') ? '' : `HTTP_${name.toUpperCase().replaceAll('-', '_')}`
  // Names come from peers, so the cache must not grow with them.
  if (variables.size < 1000 && name.length <= 64) variables.set(name, variable)
  return variable
}

const variables = new Map<string, string>([
  ['Content-Type', 'CONTENT_TYPE'],
  ['Content-Length', 'CONTENT_LENGTH'],
  ['Proxy', ''],
  ['Transfer-Encoding', ''],
])

import type { HTTPServerRequest } from '@tornado-ts/httputil'

/** What an error page tells of a request, without what must stay secret. */
export interface RequestFacts {
  readonly method: string
  readonly url: string
  readonly version: string
  readonly remoteIp: string
  readonly headers: readonly Fact[]
  readonly cookies: readonly Fact[]
  readonly queryArguments: readonly Fact[]
  readonly bodyArguments: readonly Fact[]
  /** Files, by their field: name, content type and bytes. */
  readonly files: readonly Fact[]
}

/** A name and its value. */
export type Fact = readonly [name: string, value: string]

const hidden = '[hidden]'
const maxValueLength = 1000
/** Words of names whose values nobody should read over a shoulder. */
const secretWords =
  /auth|cookie|credential|csrf|jwt|key|otp|pass|pin$|pwd|secret|session|sid$|signature|ssn|token|xsrf/i

/** The facts of a request. Values of headers and arguments with names such as `Authorization` or `password` are hidden. */
export function requestFacts(request: HTTPServerRequest): RequestFacts {
  const { method, path, version, remoteIp, protocol, host } = request
  return {
    method,
    url: `${protocol}://${host}${path}`,
    version,
    remoteIp,
    headers: [...request.headers.getAll()].map(([name, value]) =>
      // The page before may have had secrets in its URL.
      name.toLowerCase() === 'referer' ? fact(name, value.replace(/[?#].*$/s, '')) : fact(name, value),
    ),
    cookies: [...request.cookies.keys()].map((name): Fact => [name, hidden]),
    queryArguments: factsOf(request.queryArguments),
    bodyArguments: factsOf(request.bodyArguments),
    files: [...request.files].flatMap(([name, files]) =>
      files.map((file): Fact => [name, `${file.filename} (${file.contentType}, ${file.body.length} bytes)`]),
    ),
  }
}

function factsOf(values: ReadonlyMap<string, readonly string[]>): Fact[] {
  return [...values].flatMap(([name, list]) =>
    // Values are bytes, one character each.
    list.map((value) => fact(name, Buffer.from(value, 'latin1').toString())),
  )
}

function fact(name: string, value: string): Fact {
  if (secretWords.test(name)) return [name, hidden]
  return [name, value.length > maxValueLength ? `${value.slice(0, maxValueLength)}…` : value]
}

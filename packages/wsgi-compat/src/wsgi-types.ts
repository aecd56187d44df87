/** The body of a request that has arrived whole. */
export interface WSGIInput {
  /** At most `size` bytes, all that are left without it; none at the end. */
  read(size?: number): Uint8Array
  /** Through the next line feed, at most `size` bytes. */
  readline(size?: number): Uint8Array
  /** The lines that are left; about `hint` bytes of them. */
  readlines(hint?: number): Uint8Array[]
  [Symbol.iterator](): Iterator<Uint8Array>
}

/** Takes what the application has to say to `appLog`. */
export interface WSGIErrors {
  write(text: string): void
  writelines(lines: Iterable<string>): void
  flush(): void
}

/** What a WSGI application is called with (PEP 3333). Text has one character a byte. */
export type WSGIEnviron = {
  [name: `HTTP_${string}`]: string | undefined
  REQUEST_METHOD: string
  SCRIPT_NAME: string
  PATH_INFO: string
  QUERY_STRING: string
  REMOTE_ADDR: string
  SERVER_NAME: string
  SERVER_PORT: string
  SERVER_PROTOCOL: string
  CONTENT_TYPE?: string
  CONTENT_LENGTH?: string
  'wsgi.version': readonly [1, 0]
  'wsgi.url_scheme': 'http' | 'https'
  'wsgi.input': WSGIInput
  'wsgi.errors': WSGIErrors
  /** Whether another thread may run the application at the same time. */
  'wsgi.multithread': boolean
  'wsgi.multiprocess': boolean
  'wsgi.run_once': boolean
}

/**
 * Begins the response. `error` allows a second call, as long as nothing is sent; then it is thrown.
 *
 * @returns a function that adds to the body, for code that needs one.
 * @throws {WSGIApplicationError} When the status or a header cannot be sent, or it was called before.
 */
export type StartResponse = (
  status: string,
  headers: readonly (readonly [name: string, value: string])[],
  error?: unknown,
) => (data: Uint8Array) => void

/** An application of TypeScript in the shape of PEP 3333. `close` or `return` of what it answers is called at the end. */
export type WSGIFunction = (environ: WSGIEnviron, startResponse: StartResponse) => Iterable<Uint8Array>

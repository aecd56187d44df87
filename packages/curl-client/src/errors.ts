import { HTTPClientError, type HTTPClientErrorOptions } from '@tornado-ts/httpclient'

/**
 * libcurl has given up. `errno` is its number (`CURLE_COULDNT_CONNECT` is 7), `code` is 599.
 *
 * Failures that every client can have are told by the same classes as elsewhere, with a `CurlError` as `cause`. Tornado:
 * curl_httpclient.CurlError.
 */
export class CurlError extends HTTPClientError {
  override readonly name: string = 'CurlError'
  readonly errno: number

  constructor(errno: number, message: string, options?: HTTPClientErrorOptions) {
    super(599, message, options)
    this.errno = errno
  }
}

/** There is no libcurl that can be used. The message tells what to install. */
export class LibcurlError extends Error {
  override readonly name = 'LibcurlError'
}

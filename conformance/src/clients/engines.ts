import { CurlAsyncHTTPClient } from '@tornado-ts/curl-client'
import {
  SimpleAsyncHTTPClient,
  type AsyncHTTPClient,
  type SimpleAsyncHTTPClientOptions,
} from '@tornado-ts/httpclient'

/** A client under test, and what it is known not to do. */
export interface Engine {
  readonly name: string
  readonly create: (options?: SimpleAsyncHTTPClientOptions) => AsyncHTTPClient
  /** Names of tests that do not hold for it, by the beginning of their titles, with the reason. */
  readonly differences?: Readonly<Record<string, string>>
  /** Cases of data sets that end otherwise with it, by their ids, with the reason. */
  readonly outcomes?: Readonly<Record<string, [outcome: string, why: string]>>
}

const simple: Engine = {
  name: 'SimpleAsyncHTTPClient',
  create: (options) => new SimpleAsyncHTTPClient({ ...options }),
}

const curl: Engine = {
  name: 'CurlAsyncHTTPClient',
  create: ({ maxBufferSize, hostnameMapping, ...options } = {}) =>
    new CurlAsyncHTTPClient({
      ...(maxBufferSize === undefined ? {} : { maxBodySize: maxBufferSize }),
      ...options,
      ...(hostnameMapping === undefined
        ? {}
        : { hostnameMapping: hostnameMapping as Readonly<Record<string, string>> }),
    }),
  differences: {
    'B-client-006': 'libcurl takes the name of an interface, too (B-curl-013)',
    'B-client-022 a refused connection': 'a CurlError with the number of libcurl (B-curl-011)',
    'B-client-024': 'libcurl waits for the end of a line that may become a status line',
    'B-client-027': 'libcurl looks up names; hostnameMapping takes texts',
    'CVE-2026-48931 6.5.8: the connection is not used again after a body on a':
      'libcurl 7.88 throws away what comes behind a response that has no body',
    'CVE-2026-48931 6.5.8: the connection is not used again after a 101': 'libcurl goes on to wait',
    'CVE-2026-48931 6.5.8: the connection is not used again after a storm':
      'libcurl limits the bytes of heads, not their number',
    'a body on the answer to a HEAD': 'libcurl 7.88 throws away what comes behind it',
    'framing mirror: a length of hexadecimal': 'refused, but the connection is kept: there was no body',
    'framing mirror: a folded first': 'refused, on another count of connections',
    'framing mirror: chunks with a prefix': 'libcurl reads the number as strtoul does',
    'framing mirror: chunks with a bare LF': 'libcurl takes a bare LF for the end of a line',
    'framing mirror: chunks with endless': 'libcurl skips extensions of any length',
    'header flood': 'libcurl has a limit of its own for a head that does not end',
    'CVE-2026-22815': 'libcurl has a limit of its own for trailers',
  },
  outcomes: {
    test129: ['HTTPProtocolError', 'libcurl refuses HTTP/1.2'],
    'response/connection.md:586': ['HTTPProtocolError', 'the head of the 400 has no end in the data'],
    'response/sample.md:695': [
      'HTTPProtocolError',
      'libcurl takes what begins with an empty line for HTTP/0.9',
    ],
    'response/transfer-encoding.md:4': ['accepted', 'libcurl skips what stands behind the size of a chunk'],
    'response/transfer-encoding.md:212': ['accepted', 'libcurl skips what stands behind the size of a chunk'],
  },
}

/** Every engine passes the same suite. */
export const engines: readonly Engine[] = isAvailable(curl) ? [simple, curl] : [simple]

/** Without a libcurl on the system there is nothing to test. */
function isAvailable(engine: Engine): boolean {
  try {
    engine.create().close()
    return true
  } catch (error) {
    if ((error as Error).name !== 'LibcurlError') throw error
    console.warn(`${engine.name}: skipped, ${(error as Error).message}`)
    return false
  }
}

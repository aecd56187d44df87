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
  differences: {},
  outcomes: {},
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

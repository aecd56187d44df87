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
}

/** Every engine passes the same suite. */
export const engines: readonly Engine[] = [
  { name: 'SimpleAsyncHTTPClient', create: (options) => new SimpleAsyncHTTPClient({ ...options }) },
]

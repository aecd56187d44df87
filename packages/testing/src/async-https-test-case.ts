import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import type { HTTPServerOptions } from '@tornado-ts/httpserver'
import type { SSLOptions } from '@tornado-ts/iostream'
import { AsyncHTTPTestCase } from './async-http-test-case.ts'
import { testCertificate, testKey } from './test-certificate.ts'

/**
 * {@link AsyncHTTPTestCase} over TLS: with a certificate that signed itself, and a client that takes any.
 * Tornado: testing.AsyncHTTPSTestCase.
 */
export abstract class AsyncHTTPSTestCase extends AsyncHTTPTestCase {
  override getHttpClient(): AsyncHTTPClient {
    return new AsyncHTTPClient({ forceInstance: true, defaults: { validateCert: false } })
  }

  override getHttpserverOptions(): HTTPServerOptions {
    return { sslOptions: this.getSslOptions() }
  }

  /** Certificate and rules of the server. */
  getSslOptions(): SSLOptions {
    return AsyncHTTPSTestCase.defaultSslOptions()
  }

  /** A certificate for `localhost` and `127.0.0.1`. Everybody has its key: use it in tests only. */
  static defaultSslOptions(): SSLOptions {
    return { cert: testCertificate, key: testKey }
  }

  override getProtocol(): 'http' | 'https' {
    return 'https'
  }
}

import type { SSLContext } from './ssl-context.ts'

/** Certificates and rules of TLS, for either side. */
export interface SSLOptions {
  /** File with the certificate and those that lead to its authority, PEM. A server needs this or `cert`. */
  certfile?: string
  /** File with the key, PEM. @default `certfile` */
  keyfile?: string
  /** File with the authorities whose certificates are accepted, PEM. @default those that Node brings */
  caCerts?: string
  /** As `certfile`, the text itself. */
  cert?: string | Buffer
  /** As `keyfile`, the text itself. */
  key?: string | Buffer
  /** As `caCerts`, the text itself. */
  ca?: string | Buffer | readonly (string | Buffer)[]
  /** What the key is encrypted with. */
  passphrase?: string
  /**
   * Whether the peer must show a certificate that is accepted: `'required'`; may show none or any, and
   * `stream.socket.authorized` tells: `'optional'`; is not asked: `'none'`. A client's `'none'` accepts any server.
   * @default 'required' for a client, 'none' for a server
   */
  certReqs?: 'none' | 'optional' | 'required'
  /** Whether a client holds the server's certificate against the name it connected to. @default true */
  checkHostname?: boolean
  /** Cipher suites, in OpenSSL's words. @default Node's */
  ciphers?: string
  /** The one version of TLS to speak. @default any from `minVersion` to `maxVersion` */
  sslVersion?: TLSVersion
  /** @default 'TLSv1.2' */
  minVersion?: TLSVersion
  /** @default 'TLSv1.3' */
  maxVersion?: TLSVersion
  /** Protocols to offer (client) or to accept (server), the preferred one first: `['h2', 'http/1.1']`. @default none */
  alpnProtocols?: readonly string[]
  /**
   * A server's certificates by the name that the client asks for: `'example.com'`, `'*.example.com'`; this one's own
   * certificate serves all other names. @default none
   */
  sniContexts?: Readonly<Record<string, SSLOptions | SSLContext>>
  /** How long a client may take for the handshake with a server, in ms. @default 60_000 */
  handshakeTimeoutMs?: number
  /**
   * How often at most the files are looked at again, when a connection is made: what changed is loaded, and connections
   * from then on get it. `Infinity` never looks. In ms. @default 1_000
   */
  reloadCheckMs?: number
}

/** Versions of TLS that are spoken. */
export type TLSVersion = 'TLSv1.2' | 'TLSv1.3'

const names: ReadonlySet<string> = new Set<keyof SSLOptions>([
  'certfile',
  'keyfile',
  'caCerts',
  'cert',
  'key',
  'ca',
  'passphrase',
  'certReqs',
  'checkHostname',
  'ciphers',
  'sslVersion',
  'minVersion',
  'maxVersion',
  'alpnProtocols',
  'sniContexts',
  'handshakeTimeoutMs',
  'reloadCheckMs',
])

/**
 * A misspelt option of TLS must not pass in silence.
 *
 * @throws {TypeError} On an option that there is not, a wrong value, and a server's options without a certificate.
 */
export function checkSSLOptions(options: SSLOptions, serverSide: boolean | undefined): void {
  for (const name of Object.keys(options)) {
    if (!names.has(name)) throw new TypeError(`Unknown TLS option ${name}`)
  }
  const { certReqs = 'none', certfile, cert } = options
  if (certReqs !== 'none' && certReqs !== 'optional' && certReqs !== 'required') {
    throw new TypeError(`Unknown value of the TLS option certReqs: ${String(certReqs)}`)
  }
  if (serverSide === true && certfile === undefined && cert === undefined) {
    throw new TypeError('A server needs the TLS option certfile, or cert')
  }
}

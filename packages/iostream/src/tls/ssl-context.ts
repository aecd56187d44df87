import { genLog } from '@tornado-ts/log'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import {
  checkServerIdentity,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
  type SecureContextOptions,
} from 'node:tls'
import { checkSSLOptions, type SSLOptions } from './ssl-options.ts'

/**
 * Certificates and rules of TLS, loaded once and used by many connections.
 *
 * When a file has changed, connections from then on use the new certificate. One that cannot be loaded is reported to
 * `genLog`, and the old one stays until the file changes again.
 *
 * Tornado: ssl.SSLContext, as made by netutil.ssl_options_to_context.
 */
export class SSLContext {
  /** Which side it was made for; `undefined`: either. */
  readonly serverSide: boolean | undefined
  #options: SSLOptions
  #loaded: Loaded
  /** What the files looked like when they were last loaded, or failed to be. */
  #seen: string
  #checkedAtMs: number
  #sniContexts: ReadonlyMap<string, SSLContext>
  /** Counts the certificates that were loaded; servers compare it with the one they use. */
  #generation = 0

  /**
   * @throws {TypeError} As {@link checkSSLOptions}.
   * @throws {Error} When a file cannot be read or is no certificate or key, or the two do not belong together.
   */
  constructor(options: SSLOptions, { serverSide }: { serverSide?: boolean | undefined } = {}) {
    checkSSLOptions(options, serverSide)
    this.serverSide = serverSide
    this.#options = options
    this.#seen = describeFiles(options)
    this.#checkedAtMs = performance.now()
    this.#loaded = load(options)
    this.#sniContexts = toSniContexts(options)
  }

  /** The options in use. */
  get options(): Readonly<SSLOptions> {
    return this.#options
  }

  /** Node's counterpart, of the newest certificate. */
  get secureContext(): SecureContext {
    this.refresh()
    return this.#loaded.secureContext
  }

  /** What Node's counterpart is made of. */
  get material(): SecureContextOptions {
    return this.#loaded.material
  }

  /** Grows with each certificate that is loaded. */
  get generation(): number {
    return this.#generation
  }

  /**
   * Loads the files again, or other options, for connections from now on.
   *
   * @throws {Error} As the constructor; what was loaded before stays in use.
   */
  reload(options: SSLOptions = this.#options): void {
    checkSSLOptions(options, this.serverSide)
    const seen = describeFiles(options)
    const loaded = load(options)
    this.#sniContexts = options === this.#options ? this.#sniContexts : toSniContexts(options)
    this.#options = options
    this.#loaded = loaded
    this.#seen = seen
    this.#generation++
  }

  /** Loads the files again if they have changed and were not looked at lately. */
  refresh(): void {
    const { reloadCheckMs = 1_000 } = this.#options
    const nowMs = performance.now()
    if (nowMs - this.#checkedAtMs < reloadCheckMs) return
    this.#checkedAtMs = nowMs
    const seen = describeFiles(this.#options)
    if (seen === this.#seen) return
    try {
      this.reload()
      genLog.info(`Loaded the changed TLS certificate ${this.#options.certfile ?? ''}`)
    } catch (error) {
      this.#seen = seen
      genLog.error('Cannot load the changed TLS certificate; the old one stays in use', error)
    }
  }

  /** The context of `sniContexts` for the name that a client asks for, or `null` to use this one. */
  contextFor(serverName: string): SSLContext | null {
    const name = serverName.toLowerCase()
    const exact = this.#sniContexts.get(name)
    if (exact !== undefined) return exact
    const dot = name.indexOf('.')
    return (dot === -1 ? undefined : this.#sniContexts.get(`*${name.slice(dot)}`)) ?? null
  }

  /**
   * What a client passes to `tls.connect`. The name is asked for (SNI, unless it is an IP address) and the certificate is
   * held against it.
   *
   * @throws {TypeError} Without a name, when the certificate is to be held against one.
   */
  connectionOptions(serverHostname: string | undefined): ConnectionOptions {
    const { certReqs = 'required', checkHostname = true, alpnProtocols } = this.#options
    const verifies = certReqs !== 'none'
    if (verifies && checkHostname && (serverHostname === undefined || serverHostname === '')) {
      throw new TypeError('Cannot check the certificate of a server without serverHostname')
    }
    // A trailing dot makes a name absolute for the resolver; certificates do not have it.
    const name = serverHostname?.replace(/\.$/, '') ?? ''
    return {
      secureContext: this.secureContext,
      rejectUnauthorized: verifies,
      ...(name !== '' && isIP(name) === 0 ? { servername: name } : {}),
      checkServerIdentity: (_host, cert) => (checkHostname ? checkServerIdentity(name, cert) : undefined),
      ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
    }
  }
}

/**
 * Makes a context of options; a ready context passes unchanged.
 *
 * `serverSide` decides what the options must have and what the defaults are; without it the context serves either side.
 * TLS compression is never used.
 *
 * @throws {TypeError | Error} As the constructor of {@link SSLContext}.
 *
 * Tornado: netutil.ssl_options_to_context.
 */
export function sslOptionsToContext(
  sslOptions: SSLOptions | SSLContext,
  { serverSide }: { serverSide?: boolean } = {},
): SSLContext {
  return sslOptions instanceof SSLContext ? sslOptions : new SSLContext(sslOptions, { serverSide })
}

let sharedClientContext: SSLContext | undefined

/** What a client uses that was given no options: checks the certificate and the name. */
export function defaultClientContext(): SSLContext {
  sharedClientContext ??= new SSLContext({}, { serverSide: false })
  return sharedClientContext
}

interface Loaded {
  readonly material: SecureContextOptions
  readonly secureContext: SecureContext
}

function load(options: SSLOptions): Loaded {
  const { certfile, keyfile = certfile, caCerts, passphrase, ciphers, sslVersion } = options
  const { minVersion = sslVersion ?? 'TLSv1.2', maxVersion = sslVersion ?? 'TLSv1.3' } = options
  const cert = options.cert ?? readPem(certfile)
  const key = options.key ?? (options.cert === undefined ? readPem(keyfile) : undefined)
  const ca = options.ca ?? readPem(caCerts)
  const material: SecureContextOptions = {
    minVersion,
    maxVersion,
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca: typeof ca === 'string' || Buffer.isBuffer(ca) ? ca : [...ca] }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(ciphers === undefined ? {} : { ciphers }),
  }
  try {
    return { material, secureContext: createSecureContext(material) }
  } catch (error) {
    const source = certfile === undefined ? 'the certificate' : `the certificate ${certfile}`
    throw new Error(`Cannot use ${source} and its key: ${(error as Error).message}`, { cause: error })
  }
}

function readPem(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined
  try {
    return readFileSync(path)
  } catch (error) {
    throw new Error(`Cannot read ${path} for TLS: ${(error as Error).message}`, { cause: error })
  }
}

/** Changes when one of the files does, is replaced, or goes. */
function describeFiles({ certfile, keyfile, caCerts }: SSLOptions): string {
  return [certfile, keyfile, caCerts]
    .map((path) => {
      if (path === undefined) return ''
      try {
        const { ino, size, mtimeMs } = statSync(path)
        return `${ino} ${size} ${mtimeMs}`
      } catch (error) {
        return (error as Error).message
      }
    })
    .join('\n')
}

function toSniContexts({ sniContexts = {} }: SSLOptions): ReadonlyMap<string, SSLContext> {
  return new Map(
    Object.entries(sniContexts).map(([name, options]) => [
      name.toLowerCase(),
      sslOptionsToContext(options, { serverSide: true }),
    ]),
  )
}

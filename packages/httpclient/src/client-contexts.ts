import type { SSLOptions } from '@tornado-ts/iostream'
import { sslOptionsToContext, type SSLContext } from '@tornado-ts/iostream/netutil'
import { createHash } from 'node:crypto'
import type { RequestSettings } from './http-request.ts'

/**
 * The certificates and rules of a request; `true` for the usual ones. A client's own certificate is for the origin that it
 * was given for.
 *
 * Those that say the same are the same object: connections are shared by it.
 *
 * @throws {TypeError | Error} When an option is none, or a file cannot be read or used.
 */
export function tlsOf(
  request: RequestSettings,
  settings: RequestSettings,
  crossedOrigin: boolean,
): SSLContext | true {
  const given = request.sslOptions ?? settings.sslOptions
  if (given !== undefined) return contextOf(given, crossedOrigin)
  const validateCert = request.validateCert ?? settings.validateCert ?? true
  const caCerts = request.caCerts ?? settings.caCerts
  const clientCert = crossedOrigin ? undefined : (request.clientCert ?? settings.clientCert)
  const clientKey = crossedOrigin ? undefined : (request.clientKey ?? settings.clientKey)
  if (validateCert && caCerts === undefined && clientCert === undefined && clientKey === undefined)
    return true
  const key = JSON.stringify([validateCert, caCerts, clientCert, clientKey])
  let context = contextsOfFiles.get(key)
  if (context === undefined) {
    context = sslOptionsToContext(
      {
        ...(validateCert ? {} : { certReqs: 'none' }),
        ...(caCerts === undefined ? {} : { caCerts }),
        ...(clientCert === undefined ? {} : { certfile: clientCert }),
        ...(clientKey === undefined ? {} : { keyfile: clientKey }),
      },
      { serverSide: false },
    )
    remember(contextsOfFiles, key, context)
  }
  return context
}

interface ContextPair {
  readonly whole: SSLContext
  /** Without the client's certificate. */
  readonly anonymous: SSLContext
}

const contextsOfFiles = new Map<string, SSLContext>()
const contextsOfObjects = new WeakMap<object, ContextPair>()
const contextsOfTexts = new Map<string, ContextPair>()

function contextOf(given: SSLOptions | SSLContext, crossedOrigin: boolean): SSLContext {
  let pair = contextsOfObjects.get(given)
  if (pair === undefined) {
    // Options are often written anew with each request. A context is its own: its user may load it again.
    const text = 'secureContext' in given ? null : digestOf(given)
    pair = text === null ? undefined : contextsOfTexts.get(text)
    if (pair === undefined) {
      pair = makePair(given)
      if (text !== null) remember(contextsOfTexts, text, pair)
    }
    contextsOfObjects.set(given, pair)
  }
  return crossedOrigin ? pair.anonymous : pair.whole
}

function makePair(given: SSLOptions | SSLContext): ContextPair {
  const {
    certfile: _certfile,
    keyfile: _keyfile,
    cert: _cert,
    key: _key,
    passphrase: _passphrase,
    ...rest
  } = 'secureContext' in given ? given.options : given
  return {
    whole: sslOptionsToContext(given, { serverSide: false }),
    anonymous: sslOptionsToContext(rest, { serverSide: false }),
  }
}

/** The same for options that say the same; `null` when that cannot be told. Keys are not kept as text. */
function digestOf(options: SSLOptions): string | null {
  if (options.sniContexts !== undefined) return null
  return createHash('sha256').update(JSON.stringify(options)).digest('hex')
}

function remember<Value>(known: Map<string, Value>, key: string, value: Value): void {
  if (known.size >= maxRemembered) known.clear()
  known.set(key, value)
}

const maxRemembered = 100

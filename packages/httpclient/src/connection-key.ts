import type { SSLContext } from '@tornado-ts/iostream'
import type { ConnectionPlan } from './connect-origin.ts'

/** Whether none of the options is set that make a connection different from others to the same origin. */
export function isPlain(options: Partial<Record<ConnectionOption, unknown>>): boolean {
  return (
    options.proxy === undefined &&
    options.proxyHost === undefined &&
    options.unixSocket === undefined &&
    options.networkInterface === undefined &&
    options.sslOptions === undefined &&
    options.caCerts === undefined &&
    options.clientCert === undefined &&
    options.clientKey === undefined &&
    options.validateCert !== false &&
    options.allowIpv6 !== false
  )
}

type ConnectionOption =
  | 'proxy'
  | 'proxyHost'
  | 'unixSocket'
  | 'networkInterface'
  | 'sslOptions'
  | 'caCerts'
  | 'clientCert'
  | 'clientKey'
  | 'validateCert'
  | 'allowIpv6'

/** The same for connections that may stand in for each other. That of a plain one is its origin. */
export function keyOf(origin: string, plan: ConnectionPlan): string {
  const { proxy, unixSocket, networkInterface, allowIpv6, tls } = plan
  return JSON.stringify([
    plan.forwards ? 'forwarded' : origin,
    proxy,
    unixSocket ?? null,
    networkInterface ?? null,
    allowIpv6,
    tls === null || tls === true ? tls : identityOf(tls),
  ])
}

/** What TLS sessions are kept by. Certificates that have changed since make another one. */
export function tlsSessionKey(laneKey: string, tls: SSLContext | true): string {
  return tls === true ? laneKey : `${laneKey} ${identityOf(tls)}.${tls.generation}`
}

const identities = new WeakMap<object, number>()
let identityCount = 0

/** A number for each object. */
function identityOf(object: object): number {
  let identity = identities.get(object)
  if (identity === undefined) {
    identity = ++identityCount
    identities.set(object, identity)
  }
  return identity
}

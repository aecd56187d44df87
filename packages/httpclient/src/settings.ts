import { checkTimeouts } from './check-timeouts.ts'
import { DigestSessions } from './digest-authorization.ts'
import type { RequestSettings } from './http-request.ts'

/** Settings with the built-in defaults. */
export interface ResolvedSettings extends RequestSettings {
  connectTimeoutMs: number
  requestTimeoutMs: number
  queueTimeoutMs: number
  firstByteTimeoutMs: number
  followRedirects: boolean
  maxRedirects: number
  userAgent: string
  decompressResponse: boolean
  authMode: 'basic' | 'digest'
  allowIpv6: boolean
  allowNonstandardMethods: boolean
  validateCert: boolean
  maxBodySize: number
  continueTimeoutMs: number
  /** What the client knows of digest authentication. */
  readonly digestSessions: DigestSessions
}

/** Fills in what the defaults of a client leave open. */
export function resolveSettings(defaults: RequestSettings, maxBodySize: number): ResolvedSettings {
  checkTimeouts(defaults)
  const settings: ResolvedSettings = {
    connectTimeoutMs: 20_000,
    requestTimeoutMs: 20_000,
    queueTimeoutMs: 0,
    firstByteTimeoutMs: 0,
    followRedirects: true,
    maxRedirects: 5,
    userAgent: 'tornado-ts',
    decompressResponse: true,
    authMode: 'basic',
    allowIpv6: true,
    allowNonstandardMethods: false,
    validateCert: true,
    maxBodySize,
    continueTimeoutMs: 1_000,
    digestSessions: new DigestSessions(),
  }
  for (const [name, value] of Object.entries(defaults))
    if (value !== undefined && value !== null) Object.assign(settings, { [name]: value })
  return settings
}

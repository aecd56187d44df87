import { genLog } from '@tornado-ts/log'
import { createHmac, timingSafeEqual } from 'node:crypto'
import { HmacSha256 } from './hmac-sha256.ts'

/** The oldest layout that can be written and read. */
export const MIN_SUPPORTED_SIGNED_VALUE_VERSION = 1
/** The newest layout that can be written and read. */
export const MAX_SUPPORTED_SIGNED_VALUE_VERSION = 2
/** The layout that is written unless another is asked for. */
export const DEFAULT_SIGNED_VALUE_VERSION = 2
/** The oldest layout that is read unless another is asked for. */
export const DEFAULT_SIGNED_VALUE_MIN_VERSION = 1

/** A key, or keys by their version number. */
export type CookieSecret =
  | string
  | Uint8Array
  | ReadonlyMap<number, string | Uint8Array>
  | Readonly<Record<number, string | Uint8Array>>

/** Options of {@link createSignedValue}. */
export interface SignOptions {
  /** Layout, 1 or 2. @default 2 */
  version?: number
  /** Milliseconds since the epoch. @default Date.now */
  clock?: () => number
  /** Which key of a table signs. Required with a table. @default none */
  keyVersion?: number
}

/** Options of {@link decodeSignedValue}. */
export interface VerifyOptions {
  /** Refuses what was signed longer ago. In days. @default 31 */
  maxAgeDays?: number
  /** Milliseconds since the epoch. @default Date.now */
  clock?: () => number
  /** Refuses older layouts: 2 refuses what version 1 signed. @default 1 */
  minVersion?: number
}

/**
 * Signs a value, with its name and the time, so that it can be kept by a client who must not change it. It is not encrypted.
 *
 * The text is what Python Tornado makes of the same input, and either side can read the other's.
 * Tornado: web.create_signed_value.
 *
 * @throws {RangeError} For an unknown version.
 * @throws {TypeError} When a table of keys lacks the key version, or version 1 is asked for with a table.
 */
export function createSignedValue(
  secret: CookieSecret,
  name: string,
  value: string | Uint8Array,
  { version = DEFAULT_SIGNED_VALUE_VERSION, clock = Date.now, keyVersion }: SignOptions = {},
): string {
  const timestamp = String(Math.floor(clock() / 1000))
  const encoded = Buffer.from(value as Uint8Array).toString('base64')
  if (version === 1) {
    if (!isKey(secret)) throw new TypeError('Version 1 signs with one key, not a table of them')
    return `${encoded}|${timestamp}|${signatureV1(secret, name, encoded, timestamp)}`
  }
  if (version !== 2) throw new RangeError(`Unsupported version ${version}`)
  const fields = [String(keyVersion ?? 0), timestamp, name, encoded].map(
    (field) => `${Buffer.byteLength(field)}:${field}`,
  )
  const signed = `2|${fields.join('|')}|`
  return signed + signatureV2(signingKey(secret, keyVersion), signed)
}

/**
 * The value that was signed under `name`, or `null` when there is none, it was changed, is too old, or was signed with a key
 * or layout that does not count (any more). Signatures are compared in constant time. Never throws for what a client sent.
 *
 * Tornado: web.decode_signed_value.
 *
 * @throws {RangeError} When `minVersion` is above 2.
 */
export function decodeSignedValue(
  secret: CookieSecret,
  name: string,
  value: string | null | undefined,
  { maxAgeDays = 31, clock = Date.now, minVersion = DEFAULT_SIGNED_VALUE_MIN_VERSION }: VerifyOptions = {},
): Buffer | null {
  if (minVersion > MAX_SUPPORTED_SIGNED_VALUE_VERSION)
    throw new RangeError(`Unsupported minVersion ${minVersion}`)
  if (!value) return null
  const version = versionOf(value)
  if (version < minVersion || version > MAX_SUPPORTED_SIGNED_VALUE_VERSION) return null
  const nowS = clock() / 1000
  return version === 1
    ? decodeV1(secret, name, value, maxAgeDays, nowS)
    : decodeV2(secret, name, value, maxAgeDays, nowS)
}

/** The version of the key that signed a value of layout 2, or `null`. Tornado: web.get_signature_key_version. */
export function getSignatureKeyVersion(value: string | null | undefined): number | null {
  if (!value || versionOf(value) !== 2) return null
  const fields = parseV2(value)
  return fields === null ? null : fields.keyVersion
}

/** A number before the first bar; without one, or beyond 999, it is version 1, which has none. */
function versionOf(value: string): number {
  const found = /^([1-9][0-9]*)\|/.exec(value.slice(0, 8))
  const version = found === null ? 1 : Number(found[1])
  return version > 999 ? 1 : version
}

function decodeV1(
  secret: CookieSecret,
  name: string,
  value: string,
  maxAgeDays: number,
  nowS: number,
): Buffer | null {
  if (!isKey(secret)) return null
  const parts = value.split('|')
  if (parts.length !== 3) return null
  const [encoded, timestamp, signature] = parts as [string, string, string]
  if (!sameText(signature, signatureV1(secret, name, encoded, timestamp))) {
    genLog.warning(`Invalid cookie signature ${JSON.stringify(value.slice(0, 200))}`)
    return null
  }
  // The signature does not tell where one field ends, so digits could be moved into the time: an implausible one is refused.
  const time = /^[1-9][0-9]{0,15}$/.test(timestamp) ? Number(timestamp) : Number.NaN
  if (time < nowS - maxAgeDays * dayS) {
    genLog.warning(`Expired cookie ${JSON.stringify(value.slice(0, 200))}`)
    return null
  }
  if (time > nowS + 31 * dayS) {
    genLog.warning(`Cookie timestamp in future; possible tampering ${JSON.stringify(value.slice(0, 200))}`)
    return null
  }
  if (Number.isNaN(time)) {
    genLog.warning(`Tampered cookie ${JSON.stringify(value.slice(0, 200))}`)
    return null
  }
  return decodeBase64(encoded)
}

function decodeV2(
  secret: CookieSecret,
  name: string,
  value: string,
  maxAgeDays: number,
  nowS: number,
): Buffer | null {
  const fields = parseV2(value)
  if (fields === null) return null
  const key = isKey(secret) ? secret : keyOf(secret, fields.keyVersion)
  if (key === undefined) return null
  if (!sameText(fields.signature, signatureV2(key, fields.signed))) return null
  if (fields.name !== name) return null
  if (fields.timestamp < nowS - maxAgeDays * dayS) return null
  return decodeBase64(fields.encoded)
}

interface FieldsV2 {
  readonly keyVersion: number
  readonly timestamp: number
  readonly name: string
  readonly encoded: string
  readonly signature: string
  /** What the signature is over. */
  readonly signed: string
}

/** `2|` then four fields `LENGTH:TEXT|`, then the signature. Lengths are of UTF-8. */
function parseV2(value: string): FieldsV2 | null {
  const size = Buffer.byteLength(value)
  // One character a byte, so that a length can be counted in it.
  const bytes = size === value.length ? value : Buffer.from(value).toString('latin1')
  const textOf = (part: string): string =>
    size === value.length ? part : Buffer.from(part, 'latin1').toString('utf8')
  let at = 2
  const texts: string[] = []
  for (let i = 0; i < 4; i++) {
    const colon = bytes.indexOf(':', at)
    if (colon === -1 || colon - at > 10) return null
    const length = parseNumber(bytes.slice(at, colon))
    if (length === null) return null
    const end = colon + 1 + length
    if (bytes[end] !== '|') return null
    texts.push(textOf(bytes.slice(colon + 1, end)))
    at = end + 1
  }
  const keyVersion = parseNumber(texts[0]!)
  const timestamp = parseNumber(texts[1]!)
  if (keyVersion === null || timestamp === null) return null
  return {
    keyVersion,
    timestamp,
    name: texts[2]!,
    encoded: texts[3]!,
    signature: bytes.slice(at),
    signed: textOf(bytes.slice(0, at)),
  }
}

/** Decimal digits without a sign or leading zeros. */
function parseNumber(text: string): number | null {
  return /^(?:0|[1-9][0-9]{0,15})$/.test(text) ? Number(text) : null
}

function decodeBase64(encoded: string): Buffer | null {
  const decoded = Buffer.from(encoded, 'base64')
  // Node skips what is no base64; the text that was signed is base64 to the last character.
  return decoded.toString('base64') === encoded ? decoded : null
}

function signatureV1(key: string | Uint8Array, ...parts: string[]): string {
  const sum = createHmac('sha1', key)
  for (const part of parts) sum.update(part)
  return sum.digest('hex')
}

function signatureV2(key: string | Uint8Array, signed: string): string {
  if (typeof key !== 'string') return createHmac('sha256', key).update(signed).digest('hex')
  let mac = macs.get(key)
  if (mac === undefined) {
    if (macs.size >= maxMacs) macs.clear()
    macs.set(key, (mac = new HmacSha256(key)))
  }
  return mac.hex(signed)
}

/** By key. An application has few. */
const macs = new Map<string, HmacSha256>()
const maxMacs = 16

function sameText(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}

function isKey(secret: CookieSecret): secret is string | Uint8Array {
  return typeof secret === 'string' || secret instanceof Uint8Array
}

function keyOf(
  secret: Exclude<CookieSecret, string | Uint8Array>,
  version: number,
): string | Uint8Array | undefined {
  if (secret instanceof Map) return (secret as ReadonlyMap<number, string | Uint8Array>).get(version)
  return Object.hasOwn(secret, version) ? (secret as Record<number, string | Uint8Array>)[version] : undefined
}

function signingKey(secret: CookieSecret, keyVersion: number | undefined): string | Uint8Array {
  if (isKey(secret)) return secret
  if (keyVersion === undefined) throw new TypeError('A table of keys needs the setting keyVersion to sign')
  const key = keyOf(secret, keyVersion)
  if (key === undefined) throw new TypeError(`There is no key of version ${keyVersion}`)
  return key
}

const dayS = 86_400

import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { isIP, isIPv6 } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bitString, der, integer, objectIdentifier, sequence, utcTime } from './der.ts'

export interface Certificate {
  readonly certfile: string
  readonly keyfile: string
  readonly cert: string
  readonly key: string
}

interface Issuing {
  readonly subject: string
  readonly names: readonly string[]
  readonly days: number
  readonly isAuthority: boolean
}

/** An authority, self-signed, and the certificates it signs, made for one run of the tests. */
export class Authority implements Disposable {
  readonly certfile: string
  readonly keyfile: string
  readonly cert: string
  readonly #name: string
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'tornado-ts-tls-'))
  readonly #keys = makeKeys()
  #count = 0

  constructor(name = 'Test authority') {
    this.#name = name
    const own = this.#make(this.#keys, { subject: name, names: [], days: 2, isAuthority: true })
    this.certfile = own.certfile
    this.keyfile = own.keyfile
    this.cert = own.cert
  }

  /** Signs a certificate for these host names and addresses. Its first name is its subject. */
  issue(names: readonly string[], { days = 2 }: { days?: number } = {}): Certificate {
    return this.#make(makeKeys(), { subject: names[0]!, names, days, isAuthority: false })
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #make(keys: KeyPair, { subject, names, days, isAuthority }: Issuing): Certificate {
    const serial = ++this.#count
    const toBeSigned = sequence(
      der(0xa0, integer(2)),
      integer(serial),
      ecdsaWithSha256,
      toName(this.#name),
      sequence(utcTime(inDays(-2)), utcTime(inDays(days))),
      toName(subject),
      keys.publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, sequence(isAuthority ? authorityExtension : toNamesExtension(names))),
    )
    const signature = sign('sha256', toBeSigned, this.#keys.privateKey)
    const cert = toPem(sequence(toBeSigned, ecdsaWithSha256, bitString(signature)))
    const key = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const certfile = join(this.#folder, `${serial}.crt`)
    const keyfile = join(this.#folder, `${serial}.key`)
    writeFileSync(certfile, cert)
    writeFileSync(keyfile, key)
    return { certfile, keyfile, cert, key }
  }
}

let shared: Authority | undefined

/** The authority that most tests use; its folder goes with the test file: see setup.ts. */
export function testAuthority(): Authority {
  return (shared ??= new Authority())
}

/** Removes what {@link testAuthority} and {@link localhostCertificate} have written. */
export function removeTestAuthority(): void {
  shared?.[Symbol.dispose]()
}

let localhost: Certificate | undefined

/** A certificate of {@link testAuthority} for `localhost` and the loopback addresses. */
export function localhostCertificate(): Certificate {
  localhost ??= testAuthority().issue(['localhost', '127.0.0.1', '::1'])
  return localhost
}

interface KeyPair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

const ecdsaWithSha256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
const yes = der(0x01, Buffer.of(0xff))
/** basicConstraints, critical: an authority (RFC 5280 §4.2.1.9). */
const authorityExtension = sequence(objectIdentifier('2.5.29.19'), yes, der(0x04, sequence(yes)))

function makeKeys(): KeyPair {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
}

function toName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectIdentifier('2.5.4.3'), der(0x0c, Buffer.from(commonName)))))
}

/** subjectAltName (RFC 5280 §4.2.1.6). */
function toNamesExtension(names: readonly string[]): Buffer {
  const choices = names.map((name) =>
    isIP(name) === 0 ? der(0x82, Buffer.from(name)) : der(0x87, toBytes(name)),
  )
  return sequence(objectIdentifier('2.5.29.17'), der(0x04, sequence(...choices)))
}

function toBytes(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number))
  if (address !== '::1') throw new Error(`Only ::1 is needed so far, not ${address}`)
  return Buffer.concat([Buffer.alloc(15), Buffer.of(1)])
}

function inDays(days: number): Date {
  return new Date(Date.now() + days * 86_400_000)
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Certificate {
  readonly certfile: string
  readonly keyfile: string
  readonly cert: string
  readonly key: string
}

/** An authority and the certificates it signs, made for one run of the tests by `openssl`. */
export class Authority implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'iostream-tls-'))
  readonly certfile: string
  #count = 0

  constructor(name = 'Test authority') {
    this.certfile = join(this.folder, 'authority.crt')
    this.#openssl(
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
      ['-subj', `/CN=${name}`, '-keyout', join(this.folder, 'authority.key'), '-out', this.certfile],
    )
  }

  get cert(): string {
    return readFileSync(this.certfile, 'latin1')
  }

  /** Signs a certificate for these names and addresses, such as `DNS:localhost` and `IP:127.0.0.1`. */
  issue(names: readonly string[], { days = 2 }: { days?: number } = {}): Certificate {
    const base = join(this.folder, `certificate-${++this.#count}`)
    const [certfile, keyfile, request, extensions] = ['.crt', '.key', '.csr', '.cnf'].map(
      (end) => base + end,
    ) as [string, string, string, string]
    writeFileSync(extensions, `subjectAltName=${names.join(',')}\n`)
    this.#openssl(
      ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ['-subj', `/CN=${names[0]!.replace(/^\w+:/, '')}`, '-keyout', keyfile, '-out', request],
    )
    const signer = join(this.folder, 'authority')
    this.#openssl(
      [
        'x509',
        '-req',
        '-in',
        request,
        '-days',
        String(days),
        '-CA',
        `${signer}.crt`,
        '-CAkey',
        `${signer}.key`,
      ],
      ['-set_serial', String(this.#count + 1), '-extfile', extensions, '-out', certfile],
    )
    return {
      certfile,
      keyfile,
      cert: readFileSync(certfile, 'latin1'),
      key: readFileSync(keyfile, 'latin1'),
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #openssl(...args: string[][]): void {
    execFileSync('openssl', args.flat(), { stdio: ['ignore', 'ignore', 'pipe'] })
  }
}

let shared: Authority | undefined

/** The authority that most tests use; its folder goes with the process. */
export function testAuthority(): Authority {
  if (shared === undefined) {
    const authority = new Authority()
    process.once('exit', () => authority[Symbol.dispose]())
    shared = authority
  }
  return shared
}

let localhost: Certificate | undefined

/** A certificate of {@link testAuthority} for `localhost` and the loopback addresses. */
export function localhostCertificate(): Certificate {
  localhost ??= testAuthority().issue(['DNS:localhost', 'IP:127.0.0.1', 'IP:::1'])
  return localhost
}

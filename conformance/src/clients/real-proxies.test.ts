import type { AsyncHTTPClient, FetchOptions } from '@tornado-ts/httpclient'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { describeWith, findProgram } from '../interop/programs.ts'
import { SpawnedServer, unusedPort } from '../interop/spawned-server.ts'
import { failureOf } from './engine-suite.ts'
import { engines } from './engines.ts'
import { answer, RawServer } from './raw-server.ts'
import { serveTls } from './tls-server.ts'

const { certfile: caCerts, cert: authority } = testAuthority()

/** Tells what the server was shown of what is for the proxy alone. */
const tellSecrets = ({ field }: { field(name: string): string | undefined }): Buffer =>
  answer(field('Proxy-Authorization') ?? 'nothing')

/** Fetches twice from a plain server and twice over TLS; each is told nothing of the proxy. */
async function fetchThrough(client: AsyncHTTPClient, options: FetchOptions): Promise<void> {
  await using plain = await RawServer.start(tellSecrets)
  await using secure = await serveTls(localhostCertificate(), tellSecrets)
  for (const url of [plain.url(), `https://127.0.0.1:${secure.port}/`])
    for (let i = 0; i < 2; i++)
      expect((await client.fetch(url, { caCerts, ...options })).text()).toBe('nothing')
  // Of a tunnel nothing but itself is told; both of its requests go through the one.
  expect(secure.connections).toBe(1)
}

/** Sends bodies of every kind to a plain server and over TLS, on connections that are new and that were kept. */
async function sendThrough(client: AsyncHTTPClient, options: FetchOptions): Promise<void> {
  await using plain = await RawServer.start(({ method, body }) => answer(`${method} ${body.length}`))
  await using secure = await serveTls(localhostCertificate(), ({ method, body }) =>
    answer(`${method} ${body.length}`),
  )
  const body = 'x'.repeat(300_000)
  const bodyProducer: FetchOptions['bodyProducer'] = async (write) => {
    for (let i = 0; i < 3; i++) await write('x'.repeat(100_000))
  }
  for (const url of [plain.url(), `https://127.0.0.1:${secure.port}/`])
    for (const method of ['POST', 'PUT']) {
      const send = async (more: FetchOptions): Promise<string> =>
        (await client.fetch(url, { caCerts, method, ...options, ...more })).text()
      expect(await send({ body })).toBe(`${method} 300000`)
      expect(await send({ body: '' })).toBe(`${method} 0`)
      expect(await send({ bodyProducer, headers: { 'Content-Length': '300000' } })).toBe(`${method} 300000`)
    }
}

/** Who is not known gets nothing from the proxy, and no server is asked. */
async function expectRefusal(client: AsyncHTTPClient, options: FetchOptions): Promise<void> {
  await using plain = await RawServer.start(() => answer())
  const forwarded = await client.fetch(plain.url(), { ...options, raiseError: false })
  expect([401, 407]).toContain(forwarded.code)
  const error = await failureOf(client.fetch(`https://127.0.0.1:${plain.port}/`, { caCerts, ...options }))
  expect(error.name).toMatch(/^(ProxyError|CurlError|HTTPStreamClosedError)$/)
  expect(plain.connections).toBe(0)
}

describeWith('squid', findProgram('squid'), (program) => {
  let squid: SpawnedServer
  let securePort = 0

  beforeAll(async () => {
    securePort = await unusedPort()
    squid = await SpawnedServer.start(async (port, folder) => {
      await writeFile(join(folder, 'squid.conf'), await squidConfiguration(folder, port, securePort))
      return spawn(program, ['-N', '-f', join(folder, 'squid.conf')], { stdio: 'ignore' })
    })
  }, 60_000)
  afterAll(async () => await squid[Symbol.asyncDispose]())

  describe.each(engines)('$name', ({ name, create }) => {
    const credentials = { proxyUsername: 'name', proxyPassword: 'word' }
    const at = (): FetchOptions => ({ proxyHost: '127.0.0.1', proxyPort: squid.port })

    it.each(['basic', 'digest'] as const)('http and https, with %s authentication', async (proxyAuthMode) => {
      await using client = create()
      await fetchThrough(client, { ...at(), ...credentials, proxyAuthMode })
      await sendThrough(client, { ...at(), ...credentials, proxyAuthMode })
      await expectRefusal(client, { ...at(), ...credentials, proxyAuthMode, proxyPassword: 'no' })
      await expectRefusal(client, at())
    })

    it('over TLS to the proxy', async () => {
      await using client = create()
      const proxy = { protocol: 'https', host: '127.0.0.1', port: securePort } as const
      const trust = name.startsWith('Curl') ? {} : { sslOptions: { ca: authority } }
      const known = { username: 'name', password: 'word', ...trust }
      if (name.startsWith('Curl')) {
        // What libcurl trusts a proxy by is set by nothing but its own option.
        const prepareCurlCallback = (handle: { setopt(which: number, value: string): void }): void =>
          handle.setopt(proxyCaInfo, caCerts)
        await using server = await RawServer.start(tellSecrets)
        const response = await client.fetch(server.url(), {
          proxy: { ...proxy, ...known },
          prepareCurlCallback: prepareCurlCallback as (handle: never) => void,
        })
        expect(response.text()).toBe('nothing')
      } else await fetchThrough(client, { proxy: { ...proxy, ...known } })
      using _log = name.startsWith('Curl') ? undefined : expectLog(genLog, /SSL Error/)
      const error = await failureOf(
        client.fetch('http://127.0.0.1:1/', { proxy: { ...proxy, username: 'name' } }),
      )
      expect(error.name).toMatch(/^(SSLCertVerificationError|CurlError)$/)
    })

    it('what the proxy cannot reach is told by its answer', async () => {
      await using client = create()
      const port = await unusedPort()
      const forwarded = await client.fetch(`http://127.0.0.1:${port}/`, {
        ...at(),
        ...credentials,
        raiseError: false,
      })
      expect(forwarded.code).toBe(503)
      const tunnel = await failureOf(client.fetch(`https://127.0.0.1:${port}/`, { ...at(), ...credentials }))
      expect(tunnel.message).toContain('503')
    })
  })
})

describeWith('tinyproxy', findProgram('tinyproxy'), (program) => {
  it.each(engines)('$name: http and https, with basic authentication', async ({ create }) => {
    await using tinyproxy = await SpawnedServer.start(async (port, folder) => {
      const file = join(folder, 'tinyproxy.conf')
      const lines = [`Port ${port}`, 'Listen 127.0.0.1', 'BasicAuth name word', 'Timeout 60']
      await writeFile(file, [...lines, `LogFile "${folder}/log"`, ''].join('\n'))
      return spawn(program, ['-d', '-c', file], { stdio: 'ignore' })
    })
    await using client = create()
    await fetchThrough(client, { proxy: `http://name:word@127.0.0.1:${tinyproxy.port}` })
    await expectRefusal(client, { proxy: `http://name:no@127.0.0.1:${tinyproxy.port}` })
    await expectRefusal(client, { proxy: `http://127.0.0.1:${tinyproxy.port}` })
  })
})

describeWith('microsocks', findProgram('microsocks'), (program) => {
  const start = (...args: string[]): Promise<SpawnedServer> =>
    SpawnedServer.start((port) =>
      spawn(program, ['-i', '127.0.0.1', '-p', String(port), ...args], { stdio: 'ignore' }),
    )

  it.each(engines)('$name: connects by name, by address, and with a password', async ({ create }) => {
    await using server = await RawServer.start(({ field }) => answer(field('Host')!))
    await using client = create()
    {
      await using socks = await start()
      for (const [protocol, host] of [
        ['socks5h', 'localhost'],
        ['socks5', '127.0.0.1'],
      ] as const) {
        const proxy = `${protocol}://127.0.0.1:${socks.port}`
        const response = await client.fetch(`http://${host}:${server.port}/`, { proxy })
        expect(response.text()).toBe(`${host}:${server.port}`)
        await fetchThrough(client, { proxy })
      }
    }
    await using socks = await start('-u', 'name', '-P', 'word')
    const at = `127.0.0.1:${socks.port}`
    await fetchThrough(client, { proxy: `socks5h://name:word@${at}` })
    for (const wrong of [`socks5h://name:no@${at}`, `socks5h://${at}`]) {
      const error = await failureOf(client.fetch(server.url(), { proxy: wrong }))
      expect(error.name).toMatch(/^(ProxyError|CurlError|HTTPStreamClosedError)$/)
      expect(error.message).toMatch(/refused|rejected|acceptable/)
    }
  })
})

/** Basic and digest authentication, over TCP and over TLS. */
async function squidConfiguration(folder: string, port: number, securePort: number): Promise<string> {
  const { certfile, keyfile } = localhostCertificate()
  // It gives up being root before it reads them.
  await copyFile(certfile, join(folder, 'cert.pem'))
  await copyFile(keyfile, join(folder, 'key.pem'))
  const hash = spawnSync('openssl', ['passwd', '-apr1', 'word'], { encoding: 'utf8' }).stdout.trim()
  await writeFile(join(folder, 'basic'), `name:${hash}\n`)
  await writeFile(join(folder, 'digest'), 'name:word\n')
  const helpers = ['/usr/lib/squid', '/usr/lib64/squid', '/usr/libexec/squid'].find((path) =>
    existsSync(path),
  )!
  return `
    http_port 127.0.0.1:${port}
    https_port 127.0.0.1:${securePort} tls-cert=${folder}/cert.pem tls-key=${folder}/key.pem
    pid_filename none
    cache_log /dev/null
    access_log none
    cache deny all
    netdb_filename none
    pinger_enable off
    shutdown_lifetime 0 seconds
    auth_param digest program ${helpers}/digest_file_auth ${folder}/digest
    auth_param digest children 1 startup=1
    auth_param digest realm proxy
    auth_param basic program ${helpers}/basic_ncsa_auth ${folder}/basic
    auth_param basic children 1 startup=1
    acl known proxy_auth REQUIRED
    http_access allow known
    http_access deny all
  `
}

/** CURLOPT_PROXY_CAINFO. */
const proxyCaInfo = 10_246

import { DigestSession } from './digest-session.ts'
import { ProxyError } from '../errors.ts'
import type { BaseIOStream } from '../stream/base-io-stream.ts'
import type { Proxy } from './proxy-setting.ts'

/** Digest sessions with proxies: a nonce serves further tunnels, too. Those of a few proxies are kept. */
export class ProxyDigests {
  readonly #sessions = new Map<string, DigestSession>()

  get(proxy: Proxy): DigestSession | null {
    return this.#sessions.get(keyOf(proxy)) ?? null
  }

  set(proxy: Proxy, session: DigestSession): void {
    const key = keyOf(proxy)
    this.#sessions.delete(key)
    if (this.#sessions.size >= maxSessions) this.#sessions.delete(this.#sessions.keys().next().value!)
    this.#sessions.set(key, session)
  }
}

function keyOf({ protocol, host, port, username, password }: Proxy): string {
  return JSON.stringify([protocol, host, port, username, password])
}

/**
 * Asks an HTTP proxy for a tunnel (RFC 9110 §9.3.6). `connect` makes a connection to the proxy; a second one is made when it
 * asks for digest authentication.
 *
 * @throws {ProxyError} When the proxy refuses, or answers something else than HTTP.
 */
export async function openHttpTunnel<Stream extends BaseIOStream>(
  proxy: Proxy,
  host: string,
  port: number,
  connect: () => Promise<Stream>,
  digests: ProxyDigests = new ProxyDigests(),
): Promise<Stream> {
  const { username, password = '', authMode = 'basic' } = proxy
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`
  if (!validAuthority.test(authority)) throw new TypeError(`Invalid host ${JSON.stringify(host)}`)
  const isDigest = username !== undefined && authMode === 'digest'
  let digest = isDigest ? digests.get(proxy) : null
  let credentials =
    username === undefined
      ? null
      : isDigest
        ? (digest?.authorize('CONNECT', authority) ?? null)
        : basic(username, password)
  // One that calls every nonce stale is not asked for ever.
  for (let attempt = 1; ; attempt++) {
    const stream = await connect()
    try {
      const field = credentials === null ? '' : `Proxy-Authorization: ${credentials}\r\n`
      await stream.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${field}\r\n`)
      const { code, challenges } = await readAnswer(stream, proxy)
      if (code >= 200 && code < 300) {
        if (digest !== null) digests.set(proxy, digest)
        return stream
      }
      // The nonce of an earlier tunnel may not be taken any more, whether it is called stale or not.
      if (isDigest && attempt === 1) digest = new DigestSession(username, password)
      if (code !== 407 || digest === null || attempt > 3 || !digest.challenge(challenges)) {
        const text = `The proxy ${proxy.host}:${proxy.port} refused a tunnel to ${authority}: HTTP ${code}`
        throw new ProxyError(text, String(code))
      }
      credentials = digest.authorize('CONNECT', authority)
      stream.close()
    } catch (error) {
      stream.close()
      throw error
    }
  }
}

interface Answer {
  readonly code: number
  readonly challenges: readonly string[]
}

async function readAnswer(stream: BaseIOStream, proxy: Proxy): Promise<Answer> {
  for (let informational = 0; informational < 10; informational++) {
    const head = (await stream.readUntilRegex(/\r?\n\r?\n/, { maxSize: maxHeadSize })).toString('latin1')
    const lines = head.split(/\r?\n/)
    const code = Number(statusLine.exec(lines[0]!)?.[1] ?? 0)
    if (code === 0) break
    if (code < 200) continue
    const challenges = lines.slice(1).flatMap((line) => challengeField.exec(line)?.[1] ?? [])
    return { code, challenges }
  }
  throw new ProxyError(`The proxy ${proxy.host}:${proxy.port} does not answer in HTTP`, 'EPROTO')
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}

const maxHeadSize = 65_536
const maxSessions = 100
const statusLine = /^HTTP\/1\.[0-9] ([1-9][0-9]{2})(?: |$)/
const challengeField = /^proxy-authenticate:[ \t]*(.*)$/i
const validAuthority = /^[\u0021-\u007e]+$/

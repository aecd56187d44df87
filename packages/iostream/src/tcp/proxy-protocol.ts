import { genLog } from '@tornado-ts/log'
import { BlockList, isIP, type Socket } from 'node:net'
import { ProxyHeaderDecoder, type ProxyHeader } from '../protocol/proxy-header.ts'

/** How a server learns from proxies whom it is talking to. */
export interface ProxyProtocolOptions {
  /**
   * The proxies whose word is taken: addresses, networks such as `'10.0.0.0/8'`, and `'unix'` for all that come over Unix
   * sockets. Each of their connections must begin with a PROXY header, of version 1 or 2.
   */
  trusted: readonly string[]
  /**
   * What becomes of connections from elsewhere: `'refuse'` closes them; `'serve'` takes them as they are, without a header.
   * @default 'refuse'
   */
  others?: 'refuse' | 'serve'
  /** How long a proxy may take to send its header, in ms. @default 10_000 */
  timeoutMs?: number
}

/** Reads PROXY headers from accepted sockets. */
export class ProxyProtocol {
  readonly #trusted = new BlockList()
  readonly #trustsUnix: boolean
  readonly #servesOthers: boolean
  readonly #timeoutMs: number

  /** @throws {TypeError} When something trusted is no address and no network. */
  constructor({ trusted, others = 'refuse', timeoutMs = 10_000 }: ProxyProtocolOptions) {
    this.#trustsUnix = trusted.includes('unix')
    this.#servesOthers = others === 'serve'
    this.#timeoutMs = timeoutMs
    for (const source of trusted) if (source !== 'unix') this.#trust(source)
  }

  /**
   * The header of a connection; what follows it stays in the socket, which is then paused. `null` when the connection is
   * served without one.
   *
   * @throws {ProxyRefusal} (rejection) When the connection is not to be served; why is logged.
   */
  async readHeader(socket: Socket): Promise<ProxyHeader | null> {
    const peer = socket.remoteAddress ?? 'unix'
    if (this.#isTrusted(socket.remoteAddress)) {
      try {
        return await this.#receiveHeader(socket)
      } catch (error) {
        genLog.warning(`No PROXY header from ${peer}: ${(error as Error).message}`)
        throw new ProxyRefusal()
      }
    }
    if (this.#servesOthers) return null
    genLog.info(`Refused a connection from ${peer}, which is no trusted proxy`)
    throw new ProxyRefusal()
  }

  #receiveHeader(socket: Socket): Promise<ProxyHeader> {
    const decoder = new ProxyHeaderDecoder()
    const { promise, resolve, reject } = Promise.withResolvers<ProxyHeader>()
    const timer = setTimeout(
      () => settle(() => reject(new Error(`none within ${this.#timeoutMs} ms`))),
      this.#timeoutMs,
    )
    const settle = (outcome: () => void): void => {
      clearTimeout(timer)
      socket.off('data', onData)
      socket.off('end', onEnd)
      socket.off('close', onEnd)
      outcome()
    }
    const onEnd = (): void => settle(() => reject(new Error('connection ended before it')))
    const onData = (chunk: Buffer): void => {
      try {
        decoder.receive(chunk)
        const header = decoder.next()
        if (header === null) return
        socket.pause()
        settle(() => resolve(header))
        const rest = decoder.remainder()
        if (rest.length > 0) socket.unshift(rest)
      } catch (error) {
        settle(() => reject(error as Error))
      }
    }
    socket.on('data', onData)
    socket.on('end', onEnd)
    socket.on('close', onEnd)
    return promise
  }

  #isTrusted(address: string | undefined): boolean {
    if (address === undefined) return this.#trustsUnix
    // A socket that takes both families shows IPv4 peers as mapped into IPv6.
    const plain = address.startsWith('::ffff:') ? address.slice(7) : address
    return this.#trusted.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
  }

  #trust(source: string): void {
    const [address = '', prefix, ...more] = source.split('/')
    const version = isIP(address)
    const bits = version === 6 ? 128 : 32
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN
    if (version === 0 || more.length > 0 || !(length <= bits)) {
      throw new TypeError(`Cannot trust ${source}: expected an address, a network, or 'unix'`)
    }
    this.#trusted.addSubnet(address, length, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/** Tells the server to close a connection; what there is to say has been logged. */
export class ProxyRefusal extends Error {
  override readonly name = 'ProxyRefusal'
}

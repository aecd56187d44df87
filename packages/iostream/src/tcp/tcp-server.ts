import { appLog, genLog } from '@tornado-ts/log'
import { isIP, type Socket } from 'node:net'
import type { BaseIOStream } from '../stream/base-io-stream.ts'
import { bindSockets, checkPort } from './bind-sockets.ts'
import { BoundSocket, toBindError, type BoundAddress } from './bound-socket.ts'
import { forkProcesses, type ForkOptions } from '../process/fork-processes.ts'
import { IOStream, SSLIOStream } from '../stream/io-stream.ts'
import { toPeerAddress, type PeerAddress } from './peer-address.ts'
import type { ProxyHeader } from '../protocol/proxy-header.ts'
import { ProxyProtocol, type ProxyProtocolOptions } from './proxy-protocol.ts'
import type { AddressFamily } from '../netutil/resolver.ts'
import { sslOptionsToContext, type SSLContext } from '../tls/ssl-context.ts'
import type { SSLOptions } from '../tls/ssl-options.ts'
import { StreamLimits, type StreamOptions } from '../stream/stream-options.ts'
import { acceptorOf } from '../tls/tls-acceptor.ts'

/** Options of a {@link TCPServer}. */
export interface TCPServerOptions extends StreamOptions {
  /** Most connections open at once, on all addresses together; further ones are closed on accept. @default Infinity */
  maxConnections?: number
  /** Certificates and rules of TLS. Changed files are loaded without a restart. @default no TLS */
  sslOptions?: SSLOptions | SSLContext
  /** Proxies that say whom they connect for, by the PROXY protocol. @default nobody is believed */
  proxyProtocol?: ProxyProtocolOptions
}

/** Options of {@link TCPServer.listen}. */
export interface ListenOptions {
  /** Address or host name to listen on; a name stands for all its addresses. @default all addresses, IPv6 and IPv4 */
  address?: string
  /** Only addresses of this kind. @default both */
  family?: AddressFamily
  /** Connections the operating system keeps waiting for accept. @default 511 */
  backlog?: number
  /** Lets several processes listen on one port, where the system can. @default false */
  reusePort?: boolean
}

/**
 * Accepts connections and hands each to {@link handleStream} as an {@link IOStream}. Override that method.
 *
 * Over TLS that happens when the handshake is done, behind proxies when their header is read: what fails before is
 * logged and closed. The program survives running out of descriptors: connections are then closed on accept.
 *
 * Tornado: tcpserver.TCPServer.
 */
export class TCPServer implements AsyncDisposable {
  readonly #limits: StreamLimits
  readonly #maxConnections: number
  readonly #sslContext: SSLContext | null
  readonly #proxyProtocol: ProxyProtocol | null
  readonly #listeners: Listener[] = []
  readonly #deferred: (readonly [port: number, options: ListenOptions])[] = []
  #started = false
  #boundObserved = false
  #bound: Promise<BoundAddress> | null = null
  #acceptedCount = 0
  /** Kept only when there is a limit. */
  #openCount = 0
  #preparingCount = 0
  #prepared: PromiseWithResolvers<void> | null = null

  /**
   * @throws {RangeError} When a limit is not above zero.
   * @throws {TypeError | Error} When the TLS options are wrong or their files cannot be used.
   */
  constructor(options: TCPServerOptions = {}) {
    const { maxConnections = Infinity, sslOptions, proxyProtocol } = options
    if (!(maxConnections > 0)) throw new RangeError(`maxConnections must be above zero: ${maxConnections}`)
    this.#maxConnections = maxConnections
    this.#limits = new StreamLimits(options)
    this.#sslContext = sslOptions === undefined ? null : sslOptionsToContext(sslOptions, { serverSide: true })
    this.#proxyProtocol = proxyProtocol === undefined ? null : new ProxyProtocol(proxyProtocol)
  }

  /** The certificates in use, or `null` without TLS. Its `reload` loads others for connections from then on. */
  get sslContext(): SSLContext | null {
    return this.#sslContext
  }

  /**
   * Starts to listen on `port` (0: an unused one) and returns at once; may be called several times.
   *
   * {@link bound} tells when and where, or why not. When the address cannot be had and nobody has looked at `bound`, the
   * program ends with one line on stderr and status 1.
   *
   * @throws {RangeError} When the port is not an integer from 0 to 65535.
   */
  listen(port: number, options: ListenOptions = {}): void {
    checkPort(port)
    const listener = this.#addListener(this.#open(port, options))
    listener.bound.catch((error: Error) => {
      if (!this.#boundObserved) endProgram(error.message)
    })
  }

  /**
   * As {@link listen}, but nothing happens before {@link start}.
   *
   * @throws {RangeError} When the port is not an integer from 0 to 65535.
   */
  bind(port: number, options: ListenOptions = {}): void {
    checkPort(port)
    this.#deferred.push([port, options])
  }

  /**
   * Listens on what was given to {@link bind}; in this process, or in `numProcesses` new ones as {@link forkProcesses}
   * starts them, `null` or 0 being one a processor. What follows `await server.start(n)` then runs in those only.
   *
   * @throws {Error} (rejection) When it was called before.
   */
  async start(numProcesses: number | null = 1, options: ForkOptions = {}): Promise<void> {
    if (this.#started) throw new Error('Server is started already')
    this.#started = true
    if (numProcesses !== 1) await forkProcesses(numProcesses, options)
    for (const [port, where] of this.#deferred.splice(0)) this.listen(port, where)
  }

  /** Accepts on a socket that is bound already; closed by {@link stop}. */
  addSocket(socket: BoundSocket): void {
    this.#addListener(Promise.resolve([socket]))
  }

  /** Accepts on sockets that are bound already, as `bindSockets` gives them. */
  addSockets(sockets: Iterable<BoundSocket>): void {
    for (const socket of sockets) this.addSocket(socket)
  }

  /**
   * Resolves with the first address once everything asked of {@link listen} so far is bound; rejects with the reason
   * when one cannot be. Reading it makes the reader answerable for a bind error.
   */
  get bound(): Promise<BoundAddress> {
    this.#boundObserved = true
    return this.whenBound()
  }

  /** As {@link bound}, for subclasses: does not make the caller answerable, so a bind error still ends the program. */
  protected whenBound(): Promise<BoundAddress> {
    if (this.#listeners.length === 0) return Promise.reject(new Error('Cannot be bound before listen'))
    this.#bound ??= Promise.all(this.#listeners.map(({ bound }) => bound)).then(([first]) => first!)
    return this.#bound
  }

  /** Every address that is bound now. */
  addresses(): BoundAddress[] {
    return this.#listeners.flatMap(({ sockets }) => sockets.flatMap((socket) => socket.address() ?? []))
  }

  /**
   * Called for each accepted connection; must be overridden. An error it throws or rejects with is logged to `appLog` and
   * closes the stream; the server goes on. That the peer has closed the stream is no error: a handler may let the
   * `StreamClosedError` of its reads and writes end it.
   */
  handleStream(_stream: IOStream, _address: PeerAddress): void | Promise<void> {
    throw new Error('handleStream must be overridden')
  }

  /** Stops accepting; open connections go on. Stopping twice does nothing. */
  stop(): void {
    for (const listener of this.#listeners.splice(0)) {
      listener.isStopped = true
      for (const socket of listener.sockets) socket.close()
    }
    this.#bound = null
  }

  /**
   * For subclasses: stops once the connections that the system has taken in already are accepted, one each turn of the
   * loop; it would reset them with the listening socket. When ever more come, it stops once as many are accepted as can have
   * waited when it was called, or after `limitMs`.
   */
  protected async stopAfterAccepting({ limitMs }: { limitMs: number }): Promise<void> {
    const latestMs = performance.now() + limitMs
    const mostCount = this.#acceptedCount + this.#listeners.length * maxWaitingConnections
    let acceptedCount: number
    do {
      acceptedCount = this.#acceptedCount
      // One may come before the system is asked again, two not.
      await nextTurn()
      await nextTurn()
      if (this.#acceptedCount >= mostCount) break
    } while (acceptedCount !== this.#acceptedCount && performance.now() < latestMs)
    this.stop()
  }

  /** For subclasses: resolves when no accepted connection is in a handshake or waits for its proxy's header. */
  protected whenPrepared(): Promise<void> {
    if (this.#preparingCount === 0) return Promise.resolve()
    this.#prepared ??= Promise.withResolvers()
    return this.#prepared.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop()
  }

  async #open(port: number, options: ListenOptions): Promise<BoundSocket[]> {
    const { address = '', family, backlog = 511, reusePort = false } = options
    const isName = address !== '' && isIP(address) === 0
    if (isName || (address !== '' && family !== undefined)) {
      return await bindSockets(port, { ...options, backlog })
    }
    // One socket for both kinds of addresses is less to accept on than two.
    const hosts = { IPv4: '0.0.0.0', IPv6: '::', any: undefined }
    const host = address === '' ? hosts[family ?? 'any'] : address
    const where = { port, backlog, reusePort, exclusive: reusePort, ipv6Only: family === 'IPv6' }
    const opening = BoundSocket.open(host === undefined ? where : { ...where, host })
    return await opening.then(
      (socket) => [socket],
      (error: Error) => {
        throw toBindError(address === '' ? `port ${port}` : `${address}:${port}`, error)
      },
    )
  }

  #addListener(opening: Promise<BoundSocket[]>): Listener {
    const listener: Listener = {
      sockets: [],
      isStopped: false,
      bound: opening.then((sockets) => adopt(sockets)),
    }
    const adopt = (sockets: readonly BoundSocket[]): BoundAddress => {
      const address = sockets[0]!.address()!
      listener.sockets = sockets
      for (const socket of sockets) {
        if (listener.isStopped) socket.close()
        else socket.setAcceptHandler(this.#accept)
      }
      return address
    }
    this.#listeners.push(listener)
    this.#bound = null
    return listener
  }

  readonly #accept = (socket: Socket): void => {
    this.#acceptedCount++
    if (this.#maxConnections !== Infinity) {
      if (this.#openCount >= this.#maxConnections) {
        socket.destroy()
        return
      }
      this.#openCount++
      socket.once('close', this.#closed)
    }
    if (this.#sslContext !== null || this.#proxyProtocol !== null) void this.#acceptPrepared(socket)
    else this.#handle(new IOStream(socket, this.#limits), toPeerAddress(socket))
  }

  readonly #closed = (): void => {
    this.#openCount--
  }

  /** Reads the proxy's header and does the handshake first. What goes wrong in that is logged where it does. */
  async #acceptPrepared(socket: Socket): Promise<void> {
    socket.on('error', ignore)
    this.#preparingCount++
    try {
      const proxy = (await this.#proxyProtocol?.readHeader(socket)) ?? null
      const address = addressBehind(proxy, toPeerAddress(socket))
      if (socket.destroyed) return
      if (this.#sslContext === null) {
        const stream = new IOStream(socket, this.#limits)
        socket.resume()
        this.#handle(stream, address)
      } else {
        const secured = await acceptorOf(this.#sslContext).accept(socket)
        if (!secured.destroyed) this.#handle(new SSLIOStream(secured, this.#limits), address)
      }
    } catch (error) {
      genLog.debug(() => `Connection was not taken: ${(error as Error).message}`)
      socket.destroy()
    } finally {
      if (--this.#preparingCount === 0) {
        this.#prepared?.resolve()
        this.#prepared = null
      }
    }
  }

  #handle(stream: IOStream, address: PeerAddress): void {
    try {
      const handled = this.handleStream(stream, address)
      handled?.catch((error: unknown) => handlingFailed(stream, 'Exception in callback handleStream', error))
    } catch (error) {
      handlingFailed(stream, 'Error in connection callback', error)
    }
  }
}

/** What systems let wait for accept at a listening socket, whatever was asked for; Linux has it so in `somaxconn`. */
const maxWaitingConnections = 4096

interface Listener {
  sockets: readonly BoundSocket[]
  isStopped: boolean
  readonly bound: Promise<BoundAddress>
}

function addressBehind(proxy: ProxyHeader | null, own: PeerAddress): PeerAddress {
  if (proxy === null) return own
  const { address, port } = proxy.source ?? own
  return { address, port, proxy }
}

function handlingFailed(stream: BaseIOStream, message: string, error: unknown): void {
  const isPeerGone = (error as Error | null)?.name === 'StreamClosedError' && stream.closed()
  if (!isPeerGone) appLog.error(message, error)
  stream.close(error instanceof Error ? error : null)
}

function ignore(): void {}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

function endProgram(reason: string): void {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
}

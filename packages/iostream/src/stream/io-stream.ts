import { IOLoop } from '@tornado-ts/ioloop'
import { genLog } from '@tornado-ts/log'
import { Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { BaseIOStream } from './base-io-stream.ts'
import type { Address, ConnectOptions, GiveUpOptions } from '../tcp/connect-options.ts'
import { SSLError, StreamClosedError } from '../errors.ts'
import { PendingConnect } from './pending-connect.ts'
import { defaultClientContext, sslOptionsToContext, type SSLContext } from '../tls/ssl-context.ts'
import { toSSLError } from '../tls/ssl-errors.ts'
import type { SSLOptions } from '../tls/ssl-options.ts'
import { StreamLimits, type StreamOptions } from './stream-options.ts'
import { acceptorOf } from '../tls/tls-acceptor.ts'

/** Options of {@link IOStream.startTls}. */
export interface StartTLSOptions extends GiveUpOptions {
  /** Certificates and rules. A server needs them. @default a client that checks certificate and name */
  sslOptions?: SSLOptions | SSLContext
  /** As a client: the name to ask for and to hold the certificate against. Needed unless that check is off. */
  serverHostname?: string
  /**
   * As a client: what `onTlsSession` was given on an earlier connection to the same server by the same name and with the same
   * `sslOptions`, for a shorter handshake. The certificate is not looked at again. @default a full handshake
   */
  tlsSession?: Buffer | undefined
  /** As a client: called with each session that the server offers to take up later. @default nobody is told */
  onTlsSession?: ((session: Buffer) => void) | undefined
}

/** Options of an {@link SSLIOStream}. */
export interface SSLStreamOptions extends StreamOptions {
  /** Certificates and rules of a stream that is to connect. @default checks the server's certificate and name */
  sslOptions?: SSLOptions | SSLContext
}

/**
 * A stream over a TCP or Unix socket.
 *
 * @example
 * const stream = new IOStream()
 * await stream.connect({ host: '127.0.0.1', port: 8888 })
 *
 * Tornado: iostream.IOStream.
 */
export class IOStream extends BaseIOStream {
  #connect: PendingConnect<IOStream> | null = null

  /** Over a socket of Node, connected or not; without one, over a new one to {@link connect}. */
  constructor(socket: Socket | null = null, options?: StreamOptions | StreamLimits) {
    super(socket ?? newSocket(), options)
  }

  /** The platform's socket. Reading from it or writing to it directly goes around the stream's order and limits. */
  get socket(): Socket {
    return this.transport as Socket
  }

  /**
   * Connects, and resolves with this stream. What is written before that is sent first; those writes resolve after it.
   *
   * A host name is looked up by the system; its addresses are tried one after the other. `TCPClient` races them.
   *
   * @throws {RangeError} At once, on a port that is none; the stream can still connect.
   * @throws {StreamClosedError} (rejection) When the connection fails; its `realError` is why, as is `error`.
   * @throws {TimeoutError} (rejection) After `timeoutMs`.
   */
  connect(address: Address, options: ConnectOptions = {}): Promise<this> {
    return this.startConnecting(options, () => {
      const { socket } = this
      // Ahead of the platform's own listener, which sends what was written meanwhile.
      socket.once('connect', () => this.connected())
      socket.connect(toNodeAddress(address))
    })
  }

  /**
   * Goes over to TLS, as a server or as a client, and resolves with the stream to use from then on when the handshake is
   * done. This stream is closed at once; its close callback and limits move to the other.
   *
   * @throws {Error} At once, unless the stream is idle: nothing pending or buffered. What a peer has sent before its turn
   *   must not pass for something that came over TLS.
   * @throws {TypeError} At once, as a server without a certificate, and as a client without a name to check.
   * @throws {SSLError | Error} (rejection) When the handshake fails: what failed.
   * @throws {TimeoutError} (rejection) After `timeoutMs`.
   */
  startTls(
    serverSide: boolean,
    { sslOptions, serverHostname, tlsSession, onTlsSession, ...giveUp }: StartTLSOptions = {},
  ): Promise<SSLIOStream> {
    if (this.closed()) throw new StreamClosedError(this.error)
    if (!this.isIdle || this.socket.pending) throw new Error('IOStream is not idle; cannot convert to SSL')
    if (giveUp.signal?.aborted === true) return Promise.reject(giveUp.signal.reason as Error)
    if (serverSide) return this.#takeTls(sslOptionsToContext(sslOptions ?? {}, { serverSide }), giveUp)
    const options = toClientContext(sslOptions).connectionOptions(serverHostname)
    const closeCallback = this.closeCallback
    const socket = this.releaseTransport() as Socket
    const secured = connectTls({ ...options, ...(tlsSession && { session: tlsSession }), socket })
    if (onTlsSession !== undefined) secured.on('session', onTlsSession)
    const stream = new SSLIOStream(secured, this.limits, peerName(socket))
    stream.setCloseCallback(closeCallback)
    const pending = new PendingConnect<SSLIOStream>((reason) => stream.close(reason), giveUp)
    stream.waitForHandshake().then(
      () => pending.resolve(stream),
      (error: Error) => pending.reject(error),
    )
    return pending.promise
  }

  override setNodelay(value: boolean): void {
    if (!this.closed()) this.socket.setNoDelay(value)
  }

  /** For subclasses: makes the promise of a connection that `start` begins to make. */
  protected startConnecting(giveUp: GiveUpOptions, start: () => void): Promise<this> {
    if (this.closed()) throw new StreamClosedError(this.error)
    if (this.#connect !== null || !this.socket.pending)
      throw new Error('Stream is connected or connecting already')
    if (giveUp.signal?.aborted === true) return Promise.reject(giveUp.signal.reason as Error)
    const connect = new PendingConnect<IOStream>((reason) => this.close(reason), giveUp)
    try {
      start()
    } catch (error) {
      connect.reject(error as Error)
      throw error
    }
    this.#connect = connect
    return connect.promise as Promise<this>
  }

  /** For subclasses: resolves the promise of the connection. */
  protected connected(): void {
    this.#connect?.resolve(this)
    this.#connect = null
  }

  /** For subclasses: what a connection that failed rejects with. */
  protected get connectError(): Error {
    return new StreamClosedError(this.error)
  }

  protected override onClosed(): void {
    this.#connect?.reject(this.connectError)
    this.#connect = null
  }

  async #takeTls(context: SSLContext, giveUp: GiveUpOptions): Promise<SSLIOStream> {
    const closeCallback = this.closeCallback
    const socket = this.releaseTransport() as Socket
    const pending = new PendingConnect<SSLIOStream>(() => socket.destroy(), giveUp)
    acceptorOf(context)
      .accept(socket)
      .then(
        (secured) => {
          const stream = new SSLIOStream(secured, this.limits)
          stream.setCloseCallback(closeCallback)
          pending.resolve(stream)
        },
        (error: Error) => {
          pending.reject(error)
          if (closeCallback !== null) IOLoop.current().addCallback(closeCallback)
        },
      )
    return await pending.promise
  }
}

/**
 * A stream over TLS.
 *
 * A server's streams have done their handshake when they are handed out; a client's do it in {@link connect}.
 * Errors of certificates are `SSLCertVerificationError`s, others of TLS `SSLError`s.
 *
 * @example
 * const stream = new SSLIOStream(null, { sslOptions: { caCerts: 'authority.pem' } })
 * await stream.connect({ host: 'example.com', port: 443 })
 *
 * Tornado: iostream.SSLIOStream.
 */
export class SSLIOStream extends IOStream {
  readonly #sslOptions: SSLOptions | SSLContext | undefined
  /** For the log: a socket that has failed does not know it any more. */
  #peerName: string
  #handshake: PromiseWithResolvers<this> | null = null
  #isSecure = false

  /** Over a TLS socket of Node, whose handshake may still be under way; without one, to {@link connect}. */
  constructor(
    socket: TLSSocket | null = null,
    options: SSLStreamOptions | StreamLimits = {},
    peer: string = socket === null ? '' : peerName(socket),
  ) {
    super(socket, options)
    this.#peerName = peer
    this.#sslOptions = options instanceof StreamLimits ? undefined : options.sslOptions
    if (socket !== null) this.#awaitHandshake(socket)
  }

  override get socket(): TLSSocket {
    return this.transport as TLSSocket
  }

  /** The protocol that both sides chose by ALPN, or `null`. */
  get alpnProtocol(): string | null {
    const { alpnProtocol } = this.socket
    return typeof alpnProtocol === 'string' ? alpnProtocol : null
  }

  /**
   * Connects and does the handshake. `serverHostname` is the name to ask for and to hold the certificate against.
   *
   * @throws {SSLError | Error} (rejection) When either fails: what failed.
   * @throws {TimeoutError} (rejection) After `timeoutMs`.
   */
  override connect(address: Address, { serverHostname, ...giveUp }: ConnectOptions = {}): Promise<this> {
    const name = serverHostname ?? (typeof address === 'string' ? undefined : address.host)
    const options = toClientContext(this.#sslOptions).connectionOptions(name)
    return this.startConnecting(giveUp, () => {
      const extra = { allowHalfOpen: true, noDelay: true, ...toNodeAddress(address) }
      const socket = connectTls({ ...options, ...extra } as ConnectionOptions)
      this.#peerName = typeof address === 'string' ? 'unix' : `${address.host} ${address.port}`
      this.replaceTransport(socket)
      this.#awaitHandshake(socket)
    })
  }

  /**
   * Resolves with this stream when the handshake is done. A rejection that nobody awaits is silent.
   *
   * @throws {Error} At once, while another call waits.
   * @throws {SSLError | Error} (rejection) What made the handshake fail; `StreamClosedError` when the stream was closed.
   */
  waitForHandshake(): Promise<this> {
    if (this.#handshake !== null) throw new Error('Already waiting')
    if (this.#isSecure) return Promise.resolve(this)
    if (this.closed()) return Promise.reject(this.connectError)
    this.#handshake = Promise.withResolvers()
    this.#handshake.promise.catch(() => {})
    return this.#handshake.promise
  }

  protected override get connectError(): Error {
    return this.error ?? new StreamClosedError()
  }

  protected override toStreamError(error: Error): Error {
    const named = toSSLError(error)
    if (!this.#isSecure && named instanceof SSLError) {
      genLog.warning(`SSL Error on ${this.#peerName}: ${named.message}`)
    }
    return named
  }

  protected override closeTransport(): void {
    // A peer that gets no notice must take the data for cut short, as it is when some is left.
    if (this.#isSecure && this.socket.writableLength === 0) this.socket.end()
    super.closeTransport()
  }

  protected override onClosed(): void {
    super.onClosed()
    this.#handshake?.reject(this.connectError)
    this.#handshake = null
  }

  #awaitHandshake(socket: TLSSocket): void {
    // Node has the property, its types do not.
    if ((socket as { secureConnecting?: boolean }).secureConnecting === false) this.#isSecure = true
    else socket.once('secureConnect', () => this.#secured())
  }

  #secured(): void {
    this.#isSecure = true
    this.connected()
    this.#handshake?.resolve(this)
    this.#handshake = null
  }
}

/** Half-open sockets: that the peer has ended its side does not keep what is written from being sent. */
function newSocket(): Socket {
  return new Socket({ allowHalfOpen: true }).setNoDelay(true)
}

function toNodeAddress(address: Address): { path: string } | { host: string; port: number } {
  return typeof address === 'string' ? { path: address } : { host: address.host, port: address.port }
}

/** As log lines give it. */
export function peerName({ remoteAddress, remotePort }: Socket): string {
  return remoteAddress === undefined ? 'unix' : `${remoteAddress} ${remotePort}`
}

function toClientContext(sslOptions: SSLOptions | SSLContext | undefined): SSLContext {
  if (sslOptions === undefined) return defaultClientContext()
  return sslOptionsToContext(sslOptions, { serverSide: false })
}

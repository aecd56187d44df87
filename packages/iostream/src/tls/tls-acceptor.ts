import { TimeoutError } from '@tornado-ts/ioloop'
import { genLog } from '@tornado-ts/log'
import type { Socket } from 'node:net'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import { SSLError } from '../errors.ts'
import type { SSLContext } from './ssl-context.ts'
import { toSSLError, toVerificationError } from './ssl-errors.ts'

/** Takes the server's side of TLS on sockets that are connected already. */
export class TLSAcceptor {
  readonly #context: SSLContext
  /** Never listens: it is what knows how to take a TLS connection. */
  #server: Server
  #generation: number

  constructor(context: SSLContext) {
    this.#context = context
    this.#generation = context.generation
    this.#server = makeServer(context)
  }

  /**
   * Resolves when the handshake is done. When it fails, the socket is closed and the failure logged: as a warning when the
   * peer spoke no proper TLS or its certificate is not accepted.
   *
   * @throws {SSLError} (rejection) What failed.
   * @throws {TimeoutError} (rejection) When the peer took longer than `handshakeTimeoutMs`.
   * @throws {Error} (rejection) When the connection broke.
   */
  accept(socket: Socket): Promise<TLSSocket> {
    this.#refresh()
    const { handshakeTimeoutMs = 60_000 } = this.#context.options
    const peer = `${socket.remoteAddress ?? 'unix'} ${socket.remotePort ?? ''}`.trimEnd()
    const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>()
    const timer = setTimeout(() => fail(new TimeoutError('Timeout in the TLS handshake')), handshakeTimeoutMs)
    const fail = (error: Error): void => {
      clearTimeout(timer)
      if (error instanceof SSLError) genLog.warning(`SSL Error on ${peer}: ${error.message}`)
      socket.destroy()
      reject(error)
    }
    // The server's events do not tell which socket they are of, so each socket has its own view of the server.
    const server = this.#server
    const view = Object.create(server, {
      emit: {
        value: (event: string, ...args: unknown[]): boolean => {
          if (event === 'secureConnection') {
            clearTimeout(timer)
            const secured = args[0] as TLSSocket
            secured.allowHalfOpen = true
            resolve(secured)
          } else if (event === 'tlsClientError') fail(toHandshakeError(...(args as [Error, TLSSocket])))
          else return server.emit(event, ...args)
          return true
        },
      },
    }) as Server
    const [take] = server.listeners('connection')
    // A peer that leaves within the handshake is not waited for; after it, either side may end before the other.
    socket.allowHalfOpen = false
    take!.call(view, socket)
    return promise
  }

  #refresh(): void {
    this.#context.refresh()
    if (this.#generation === this.#context.generation) return
    this.#generation = this.#context.generation
    this.#server = makeServer(this.#context)
  }
}

function makeServer(context: SSLContext): Server {
  const { certReqs = 'none', alpnProtocols } = context.options
  return createServer({
    ...context.material,
    requestCert: certReqs !== 'none',
    rejectUnauthorized: certReqs === 'required',
    SNICallback: (serverName, callback) => callback(null, context.contextFor(serverName)?.secureContext),
    ...(alpnProtocols === undefined ? {} : { ALPNProtocols: [...alpnProtocols] }),
  })
}

const acceptors = new WeakMap<SSLContext, TLSAcceptor>()

/** The acceptor that all connections of this context share. */
export function acceptorOf(context: SSLContext): TLSAcceptor {
  let acceptor = acceptors.get(context)
  if (acceptor === undefined) {
    acceptor = new TLSAcceptor(context)
    acceptors.set(context, acceptor)
  }
  return acceptor
}

function toHandshakeError(error: Error, socket: TLSSocket): Error {
  // Node only hangs up on a client whose certificate it does not accept.
  const { authorizationError } = socket as { authorizationError: unknown }
  if (typeof authorizationError === 'string') return toVerificationError(authorizationError)
  return toSSLError(error)
}

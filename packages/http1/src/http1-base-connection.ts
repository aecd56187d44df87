import type { ConnectionContext } from '@tornado-ts/httputil'
import type { BaseIOStream, StreamReceiver } from '@tornado-ts/iostream'
import { appLog } from '@tornado-ts/log'
import type { ClockOwner, Lateness } from './connection-clock.ts'
import { DeadlineSweeper } from './deadline-sweeper.ts'
import { OutputGatherer } from './output-gatherer.ts'
import {
  resolveParameters,
  shortestTimeout,
  type HTTP1ConnectionParameters,
  type ResolvedParameters,
} from './parameters.ts'
import { HTTP1Decoder } from './protocol/decoder.ts'
import type { MessageSink } from './send-piece.ts'

/** What both roles of a connection are given. */
interface BaseConnectionOptions {
  params?: HTTP1ConnectionParameters | ResolvedParameters
  context?: ConnectionContext
  sweeper?: DeadlineSweeper
}

/**
 * What a connection does in either role: joins the stream to a decoder, makes the peer wait while a delegate's promise is
 * pending, gathers what is to be sent, gives the stream away, and tells when it is closed.
 *
 * The loops over the decoder's events are the roles' own: what a message is followed by differs between them.
 */
export abstract class HTTP1BaseConnection
  implements StreamReceiver, ClockOwner, MessageSink, AsyncDisposable
{
  readonly stream: BaseIOStream
  /** Who the peer is. */
  context: ConnectionContext
  /** A delegate's promise is pending: no event is taken from the decoder. */
  suspended: boolean = false
  /** The peer is made to wait. */
  inputPaused: boolean = false

  protected readonly params: ResolvedParameters
  protected readonly sweeper: DeadlineSweeper
  protected readonly decoder: HTTP1Decoder
  protected readonly output: OutputGatherer
  /** The loop over the decoder's events is running. */
  protected processing: boolean = false
  /** The peer will send no more. */
  protected peerEnded: boolean = false
  #closed: PromiseWithResolvers<void> | null = null

  constructor(
    role: 'server' | 'client',
    stream: BaseIOStream,
    { params, context = unknownPeer, sweeper }: BaseConnectionOptions,
  ) {
    this.stream = stream
    this.context = context
    this.params = resolveParameters(params)
    this.sweeper = sweeper ?? new DeadlineSweeper(shortestTimeout(this.params))
    this.decoder = new HTTP1Decoder({ role, ...this.params })
    this.output = new OutputGatherer(stream)
  }

  abstract chunkReceived(chunk: Buffer): void
  abstract endReceived(): void
  abstract writeBufferEmptied(): void
  abstract streamClosed(error: Error | null): void
  abstract late(what: Lateness): void

  /** Closes at once; resolves when the stream is closed. */
  abstract close(): Promise<void>

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Queues text, one character a byte. */
  sendText(text: string): void {
    this.output.addText(text)
  }

  sendBytes(bytes: Uint8Array): void {
    this.output.addBytes(bytes)
  }

  /** Takes events from the decoder until there are none, unless something stands in the way. */
  protected abstract process(): void

  /** Whether what arrives should be taken from the peer at once. */
  protected abstract get takesInput(): boolean

  /** A delegate's promise has rejected. */
  protected abstract failed(error: unknown): void

  /** Takes no further event until what a delegate has answered is fulfilled. */
  protected suspendFor(pending: void | Promise<void>): void {
    if (pending === undefined) return
    this.suspended = true
    pending.then(
      () => {
        this.suspended = false
        this.goOn()
      },
      (error: unknown) => {
        this.suspended = false
        this.failed(error)
      },
    )
  }

  /** What stood in the way is gone: decodes what has arrived meanwhile, and takes more. */
  protected goOn(): void {
    this.process()
    if (this.inputPaused && this.takesInput) this.resumeInput()
  }

  /** Makes the peer wait when much of what it sent is waiting itself; answers whether it does from now on. */
  protected pauseIfFull(): boolean {
    if (this.inputPaused || this.decoder.bufferedSize <= maxWaitingSize) return false
    this.inputPaused = true
    this.stream.pause()
    return true
  }

  protected resumeInput(): void {
    if (!this.inputPaused) return
    this.inputPaused = false
    this.stream.resume()
  }

  /** Gives the stream away, with the bytes that were not decoded. */
  protected releaseStream(): BaseIOStream {
    this.stream.setReceiver(null)
    this.stream.unread(this.decoder.remainder())
    this.resumeInput()
    return this.stream
  }

  /** Resolves at {@link tellClosed}. */
  protected whenClosed(): Promise<void> {
    this.#closed ??= Promise.withResolvers()
    return this.#closed.promise
  }

  /** Whether somebody waits for the close. */
  protected get closeAwaited(): boolean {
    return this.#closed !== null
  }

  /** The stream is closed, or somebody else's. */
  protected tellClosed(): void {
    this.#closed?.resolve()
  }

  /** Calls what must not keep the connection from going on: what it throws is logged. */
  protected callApplication(call: () => void): void {
    try {
      call()
    } catch (error) {
      appLog.error('Uncaught exception', error)
    }
  }
}

const unknownPeer: ConnectionContext = { remoteIp: '0.0.0.0', protocol: 'http' }
/** Bytes taken from the peer while what came before them waits for the application. */
const maxWaitingSize = 65_536

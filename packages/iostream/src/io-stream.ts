import type { Socket } from 'node:net'
import { BaseIOStream } from './base-io-stream.ts'
import type { StreamLimits, StreamOptions } from './stream-options.ts'

/** A stream over a TCP or Unix socket. Tornado: iostream.IOStream. */
export class IOStream extends BaseIOStream {
  /** The platform's socket. Reading from it or writing to it directly goes around the stream's order and limits. */
  readonly socket: Socket

  constructor(socket: Socket, options?: StreamOptions | StreamLimits) {
    super(socket, options)
    this.socket = socket
  }

  /** Sends small writes at once (`true`) or lets the operating system gather them. Servers' streams begin with `true`. */
  override setNodelay(value: boolean): void {
    if (!this.closed()) this.socket.setNoDelay(value)
  }
}

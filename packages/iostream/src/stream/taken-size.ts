import type { Duplex } from 'node:stream'

/**
 * Bytes that the operating system has taken of what was written to a socket, be it plain or TLS; of another transport, minus
 * what waits in it.
 */
export function takenSize(transport: Duplex): number {
  const { _handle: outer } = transport as HandledTransport
  // TLS counts whole writes only; what lies beneath it counts bytes.
  const handle = outer?._parent ?? outer
  if (handle?.bytesWritten === undefined || handle.writeQueueSize === undefined)
    return -transport.writableLength
  return handle.bytesWritten - handle.writeQueueSize
}

/** The platform measures the time-outs of its own sockets by these. */
type HandledTransport = Duplex & {
  readonly _handle?: (CountingHandle & { readonly _parent?: CountingHandle | null }) | null
}
interface CountingHandle {
  readonly bytesWritten?: number
  readonly writeQueueSize?: number
}

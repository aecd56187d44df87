import type { HTTPServer } from '@tornado-ts/httpserver'
import { BaseIOStream, type IOStream } from '@tornado-ts/iostream'
import { MemoryTransport, type MemoryOptions } from '@tornado-ts/iostream/memory'

/** The client's end of a connection that a server got without a socket. */
export class MemoryConnection {
  readonly transport: MemoryTransport
  /** Resolves when the server has closed its end and knows that it has. */
  readonly closed: Promise<void>

  /** @param remoteIp The address that requests seem to come from. */
  constructor(server: HTTPServer, remoteIp: string, options?: MemoryOptions) {
    const [mine, its] = MemoryTransport.pair(options)
    this.transport = mine
    mine.on('error', () => {})
    this.closed = new Promise((resolve) => its.once('close', () => later(resolve)))
    server.handleStream(new ServerStream(its) as unknown as IOStream, { address: remoteIp, port: 0 })
  }
}

/** What a server and those who detach a connection expect of the stream of an accepted socket. */
class ServerStream extends BaseIOStream {
  readonly socket: MemoryTransport

  constructor(transport: MemoryTransport) {
    super(transport)
    this.socket = transport
  }
}

const later: typeof setImmediate = setImmediate

import { fstatSync, readvSync, writevSync } from 'node:fs'
import { Socket } from 'node:net'
import { BaseIOStream } from './base-io-stream.ts'
import type { StreamLimits, StreamOptions } from './stream-options.ts'

/**
 * A stream over one end of a pipe, or over a pair of connected sockets as `child_process` makes them. Not on Windows.
 *
 * The end of the data closes the stream. The descriptor is the stream's from then on: closing the stream closes it.
 *
 * Tornado: iostream.PipeIOStream.
 */
export class PipeIOStream extends BaseIOStream {
  /**
   * Over a descriptor, or what Node has already made of one.
   *
   * @throws {Error} `EBADF` when the descriptor is not open.
   * @throws {TypeError} When it is neither a pipe nor a socket.
   */
  constructor(descriptor: number | Socket, options?: StreamOptions | StreamLimits) {
    super(typeof descriptor === 'number' ? openPipe(descriptor) : descriptor, options)
  }
}

function openPipe(fd: number): Socket {
  const stats = fstatSync(fd)
  if (!stats.isFIFO() && !stats.isSocket())
    throw new TypeError(`Descriptor ${fd} is neither a pipe nor a socket`)
  // Node must be told which ways a pipe goes. Moving no bytes at all tells, and does not wait.
  const readable = isAllowed(() => readvSync(fd, [nothing]))
  const writable = isAllowed(() => writevSync(fd, [nothing]))
  return new Socket({ fd, readable, writable, allowHalfOpen: true })
}

const nothing = Buffer.alloc(0)

function isAllowed(move: () => number): boolean {
  try {
    move()
    return true
  } catch (error) {
    // A non-blocking end has nothing to give yet, but gives.
    return (error as NodeJS.ErrnoException).code === 'EAGAIN'
  }
}

import { chmodSync, statSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { isMainThread } from 'node:worker_threads'
import { BoundSocket, toBindError } from './bound-socket.ts'

/** Options of {@link bindUnixSocket}. */
export interface BindUnixOptions {
  /** Permissions of the socket's file. @default 0o600 */
  mode?: number | undefined
  /** Connections that wait for accept. @default 128 */
  backlog?: number | undefined
}

/**
 * Listens on a Unix socket. On Linux a path that begins with a NUL is an abstract name, without a file.
 *
 * What a server that is gone has left behind is removed; where one still listens, and where the file is no socket, this
 * fails. The file is removed when the socket is closed.
 *
 * Tornado: netutil.bind_unix_socket.
 */
export async function bindUnixSocket(
  path: string,
  { mode = 0o600, backlog = 128 }: BindUnixOptions = {},
): Promise<BoundSocket> {
  const place = path.replace('\0', '@')
  try {
    return await open(path, mode, backlog)
  } catch (error) {
    const isTaken = (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    if (!isTaken || isAbstract(path) || !(await isStale(path))) throw toBindError(place, error as Error)
  }
  unlinkSync(path)
  try {
    return await open(path, mode, backlog)
  } catch (error) {
    throw toBindError(place, error as Error)
  }
}

async function open(path: string, mode: number, backlog: number): Promise<BoundSocket> {
  if (isAbstract(path)) return await BoundSocket.open({ path, backlog })
  // The file is made within the call: from the start nobody has rights to it that the mode does not give.
  const previous = isMainThread ? process.umask(~mode & 0o777) : null
  let opening: Promise<BoundSocket>
  try {
    opening = BoundSocket.open({ path, backlog })
  } finally {
    if (previous !== null) process.umask(previous)
  }
  const socket = await opening
  // Of a cluster the first process made it, with rights of its own.
  chmodSync(path, mode)
  return socket
}

/** Whether the path is a socket that nobody listens on. */
async function isStale(path: string): Promise<boolean> {
  if (!statSync(path).isSocket()) throw new Error(`Cannot listen on ${path}: file exists and is no socket`)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const probe = connect({ path })
  probe.once('connect', () => resolve(false))
  probe.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'))
  const stale = await promise
  probe.destroy()
  return stale
}

function isAbstract(path: string): boolean {
  return path.startsWith('\0')
}

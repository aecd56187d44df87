import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { BoundSocket, toBindError } from './bound-socket.ts'
import type { AddressFamily } from '../netutil/resolver.ts'

/** Options of {@link bindSockets}. */
export interface BindOptions {
  /** Address or host name to listen on; a name stands for all its addresses. @default all addresses of the machine */
  address?: string | undefined
  /** Only addresses of this kind. @default both */
  family?: AddressFamily | undefined
  /** Connections that wait for accept. @default 128 */
  backlog?: number | undefined
  /** Lets several processes listen on one port, where the system can. @default false */
  reusePort?: boolean | undefined
}

/**
 * Binds a port on every address asked for, IPv4 first; each IPv6 socket takes IPv6 only. With port 0 all get the same
 * unused port. Kinds of addresses that the machine lacks are left out.
 *
 * @throws {RangeError} When the port is not an integer from 0 to 65535.
 * @throws {Error} When an address cannot be had; none is bound then.
 *
 * Tornado: netutil.bind_sockets.
 */
export async function bindSockets(port: number, options: BindOptions = {}): Promise<BoundSocket[]> {
  checkPort(port)
  const { address = '', backlog = 128, reusePort = false } = options
  const place = address === '' ? `port ${port}` : `${address}:${port}`
  const hosts = await findHosts(address, options.family).catch((error: NodeJS.ErrnoException) => {
    throw toBindError(place, error)
  })
  for (let attempt = 1; ; attempt++) {
    const sockets: BoundSocket[] = []
    try {
      let lastError: unknown
      for (const host of hosts) {
        const first = sockets[0]?.address()
        const ipv6Only = isIP(host) === 6
        try {
          const where = { host, port: first?.port ?? port, ipv6Only }
          sockets.push(await BoundSocket.open({ ...where, backlog, reusePort, exclusive: reusePort }))
        } catch (error) {
          if (!mayBeLeftOut(host, address, error as NodeJS.ErrnoException)) throw error
          lastError = error
        }
      }
      if (sockets.length === 0) throw lastError
      return sockets
    } catch (error) {
      for (const socket of sockets) socket.close()
      // The port that was free for the first kind may be taken for the other.
      const mayRetry = port === 0 && sockets.length > 0 && attempt < portAttempts
      if (!mayRetry || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
        throw toBindError(place, error as NodeJS.ErrnoException)
      }
    }
  }
}

/** @throws {RangeError} When the port is not an integer from 0 to 65535. */
export function checkPort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return
  throw new RangeError(`Cannot listen on port ${port}: expected an integer from 0 to 65535`)
}

/** The addresses to listen on, IPv4 first, each once. */
async function findHosts(address: string, family: AddressFamily | undefined): Promise<string[]> {
  const isWanted = (host: string): boolean =>
    family === undefined || isIP(host) === (family === 'IPv6' ? 6 : 4)
  if (address === '') return ['0.0.0.0', '::'].filter(isWanted)
  const found = isIP(address) === 0 ? await lookup(address, { all: true }) : [{ address }]
  const hosts = [...new Set(found.map((each) => each.address))].filter(isWanted)
  if (hosts.length === 0) throw Object.assign(new Error(`no ${family} address`), { code: 'EAFNOSUPPORT' })
  return hosts.toSorted((a, b) => isIP(a) - isIP(b))
}

/** A machine without IPv6 may still list `::1` for localhost. */
function mayBeLeftOut(host: string, address: string, { code }: NodeJS.ErrnoException): boolean {
  if (code === 'EAFNOSUPPORT') return true
  return code === 'EADDRNOTAVAIL' && (host === '::' || (host === '::1' && address === 'localhost'))
}

const portAttempts = 16

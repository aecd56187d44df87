import { once } from 'node:events'
import type { Server } from 'node:net'
import type { AppSpec } from './app-spec.ts'

/** Where every server listens and every load goes. */
export const loopback = '127.0.0.1'

/** What a module in `servers/` exports as `serve`: listens on a free port of {@link loopback}, answers the port. */
export type Serve = (app: AppSpec) => Promise<number>

/** Lets a Node server listen as {@link Serve} demands. */
export async function listen(server: Server): Promise<number> {
  server.listen(0, loopback)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port')
  return address.port
}

import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { randomUUID } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BaseIOStream } from '../src/stream/base-io-stream.ts'
import { IOStream, SSLIOStream } from '../src/stream/io-stream.ts'
import { memoryPair } from '../src/memory/memory-pair.ts'
import { SSLContext } from '../src/tls/ssl-context.ts'
import type { StreamOptions } from '../src/stream/stream-options.ts'
import { acceptorOf } from '../src/tls/tls-acceptor.ts'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'

/** Two connected streams; the options are those of the first. */
export type MakePair = (options?: StreamOptions) => Promise<[BaseIOStream, BaseIOStream]>

/** Every kind of connection that a stream works over. */
export const pairs: readonly [kind: string, makePair: MakePair][] = [
  ['memory', async (options) => memoryPair(options)],
  ['TCP', tcpPair],
  ['a Unix socket', unixPair],
  ['TLS', tlsPair],
]

/** Two IOStreams connected over loopback TCP. */
export async function tcpPair(options?: StreamOptions): Promise<[IOStream, IOStream]> {
  return await pairOver({ port: 0, host: '127.0.0.1' }, options)
}

export async function unixPair(options?: StreamOptions): Promise<[IOStream, IOStream]> {
  return await pairOver({ path: join(tmpdir(), `pair-${randomUUID()}.sock`) }, options)
}

export async function tlsPair(options?: StreamOptions): Promise<[SSLIOStream, SSLIOStream]> {
  const { certfile, keyfile } = localhostCertificate()
  const context = new SSLContext({ certfile, keyfile }, { serverSide: true })
  const server = createServer({ allowHalfOpen: true }).listen({ port: 0, host: '127.0.0.1' })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const accepted = once(server, 'connection').then(async ([socket]) => {
    return new SSLIOStream(await acceptorOf(context).accept(socket as Socket), options)
  })
  const client = new SSLIOStream(null, { sslOptions: { caCerts: testAuthority().certfile } })
  const connected = client.connect({ host: 'localhost', port })
  const pair = await Promise.all([accepted, connected])
  server.close()
  // The server's session tickets come first: a client that closes before it has read them resets the connection.
  void pair[0].write('!')
  await pair[1].readBytes(1)
  return pair
}

async function pairOver(
  where: { port: number; host: string } | { path: string },
  options?: StreamOptions,
): Promise<[IOStream, IOStream]> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }).listen(where)
  await once(server, 'listening')
  const address = server.address()!
  const client = new IOStream()
  const connected = client.connect(
    typeof address === 'string' ? address : { host: '127.0.0.1', port: address.port },
  )
  const [socket] = (await once(server, 'connection')) as [Socket]
  const server_ = new IOStream(socket, options)
  await connected
  server.close()
  return [server_, client]
}

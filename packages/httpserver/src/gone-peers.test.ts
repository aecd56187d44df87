import { HTTPHeaders, ResponseStartLine, type HTTPConnection } from '@tornado-ts/httputil'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, it } from 'vitest'
import { answer, QuietDelegate } from '../fixtures/delegates.ts'
import { listening } from '../fixtures/listening.ts'
import { RawClient } from '../fixtures/raw-client.ts'

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

it.each([
  ['reset in the middle of a head', 'GET / HT', (socket: Socket) => socket.resetAndDestroy()],
  [
    'reset in the middle of a body',
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1',
    (socket: Socket) => socket.resetAndDestroy(),
  ],
  ['half closed before a request', '', (socket: Socket) => socket.end()],
  ['half closed in the middle of a head', 'GET / HT', (socket: Socket) => socket.end()],
] as const)(
  'CVE-2024-49769 fifty connections that are %s leave nothing behind',
  async (_what, bytes, leave) => {
    await using served = await listening((request) => answer(request.connection!, 'still there'))
    const sockets = await Promise.all(Array.from({ length: 50 }, () => connected(served.port)))
    const ends = sockets.map((socket) => once(socket, 'close'))
    for (const socket of sockets) {
      if (bytes === '') leave(socket)
      else socket.write(bytes, () => leave(socket))
      socket.resume()
    }
    await Promise.all(ends)
    await using client = await RawClient.open(served.port)
    expect((await client.get('/')).body).toBe('still there')
    client.end()
    // It resolves when every connection is gone.
    await served.server.close()
    expect(served.server.connectionCount).toBe(0)
  },
)

it('CVE-2015-8027 CVE-2015-7384 a client that goes in the middle of the first of its answers does no harm', async () => {
  const begun: HTTPConnection[] = []
  const gone = Promise.withResolvers<void>()
  const closed = Promise.withResolvers<void>()
  await using served = await listening({
    startRequest(_server: object, connection: HTTPConnection) {
      return new (class extends QuietDelegate {
        override finish(): void {
          begun.push(connection)
          connection.setCloseCallback(() => gone.resolve())
          const headers = new HTTPHeaders({ 'Content-Length': '10' })
          void connection.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, 'half ')
        }
      })()
    },
    onClose: () => closed.resolve(),
  })
  const socket = await connected(served.port)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3))
  await once(socket, 'data')
  socket.resetAndDestroy()
  await Promise.all([gone.promise, closed.promise])
  // The requests behind it are never begun.
  expect(begun).toHaveLength(1)
  await expect(begun[0]!.write('other')).rejects.toThrow('Stream is closed')
})

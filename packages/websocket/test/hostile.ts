import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { computeAcceptValue } from '../src/index.ts'

/** A server of bare bytes: gets the head of each handshake. */
export async function hostile(answer: (socket: Socket, head: string, key: string) => void): Promise<string> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('data', (chunk) => {
      const head = chunk.toString('latin1')
      answer(socket, head, /Sec-Websocket-Key: (\S+)/i.exec(head)?.[1] ?? '')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}/`
}

/** The head of a 101 that fits the key, with further lines. */
export const accepted = (key: string, fields = ''): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Accept: ${computeAcceptValue(key)}\r\n${fields}\r\n`

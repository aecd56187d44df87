// The server of the package `ws`, with no more around it than its manual has.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import type { WebSocketApp } from '../app-spec.ts'
import { listen } from '../server-program.ts'

export function serve({ kind }: WebSocketApp): Promise<number> {
  const server = createServer()
  const sockets = new WebSocketServer({
    server,
    perMessageDeflate: kind === 'ws-deflate' ? { threshold: 256 } : false,
  })
  sockets.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => {
      if (kind !== 'ws-broadcast') {
        socket.send(data, { binary: isBinary })
        return
      }
      for (const each of sockets.clients) each.send(data, { binary: isBinary })
    })
  })
  return listen(server)
}

// A process of connections that never read: its argument says where they go to and how many there are.
import { once } from 'node:events'
import { connect } from 'node:net'

const { port, count }: { port: number; count: number } = JSON.parse(process.argv[2]!)
const head =
  `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

async function open(): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  socket.write(head)
  await once(socket, 'readable')
}

for (let opened = 0; opened < count; opened += 100) {
  await Promise.all(Array.from({ length: Math.min(100, count - opened) }, open))
}
// Sockets that nothing is read from do not keep a process alive; its channel does, while it is listened to.
process.on('message', () => {})
process.send!('open')

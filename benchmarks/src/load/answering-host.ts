// The server that clients fetch from: whatever comes is answered with the same bytes. It says its port, and ends when
// its standard input does.
import { createServer } from 'node:net'
import { listen } from '../server-program.ts'

const size = Number(process.argv[2])
const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\nServer: fixed\r\nContent-Type: text/plain; charset=UTF-8\r\n' +
    `Date: Sun, 22 Nov 2026 23:00:00 GMT\r\nContent-Length: ${size}\r\n\r\n${'x'.repeat(size)}`,
)
const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => socket.write(answer))
  socket.on('error', () => socket.destroy())
})
console.log(JSON.stringify({ port: await listen(server) }))
process.stdin.resume().on('end', () => process.exit(0))

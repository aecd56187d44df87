import { connect } from 'node:net'

const request = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const response = 'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello, world'

/**
 * Lets so many keep-alive clients ask in a closed loop and resolves with the answers a second.
 *
 * @throws {Error} (rejection) When an answer is not as it should be, or a connection ends.
 */
export async function measureThroughput(port: number, clients: number, durationMs: number): Promise<number> {
  const untilMs = performance.now() + durationMs
  const counts = await Promise.all(Array.from({ length: clients }, () => loop(port, untilMs)))
  return (counts.reduce((sum, count) => sum + count, 0) * 1000) / durationMs
}

function loop(port: number, untilMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let received = ''
    let count = 0
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      if (received.length < response.length) return
      if (received !== response) {
        socket.destroy(new Error(`Wrong answer: ${JSON.stringify(received)}`))
        return
      }
      received = ''
      count++
      if (performance.now() >= untilMs) socket.end()
      else socket.write(request)
    })
    socket.once('error', reject)
    socket.once('close', () => {
      if (performance.now() < untilMs) reject(new Error('A good client was cut off'))
      else resolve(count)
    })
    socket.write(request)
  })
}

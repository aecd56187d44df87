// The least a JavaScript server can do: one fixed answer a chunk, nothing looked at.
import { createServer, type Socket } from 'node:net'
import { listen, type Serve } from '../server-program.ts'

const headEnd = Buffer.from('\r\n\r\n')

export const serve: Serve = ({ answer, pipelined }) => {
  const response =
    'HTTP/1.1 200 OK\r\nServer: node:net\r\nContent-Type: text/html; charset=UTF-8\r\n' +
    'Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nEtag: "e02aa1b106d5c7c6a98def2b13005d5b84fd8dc8"\r\n' +
    `Content-Length: ${Buffer.byteLength(answer)}\r\n\r\n${answer}`
  const answerTo = pipelined ? answerHeads : answerChunks
  const server = createServer({ noDelay: true }, (socket) => {
    // A load that ends resets its connections.
    socket.on('error', () => socket.destroy())
    answerTo(socket, response)
  })
  return listen(server)
}

function answerChunks(socket: Socket, response: string): void {
  socket.on('data', () => socket.write(response, 'latin1'))
}

function answerHeads(socket: Socket, response: string): void {
  let rest: Buffer | undefined
  socket.on('data', (received: Buffer) => {
    const chunk = rest === undefined ? received : Buffer.concat([rest, received])
    let heads = 0
    let start = 0
    for (let end = chunk.indexOf(headEnd); end !== -1; end = chunk.indexOf(headEnd, start)) {
      start = end + headEnd.length
      heads++
    }
    rest = start === chunk.length ? undefined : chunk.subarray(start)
    if (heads > 0) socket.write(response.repeat(heads), 'latin1')
  })
}

// The least a JavaScript server can do: one fixed answer a chunk, nothing looked at; or all that comes back as it is.
import { createServer, type Socket } from 'node:net'
import type { AppSpec, InputSpec, SocketApp, WebSocketApp } from '../app-spec.ts'
import { listen } from '../server-program.ts'

const headEnd = Buffer.from('\r\n\r\n')

export function serve(app: AppSpec | InputSpec | SocketApp | WebSocketApp): Promise<number> {
  if (app.kind === 'ws-echo') return listen(createServer({ noDelay: true }, answerFrames))
  if (app.kind === 'ws-broadcast') return listen(createServer({ noDelay: true }, broadcastFrames))
  if (app.kind === 'ws-deflate') throw new TypeError(`Cannot serve ${app.kind}`)
  if (app.kind === 'lines') return listen(createServer({ noDelay: true }, echoChunks))
  if (app.kind === 'stream') return listen(createServer({ noDelay: true }, pipeBack))
  return serveAnswer(app as AppSpec)
}

function echoChunks(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk: Buffer) => socket.write(chunk))
}

function pipeBack(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.pipe(socket)
}

const frame = '\x81\x14twenty bytes of text'
const switched = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
const open = new Set<Socket>()

/** After the handshake, one fixed frame to everybody for every chunk. */
function broadcastFrames(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.once('close', () => open.delete(socket))
  socket.once('data', () => {
    socket.write(switched)
    open.add(socket)
    socket.on('data', () => {
      for (const each of open) each.write(frame, 'latin1')
    })
  })
}

/** After the handshake, one fixed frame for every frame of 26 bytes. */
function answerFrames(socket: Socket): void {
  socket.on('error', () => socket.destroy())
  socket.once('data', () => {
    socket.write(switched)
    socket.on('data', (chunk: Buffer) => socket.write(frame.repeat(Math.round(chunk.length / 26)), 'latin1'))
  })
}

function serveAnswer({ answer, pipelined }: AppSpec | InputSpec): Promise<number> {
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

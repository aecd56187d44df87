import { Application } from '@tornado-ts/web'
import { websocketConnect, WebSocketHandler, type CompressionOptions } from '@tornado-ts/websocket'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(message)
    if (message === 'close me') this.close(4002, 'as you wish')
  }
}

class CompressedEcho extends Echo {
  override getCompressionOptions(): CompressionOptions {
    return { threshold: 0 }
  }
}

const messages: readonly (string | Buffer)[] = [
  '',
  'text',
  'ünïcödé 😀',
  Buffer.alloc(0),
  Buffer.from([0, 1, 254, 255]),
  'x'.repeat(125),
  'x'.repeat(126),
  Buffer.alloc(65_535, 1),
  'y'.repeat(65_536),
  Buffer.alloc(1024 * 1024, 'tornado'),
  'again '.repeat(1000),
  'again '.repeat(1000),
]

for (const compressed of [false, true]) {
  const how = compressed ? 'with compression' : 'without compression'

  it(`ws as the client, ${how}`, async () => {
    const server = new Application([['/', compressed ? CompressedEcho : Echo]], {
      logFunction: () => {},
    }).listen(0, {
      address: '127.0.0.1',
    })
    const { port } = await server.bound
    onTestFinished(async () => await server[Symbol.asyncDispose]())
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, {
      perMessageDeflate: compressed ? { threshold: 0 } : false,
    })
    await once(socket, 'open')
    expect(socket.extensions).toBe(compressed ? 'permessage-deflate' : '')
    const received: (string | Buffer)[] = []
    const all = Promise.withResolvers<void>()
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      received.push(isBinary ? data : data.toString())
      if (received.length === messages.length) all.resolve()
    })
    for (const message of messages) socket.send(message)
    await all.promise
    expect(received).toEqual(messages)
    socket.ping('are you there')
    const [pong] = await once(socket, 'pong')
    expect(String(pong)).toBe('are you there')
    socket.send('close me')
    const [code, reason] = await once(socket, 'close')
    expect([code, String(reason)]).toEqual([4002, 'as you wish'])
  })

  it(`ws as the server, ${how}`, async () => {
    const server = new WebSocketServer({
      port: 0,
      host: '127.0.0.1',
      perMessageDeflate: compressed ? { threshold: 0 } : false,
    })
    server.on('connection', (socket) => {
      socket.on('message', (data, isBinary) => {
        socket.send(data, { binary: isBinary })
        if (String(data) === 'close me') socket.close(4002, 'as you wish')
      })
    })
    onTestFinished(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const connection = await websocketConnect(`ws://127.0.0.1:${port}/`, {
      compressionOptions: compressed ? { threshold: 0 } : null,
    })
    expect(connection.isCompressed).toBe(compressed)
    for (const message of messages) void connection.writeMessage(message)
    for (const message of messages) expect(await connection.readMessage()).toEqual(message)
    void connection.writeMessage('close me')
    expect(await connection.readMessage()).toBe('close me')
    expect(await connection.readMessage()).toBeNull()
    expect([connection.closeCode, connection.closeReason]).toEqual([4002, 'as you wish'])
  })
}

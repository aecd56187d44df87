import { Application } from '@tornado-ts/web'
import { Channel, WebSocketHandler, type CompressionOptions } from '@tornado-ts/websocket'
import type { WebSocketApp } from '../app-spec.ts'
import { loopback } from '../server-program.ts'

class EchoHandler extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(message)
  }
}

const compressionOptions: CompressionOptions = {}

class CompressedEchoHandler extends EchoHandler {
  override getCompressionOptions(): CompressionOptions {
    return compressionOptions
  }
}

const room = new Channel<BroadcastHandler>()

class BroadcastHandler extends WebSocketHandler {
  override open(): void {
    room.subscribe(this)
  }

  override async onMessage(message: string | Buffer): Promise<void> {
    await room.publish(message)
  }
}

const handlers = {
  'ws-echo': EchoHandler,
  'ws-deflate': CompressedEchoHandler,
  'ws-broadcast': BroadcastHandler,
}

export async function serve({ kind }: WebSocketApp): Promise<number> {
  const app = new Application([['/ws', handlers[kind]]], { logFunction: () => {} })
  const server = app.listen(0, { address: loopback })
  const { port } = await server.bound
  return port
}

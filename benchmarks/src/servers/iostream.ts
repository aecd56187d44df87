// Echo by the direct face of a stream: each chunk is handed over and sent back.
import type { IOStream, StreamReceiver } from '@tornado-ts/iostream'
import { TCPServer } from '@tornado-ts/iostream/tcp'
import type { SocketApp } from '../app-spec.ts'
import { loopback } from '../server-program.ts'

class Echo implements StreamReceiver {
  readonly #stream: IOStream

  constructor(stream: IOStream) {
    this.#stream = stream
  }

  chunkReceived(chunk: Buffer): void {
    if (!this.#stream.send(chunk)) this.#stream.pause()
  }

  endReceived(): void {
    this.#stream.endWriting()
  }

  writeBufferEmptied(): void {
    this.#stream.resume()
  }

  streamClosed(): void {}
}

class EchoServer extends TCPServer {
  override handleStream(stream: IOStream): void {
    stream.setReceiver(new Echo(stream))
  }
}

export async function serve(_app: SocketApp): Promise<number> {
  const server = new EchoServer()
  server.listen(0, { address: loopback })
  const { port } = await server.bound
  return port
}

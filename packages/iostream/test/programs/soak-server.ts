// An echo server that tells its memory whenever it is sent a line; run with --expose-gc.
import type { IOStream, StreamReceiver } from '@tornado-ts/iostream'
import { TCPServer } from '@tornado-ts/iostream/tcp'
import { createInterface } from 'node:readline'

let open = 0

class Echo implements StreamReceiver {
  readonly #stream: IOStream

  constructor(stream: IOStream) {
    this.#stream = stream
    open++
  }

  chunkReceived(chunk: Buffer): void {
    this.#stream.send(chunk)
  }

  endReceived(): void {
    this.#stream.close()
  }

  writeBufferEmptied(): void {}

  streamClosed(): void {
    open--
  }
}

class EchoServer extends TCPServer {
  override handleStream(stream: IOStream): void {
    stream.setReceiver(new Echo(stream))
  }
}

const server = new EchoServer()
server.listen(0, { address: '127.0.0.1', backlog: 4096 })
console.log((await server.bound).port)

for await (const _line of createInterface({ input: process.stdin })) {
  // Gives what is free back to the system, as V8 itself does when it has nothing to do for a while.
  await globalThis.gc!({ type: 'major', execution: 'async', flavor: 'last-resort' })
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage()
  console.log(JSON.stringify({ open, residentSize: rss, heapSize: heapUsed, buffersSize: arrayBuffers }))
}
process.exit(0)

// An echo server that says its port; run with few descriptors.
import type { IOStream } from '@tornado-ts/iostream'
import { TCPServer } from '@tornado-ts/iostream/tcp'

class EchoServer extends TCPServer {
  override async handleStream(stream: IOStream): Promise<void> {
    for (;;) await stream.write(await stream.readUntil('\n'))
  }
}

const server = new EchoServer()
server.listen(0, { address: '127.0.0.1' })
console.log(String((await server.bound).port))
process.stdin.resume().on('end', () => process.exit(0))

// Echo as a program would write it: one awaited read and write after the other.
import type { IOStream } from '@tornado-ts/iostream'
import { TCPServer } from '@tornado-ts/iostream/tcp'
import type { SocketApp } from '../app-spec.ts'
import { loopback } from '../server-program.ts'

class LineServer extends TCPServer {
  override async handleStream(stream: IOStream): Promise<void> {
    for (;;) await stream.write(await stream.readUntil('\n'))
  }
}

class PieceServer extends TCPServer {
  override async handleStream(stream: IOStream): Promise<void> {
    for await (const piece of stream) await stream.write(piece)
  }
}

export async function serve({ kind }: SocketApp): Promise<number> {
  const server = kind === 'lines' ? new LineServer() : new PieceServer()
  server.listen(0, { address: loopback })
  const { port } = await server.bound
  return port
}

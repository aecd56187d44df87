import { type IOStream, StreamClosedError } from '@tornado-ts/iostream'
import { TCPServer } from '@tornado-ts/iostream/tcp'

/** Sends each line back to whom it came from. */
export class EchoServer extends TCPServer {
  /** Bytes of the longest line; a client that sends a longer one is cut off. */
  static readonly maxLineSize = 64 * 1024

  override async handleStream(stream: IOStream): Promise<void> {
    try {
      for (;;) await stream.write(await stream.readUntil('\n', { maxSize: EchoServer.maxLineSize }))
    } catch (error) {
      // Thrown when the client has gone; that is how each connection ends.
      if (!(error instanceof StreamClosedError)) throw error
    }
  }
}

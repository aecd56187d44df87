import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import {
  Application,
  EventSourceHandler,
  HTTPError,
  RequestHandler,
  streamRequestBody,
} from '@tornado-ts/web'
import { WebSocketHandler } from '@tornado-ts/websocket'
import { once } from 'node:events'

class HelloHandler extends RequestHandler {
  override get(): void {
    this.write('Hello, world')
  }
}

class FormHandler extends RequestHandler {
  override post(): void {
    const { files } = this.request
    this.write({ name: this.getBodyArgument('name', ''), files: files.size })
  }
}

class UploadHandler extends RequestHandler {
  #size = 0

  override dataReceived(chunk: Buffer): void {
    this.#size += chunk.length
  }

  override put(): void {
    this.write(String(this.#size))
  }
}
streamRequestBody(UploadHandler)

class DownloadHandler extends RequestHandler {
  override async get(): Promise<void> {
    const piece = Buffer.alloc(16_384, 'x')
    for (let i = 0; i < 64; i++) {
      this.write(piece)
      await this.flush()
    }
  }
}

/** Answers when the client has gone, that is, never. */
class PollHandler extends RequestHandler {
  override async get(): Promise<void> {
    await once(this.request.signal, 'abort')
  }
}

class NewsHandler extends EventSourceHandler {
  override open(): void {
    this.send({ data: 'first' }).catch(() => undefined)
  }
}

class ErrorHandler extends RequestHandler {
  override get(): void {
    throw new HTTPError(500, 'On purpose')
  }
}

/** Asks this server with a client of its own. */
class RelayHandler extends RequestHandler {
  override async get(): Promise<void> {
    const url = `http://${this.request.host}/hello`
    const { body } = await new AsyncHTTPClient().fetch(url, { signal: this.request.signal })
    this.write(body)
  }
}

class EchoHandler extends WebSocketHandler {
  override getCompressionOptions(): object | null {
    return this.getQueryArgument('deflate', '') === '' ? null : {}
  }

  override async onMessage(message: string | Buffer): Promise<void> {
    await this.writeMessage(message)
  }
}

/** A handler of each kind, for {@link visits}. */
export function makeApplication(staticPath: string): Application {
  return new Application(
    [
      ['/hello', HelloHandler],
      ['/form', FormHandler],
      ['/upload', UploadHandler],
      ['/download', DownloadHandler],
      ['/poll', PollHandler],
      ['/news', NewsHandler],
      ['/error', ErrorHandler],
      ['/relay', RelayHandler],
      ['/socket', EchoHandler],
    ],
    { staticPath, compressResponse: true },
  )
}

import { createHash, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { saveTo } from '@tornado-ts/httputil'
import { Application, RequestHandler, streamRequestBody } from '@tornado-ts/web'
import { page } from './page.ts'

/** What the server has of a file. */
export interface Received {
  /** As the client calls it. */
  readonly name: string
  /** As it is called in the directory of the server. */
  readonly savedAs: string
  readonly size: number
  readonly sha256: string
}

interface Settings {
  /** Where the files are kept. */
  readonly directory: string
  /** Most bytes of a request. */
  readonly maxSize: number
}

class PageHandler extends RequestHandler<Settings> {
  override get(): void {
    this.write(page)
  }
}

/** Takes forms: `POST /upload`, with any number of files. */
class FormHandler extends RequestHandler<Settings> {
  override async post(): Promise<void> {
    const files: Received[] = []
    for await (const part of this.parts({ maxTotalSize: this.settings.maxSize })) {
      if (part.filename !== null) files.push(await keep(part, part.filename, this.settings.directory))
    }
    this.setStatus(201)
    this.write({ files })
  }
}
streamRequestBody(FormHandler)

/** Takes bodies: `PUT /files/a%20name`. */
class BodyHandler extends RequestHandler<Settings> {
  override async put(name: string): Promise<void> {
    const file = await keep(this.bodyChunks(), name, this.settings.directory)
    this.setStatus(201)
    this.write({ files: [file] })
  }
}
streamRequestBody(BodyHandler)

/** Writes to a file while the bytes arrive. It gets a name of ours: one that a client gives could be anything. */
async function keep(source: AsyncIterable<Uint8Array>, name: string, directory: string): Promise<Received> {
  const savedAs = randomUUID()
  const hash = createHash('sha256')
  const size = await saveTo(hashed(source, hash), join(directory, savedAs))
  return { name, savedAs, size, sha256: hash.digest('hex') }
}

async function* hashed(
  source: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk)
    yield chunk
  }
}

/** `/` is a page to upload from. */
export function makeApplication(settings: Settings): Application<Settings> {
  return new Application<Settings>(
    [
      ['/', PageHandler],
      ['/upload', FormHandler],
      ['/files/([^/]+)', BodyHandler],
    ],
    settings,
  )
}

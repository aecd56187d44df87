import {
  ByteChannel,
  parseMediaType,
  parseMultipartStream,
  type MultipartPart,
  type MultipartStreamOptions,
  type SpooledFile,
} from '@tornado-ts/httputil'
import { ProblemError } from '../error-pages/problem.ts'
import type { RequestReader } from './request-reader.ts'

/** Limits of `parts`. */
export type PartsOptions = Omit<MultipartStreamOptions, 'signal' | 'onSpooled'>

/** The body of a request while it arrives, for a method that reads it. */
export class RequestBody {
  readonly #channel = new ByteChannel()
  readonly #spooled: SpooledFile[] = []
  #state: 'open' | 'read' | 'closed' = 'open'

  /** Whether the method has asked for it. */
  get wanted(): boolean {
    return this.#state !== 'open'
  }

  /** Resolves when the reader wants more. */
  push(chunk: Uint8Array): Promise<void> {
    return this.#channel.push(chunk)
  }

  end(): void {
    this.#channel.end()
  }

  fail(error: unknown): void {
    this.#channel.fail(error)
  }

  chunks(): AsyncIterableIterator<Uint8Array> {
    if (this.#state !== 'open') throw new TypeError('The request body can be read once')
    this.#state = 'read'
    return this.#channel
  }

  parts(contentType: string, options: PartsOptions): AsyncGenerator<MultipartPart, void, undefined> {
    const onSpooled = (file: SpooledFile): void => void this.#spooled.push(file)
    return parseMultipartStream(contentType, this.chunks(), { ...options, onSpooled })
  }

  /** The request is over: what still comes is dropped, and temporary files are removed. */
  async close(): Promise<void> {
    this.#state = 'closed'
    await this.#channel.return()
    await Promise.all(this.#spooled.map((file) => file[Symbol.asyncDispose]()))
  }
}

/** Gives a handler its body as it arrives. */
export function openRequestBody<Settings extends object>(handler: RequestReader<Settings>): RequestBody {
  const body = new RequestBody()
  bodies.set(handler, body)
  return body
}

/** The chunks of a handler's body. @throws {TypeError} When its class does not take bodies so. */
export function bodyChunks<Settings extends object>(
  handler: RequestReader<Settings>,
): AsyncIterableIterator<Uint8Array> {
  return bodyOf(handler).chunks()
}

/** The parts of a handler's multipart body. */
export function bodyParts<Settings extends object>(
  handler: RequestReader<Settings>,
  options: PartsOptions = {},
): AsyncGenerator<MultipartPart, void, undefined> {
  const body = bodyOf(handler)
  const contentType = handler.request.headers.get('Content-Type') ?? ''
  if (parseMediaType(contentType)?.type !== 'multipart/form-data') {
    throw new ProblemError(415, { detail: 'The content type of the body must be multipart/form-data' })
  }
  return body.parts(contentType, options)
}

const bodies = new WeakMap<object, RequestBody>()

function bodyOf(handler: object): RequestBody {
  const body = bodies.get(handler)
  if (body !== undefined) return body
  throw new TypeError(
    'Only a handler with streamRequestBody and without dataReceived can read its body as it arrives',
  )
}

import type { HTTPRequest, RequestBody, WriteBody } from './http-request.ts'

/** A body that is made while it is sent. */
export interface BodySource {
  /** Whether it can be made a second time, for another try or hop. */
  readonly repeatable: boolean
  /** Makes it; `write` resolves when more may be made, and rejects when no more is wanted. */
  produce(write: WriteBody): Promise<void>
  /** Lets go of what it is made of: it will not be produced, or no further. */
  discard(): void
}

/** The body of a request: bytes, a source, or `null` for none. */
export function resolveBody(request: HTTPRequest): Uint8Array | BodySource | null {
  const { body, bodyProducer } = request
  if (bodyProducer !== undefined) {
    if (body !== null) throw new TypeError('A request has either a body or a bodyProducer')
    return {
      repeatable: true,
      produce: async (write) => await bodyProducer(checked(write)),
      discard: () => {},
    }
  }
  if (body === null) return null
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return body
  if (body instanceof URLSearchParams) return Buffer.from(body.toString())
  return fromIterable(body)
}

function fromIterable(body: Exclude<RequestBody, string | Uint8Array | URLSearchParams>): BodySource {
  const source = body as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  if (source[Symbol.asyncIterator] === undefined && source[Symbol.iterator] === undefined)
    throw new TypeError('A body is text, bytes, or an iterable of them')
  // Generators and streams are their own iterators, and are used up.
  const own = source[Symbol.iterator] !== undefined ? Array.isArray(body) || body instanceof Set : false
  let begun = false
  let ended = false
  return {
    repeatable: own,
    async produce(write) {
      begun = true
      const writeChunk = checked(write)
      for await (const chunk of body) await writeChunk(chunk)
      ended = true
    },
    discard() {
      if (own || ended) return
      ended = true
      // A stream holds a file or a socket, and the loop over it may be waiting for a piece that never comes.
      if (isDestroyable(body)) body.destroy()
      // The loop itself does it otherwise, at its next piece.
      else if (!begun) void returnOf(source).catch(() => {})
    },
  }
}

/** What is written to the wire is text or bytes, and nothing that looks like it. */
function checked(write: WriteBody): WriteBody {
  return async (chunk) => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))
      throw new TypeError(`A piece of a body is text or bytes, not ${typeof chunk}`)
    await write(chunk)
  }
}

function isDestroyable(body: object): body is { destroy(): void } {
  return typeof (body as { destroy?: unknown }).destroy === 'function'
}

async function returnOf(source: Partial<AsyncIterable<unknown> & Iterable<unknown>>): Promise<void> {
  const pieces = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]!()
  await pieces.return?.()
}

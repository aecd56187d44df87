import type { HTTPRequest, RequestBody, WriteBody } from './http-request.ts'

/** A body that is made while it is sent. */
export interface BodySource {
  /** Whether it can be made a second time, for another try or hop. */
  readonly repeatable: boolean
  /** Makes it; `write` resolves when more may be made, and rejects when no more is wanted. */
  produce(write: WriteBody): Promise<void>
}

/** The body of a request: bytes, a source, or `null` for none. */
export function resolveBody(request: HTTPRequest): Uint8Array | BodySource | null {
  const { body, bodyProducer } = request
  if (bodyProducer !== undefined) {
    if (body !== null) throw new TypeError('A request has either a body or a bodyProducer')
    return { repeatable: true, produce: async (write) => await bodyProducer(write) }
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
  return {
    repeatable: own,
    async produce(write) {
      for await (const chunk of body) await write(chunk)
    },
  }
}

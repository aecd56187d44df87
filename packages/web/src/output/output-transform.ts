import type { HTTPHeaders, HTTPServerRequest } from '@tornado-ts/httputil'

/** The head of a response and the first piece of its body, as a transform gets and gives it. */
export type FirstChunk = [statusCode: number, headers: HTTPHeaders, chunk: Uint8Array]

/**
 * Changes responses on their way out: status, headers and every piece of the body. One is made for each response.
 *
 * The setting `transforms` has the classes; each gets what the one before it gives. A transform that needs time may answer a
 * promise: what follows waits and keeps its order. `finishing` is true with the last piece, which may be empty, and once only.
 * What a response without a body gets stays unsent. Tornado: web.OutputTransform.
 */
export class OutputTransform {
  readonly request: HTTPServerRequest

  constructor(request: HTTPServerRequest) {
    this.request = request
  }

  /** Called once, before the head is sent. It may change `headers`. Cookies are added after it. */
  transformFirstChunk(
    statusCode: number,
    headers: HTTPHeaders,
    chunk: Uint8Array,
    _finishing: boolean,
  ): FirstChunk | Promise<FirstChunk> {
    return [statusCode, headers, chunk]
  }

  /** Called with each further piece. */
  transformChunk(chunk: Uint8Array, _finishing: boolean): Uint8Array | Promise<Uint8Array> {
    return chunk
  }

  /** Called once when the response is over, sent whole or not: gives free what the transform holds. */
  close(): void {}
}

/** A class of transforms. */
export type OutputTransformClass = new (request: HTTPServerRequest) => OutputTransform

import { AsyncHTTPClient } from './async-http-client.ts'
import { HTTPClientError } from './errors.ts'
import type { HTTPRequestOptions } from './http-request.ts'

/** What {@link fetch} takes beside the platform's options. */
export interface FetchInit extends RequestInit {
  /** The client to use. @default the shared one */
  client?: AsyncHTTPClient
  /** Options of the client's own, such as `proxy` or `requestTimeoutMs`. */
  options?: Omit<HTTPRequestOptions, 'method' | 'headers' | 'body' | 'bodyProducer' | 'signal'>
}

/**
 * Fetches in the shape of the platform's `fetch`: resolves with the head, whatever the status, and rejects with a `TypeError`
 * when there is no response, its `cause` being why. The body of the `Response` is a web stream; it costs more than
 * `AsyncHTTPClient.fetch`.
 *
 * `redirect` is understood; `mode`, `credentials`, `cache` and `integrity` are a browser's and do nothing.
 */
export async function fetch(input: string | URL | Request, init: FetchInit = {}): Promise<Response> {
  const { client = new AsyncHTTPClient(), options = {}, ...rest } = init
  const request = new Request(input, rest)
  const { signal, redirect } = request
  const isStream =
    rest.body instanceof ReadableStream || (input instanceof Request && rest.body === undefined)
  const body =
    request.body === null ? null : isStream ? request.body : Buffer.from(await request.arrayBuffer())
  const made: HTTPRequestOptions = {
    ...options,
    method: request.method,
    headers: [...request.headers],
    body: body as AsyncIterable<Uint8Array> | Buffer | null,
    allowNonstandardMethods: true,
    followRedirects: redirect === 'follow',
    signal,
  }
  try {
    const stream = await client.stream(request.url, { ...made, raiseError: false })
    const { code, reason, headers, effectiveUrl } = stream
    if (redirect === 'error' && code >= 300 && code < 400 && headers.has('Location')) {
      stream.cancel()
      throw new HTTPClientError(code, 'A redirect that was not to be followed')
    }
    const hasBody = code !== 204 && code !== 205 && code !== 304
    const response = new Response(hasBody ? toWebStream(stream[Symbol.asyncIterator]()) : null, {
      status: code,
      statusText: reason,
      headers: [...headers.getAll()],
    })
    if (!hasBody) stream.cancel()
    Object.defineProperty(response, 'url', { value: effectiveUrl })
    Object.defineProperty(response, 'redirected', { value: effectiveUrl !== request.url })
    return response
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw new TypeError('fetch failed', { cause: error })
  }
}

function toWebStream(pieces: AsyncGenerator<Buffer, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      async cancel() {
        await pieces.return()
      },
    },
    { highWaterMark: 0 },
  )
}

import { AsyncHTTPClient } from './async-http-client.ts'
import { HTTPClientError } from './errors.ts'
import type { HTTPRequestOptions } from './http-request.ts'
import type { HTTPResponseStream } from './response-stream.ts'

/** What {@link fetch} takes beside the platform's options. */
export interface FetchInit extends RequestInit {
  /** The client to use. @default the shared one */
  client?: AsyncHTTPClient
  /** Options of the client's own, such as `proxy` or `requestTimeoutMs`. */
  options?: Omit<HTTPRequestOptions, 'method' | 'headers' | 'body' | 'bodyProducer' | 'signal'>
}

/**
 * Fetches in the shape of the platform's `fetch`: resolves with the head, whatever the status, and rejects with a `TypeError`
 * when there is no response, or a redirect that is not followed, its `cause` being why. The body of the `Response` is a web stream; it costs more than
 * `AsyncHTTPClient.fetch`.
 *
 * `redirect` is understood; `mode`, `credentials`, `cache` and `integrity` are a browser's and do nothing. A POST without a
 * `Content-Type` gets that of a form, as with the client.
 */
export async function fetch(input: string | URL | Request, init: FetchInit = {}): Promise<Response> {
  const { client = new AsyncHTTPClient(), options = {}, ...rest } = init
  const request = new Request(input, rest)
  const { signal } = request
  // A request's signal forgets what it follows when the request itself is forgotten.
  requests.set(signal, request)
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
    followRedirects: request.redirect === 'follow',
    signal,
  }
  try {
    const stream = await client.stream(request.url, { ...made, raiseError: false })
    try {
      return toResponse(stream, request)
    } catch (error) {
      stream.cancel()
      throw error
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    throw new TypeError('fetch failed', { cause: error })
  }
}

function toResponse(stream: HTTPResponseStream, { url, method, redirect }: Request): Response {
  const { code, reason, headers, effectiveUrl } = stream
  // In the mode `follow` it is one too many, or cannot be followed.
  if (redirect !== 'manual' && redirectCodes.has(code) && headers.has('Location'))
    throw new HTTPClientError(code, 'A redirect that is not followed')
  const hasBody = method !== 'HEAD' && !bodilessCodes.has(code)
  const response = new Response(hasBody ? toWebStream(stream) : null, {
    status: code,
    statusText: reason,
    headers: [...headers.getAll()],
  })
  if (!hasBody) stream.cancel()
  const asked = withoutFragment(url)
  const answered = withoutFragment(effectiveUrl)
  Object.defineProperty(response, 'url', { value: answered })
  Object.defineProperty(response, 'redirected', { value: answered !== asked })
  return response
}

function withoutFragment(url: string): string {
  return url.replace(/#.*$/s, '')
}

function toWebStream(stream: HTTPResponseStream): ReadableStream<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]()
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next()
        if (done === true) controller.close()
        else controller.enqueue(value)
      },
      // Not by the iteration: one that has not begun knows nothing to end.
      cancel() {
        stream.cancel()
      },
    },
    { highWaterMark: 0 },
  )
}

const requests = new WeakMap<AbortSignal, Request>()
const redirectCodes: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
/** Responses that the platform takes no body for. */
const bodilessCodes: ReadonlySet<number> = new Set([204, 205, 304])

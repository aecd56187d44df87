import { isPromise } from '../is-promise.ts'
import type { RequestHandler } from '../request-handler.ts'
import { nextTurn } from './handler-response.ts'
import { connectionOf, responseOf } from './response-writer.ts'

/**
 * What a method may return in place of writing it: a web `Response`, or pieces of a body, each as `write` takes it. Generators
 * and web streams give pieces.
 */
export type Returned =
  | Response
  | AsyncIterable<string | Uint8Array | object>
  | IterableIterator<string | Uint8Array | object>

/**
 * Sends what a method has returned, as fast as the client takes it. Each piece is flushed. When the client goes away the source is
 * told, by `cancel()` or `return()`, and the promise rejects with `StreamClosedError`.
 *
 * @throws {TypeError} For anything else.
 */
export function sendReturned<Settings extends object>(
  handler: RequestHandler<Settings>,
  value: unknown,
): Promise<void> {
  if (isResponse(value)) return sendResponse(handler, value)
  const pieces = iteratorOf(value)
  if (pieces === null) {
    throw new TypeError(
      `A method of a handler may return a Response or an iterator of pieces, not ${describe(value)}: write() it`,
    )
  }
  return sendPieces(handler, pieces)
}

async function sendResponse<Settings extends object>(
  handler: RequestHandler<Settings>,
  response: Response,
): Promise<void> {
  if (response.bodyUsed) throw new TypeError('The body of the Response is used already')
  const { body } = response
  try {
    copyHead(handler, response)
    if (body === null) return
    if (mayHaveBody(handler)) await sendPieces(handler, readerOf(body), { wholeIfReady: true })
    else await endWithoutBody(handler, () => body.cancel())
  } catch (error) {
    if (body !== null && !body.locked) body.cancel(error).catch(() => undefined)
    throw error
  }
}

function copyHead<Settings extends object>(handler: RequestHandler<Settings>, response: Response): void {
  const { status, statusText, headers, url } = response
  handler.setStatus(status, statusText === '' ? undefined : statusText)
  if (!headers.has('Content-Type')) handler.clearHeader('Content-Type')
  // What fetch() answers is decoded, but its fields still tell of the coding.
  const decoded = url !== '' && headers.has('Content-Encoding')
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || ofConnection.has(name)) continue
    if (decoded && (name === 'content-encoding' || name === 'content-length')) continue
    handler.setHeader(name, value)
  }
  for (const cookie of headers.getSetCookie()) handler.addHeader('Set-Cookie', cookie)
}

async function sendPieces<Settings extends object>(
  handler: RequestHandler<Settings>,
  source: Pieces,
  { wholeIfReady = false } = {},
): Promise<void> {
  const stop = async (): Promise<unknown> => source.return?.()
  if (!mayHaveBody(handler)) {
    await endWithoutBody(handler, stop)
    return
  }
  const { signal } = connectionOf(handler)
  let giveUp: ((error: Error) => void) | null = null
  const onGone = (): void => {
    giveUp?.(signal.reason as Error)
    // The source may be waiting for something that never comes.
    stop().catch(() => undefined)
  }
  const take = async (): Promise<IteratorResult<Piece>> => {
    const next = source.next()
    if (!isPromise(next)) return next
    // No race with one promise for all pieces: that would keep something of each until the response is over.
    return new Promise((resolve, reject) => {
      giveUp = reject
      if (signal.aborted) reject(signal.reason as Error)
      next.then(resolve, reject)
    })
  }
  if (signal.aborted) onGone()
  else signal.addEventListener('abort', onGone, { once: true })
  try {
    if (wholeIfReady) {
      if (!(await sendFirst(handler, take))) return
    } else await handler.flush()
    for (;;) {
      const { done, value } = await take()
      if (done === true) return
      if (responseOf(handler).finished) break
      handler.write(value)
      await handler.flush()
    }
    await stop()
  } catch (error) {
    if (!signal.aborted) stop().catch(() => undefined)
    throw error
  } finally {
    signal.removeEventListener('abort', onGone)
  }
}

/**
 * Sends the first piece, unless it turns out to be the only one: then the response is left to be sent whole, with its length and
 * entity tag. Answers whether there may be more.
 */
async function sendFirst<Settings extends object>(
  handler: RequestHandler<Settings>,
  take: () => Promise<IteratorResult<Piece>>,
): Promise<boolean> {
  const first = await take()
  if (first.done === true) return false
  handler.write(first.value)
  const second = take()
  second.catch(() => undefined)
  const soon = await Promise.race([second, nextTurn()])
  if (soon !== undefined && soon.done === true) return false
  await handler.flush()
  const next = await second
  if (next.done === true) return false
  handler.write(next.value)
  await handler.flush()
  return true
}

function mayHaveBody<Settings extends object>(handler: RequestHandler<Settings>): boolean {
  const status = handler.getStatus()
  return handler.request.method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304
}

/** Sends the head alone; nobody reads the source. */
async function endWithoutBody<Settings extends object>(
  handler: RequestHandler<Settings>,
  stop: () => Promise<unknown>,
): Promise<void> {
  await stop()
  // The length of what was not read is not known: none is told.
  if (handler.request.method === 'HEAD') await handler.flush()
}

type Piece = string | Uint8Array | object
type Pieces = AsyncIterator<Piece> | Iterator<Piece>

/** Text, bytes and lists can be iterated too, but whoever returns them means something else. */
function iteratorOf(value: unknown): Pieces | null {
  if (typeof value !== 'object' || value === null) return null
  const source = value as Partial<AsyncIterable<Piece> & IterableIterator<Piece>>
  if (isWebStream(value)) return readerOf(value)
  if (typeof source[Symbol.asyncIterator] === 'function') return source[Symbol.asyncIterator]!()
  if (typeof source[Symbol.iterator] === 'function' && typeof source.next === 'function') {
    return source[Symbol.iterator]!()
  }
  return null
}

/** The pieces of a web stream; `return` cancels it even while a piece is awaited. */
function readerOf(stream: ReadableStream<Uint8Array>): AsyncIterator<Uint8Array> {
  const reader = stream.getReader()
  return {
    async next() {
      const { done, value } = await reader.read()
      return done ? { done: true, value: undefined } : { done: false, value }
    },
    async return() {
      await reader.cancel()
      return { done: true, value: undefined }
    },
  }
}

/** By their tags: to ask for the classes would load what few programs need, and other libraries have their own. */
function isResponse(value: unknown): value is Response {
  return tagOf(value) === 'Response' && 'headers' in (value as object) && 'status' in (value as object)
}

function isWebStream(value: object): value is ReadableStream<Uint8Array> {
  return tagOf(value) === 'ReadableStream' && 'getReader' in value
}

function tagOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null
    ? (value as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag]
    : undefined
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`
}

/** Fields of a connection (RFC 9110 §7.6.1): this one has its own. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

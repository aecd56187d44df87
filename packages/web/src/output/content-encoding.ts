import { ifNoneMatchMatches, negotiateEncoding, type HTTPHeaders } from '@tornado-ts/httputil'
import { defaultEncoders, type ContentEncoder, type StreamEncoder } from './content-encoder.ts'
import { OutputTransform, type FirstChunk, type OutputTransformClass } from './output-transform.ts'

/** Options of {@link contentEncoding}, and of the setting `compressResponse`. */
export interface ContentEncodingOptions {
  /** What there is to choose from; of codings that the client likes equally, the first is taken. @default zstd, br, gzip */
  encoders?: readonly ContentEncoder[]
  /** Smallest body, in bytes, that is worth it, if its length is known. @default 1024 */
  minLength?: number
  /** Content types to encode, in lower case and without parameters, beside all of `text`. @default those of JSON, XML and JavaScript, and some more */
  contentTypes?: Iterable<string>
}

/**
 * A transform that encodes responses as the client's `Accept-Encoding` asks for.
 *
 * Every response gets `Vary: Accept-Encoding`. Left as they are: those of other content types, small ones, those with a
 * `Content-Encoding` of their own or `Cache-Control: no-transform`, parts of a whole (`Content-Range`), and those without a body.
 * Of an encoded response the `Etag` becomes weak, and `Accept-Ranges` goes, for ranges are of the form that is not encoded.
 *
 * A whole body keeps a `Content-Length`. Of one in pieces each `flush` reaches the client decodable.
 */
export function contentEncoding({
  encoders = defaultEncoders(),
  minLength = 1024,
  contentTypes = compressibleTypes,
}: ContentEncodingOptions = {}): OutputTransformClass {
  const byCoding = new Map(encoders.map((encoder) => [encoder.coding, encoder]))
  const codings = [...byCoding.keys()]
  if (codings.length === 0) throw new RangeError('There must be an encoder')
  const types = new Set(contentTypes)
  const plan: EncodingPlan = {
    minLength,
    isCompressible: (type) => type.startsWith('text/') || types.has(type),
    negotiate: (accepted) => negotiate(accepted, codings, byCoding),
  }
  return class extends ContentEncodingTransform {
    protected override get plan(): EncodingPlan {
      return plan
    }
  }
}

/** What an encoding transform goes by. */
export interface EncodingPlan {
  readonly minLength: number
  readonly isCompressible: (contentType: string) => boolean
  readonly negotiate: (accepted: string | undefined) => Negotiated
}

interface Negotiated {
  /** What the client wants to have; `null` for the body as it is. */
  readonly encoder: ContentEncoder | null
  /** The client does not take the body as it is. */
  readonly required: boolean
}

/** The work of {@link contentEncoding}. */
export abstract class ContentEncodingTransform extends OutputTransform {
  #stream: StreamEncoder | null = null
  /** There is a body in pieces, of which nothing is sent. */
  #unsent = false

  protected abstract get plan(): EncodingPlan

  override transformFirstChunk(
    statusCode: number,
    headers: HTTPHeaders,
    chunk: Uint8Array,
    finishing: boolean,
  ): FirstChunk | Promise<FirstChunk> {
    if (statusCode < 200) return [statusCode, headers, chunk]
    addVary(headers)
    const { encoder, required } = this.plan.negotiate(this.request.headers.get('Accept-Encoding'))
    if (encoder === null) return [statusCode, headers, chunk]
    if (statusCode === 304) this.#weakenAsKnown(headers)
    const minLength = required ? 1 : this.plan.minLength
    if (!this.#mayEncode(statusCode, headers) || this.#sizeOf(headers, chunk, finishing) < minLength) {
      return [statusCode, headers, chunk]
    }
    if (finishing && chunk.length > 0)
      return this.#encodeWhole(statusCode, headers, chunk, { encoder, required })
    describe(headers, encoder)
    headers.delete('Content-Length')
    if (this.request.method === 'HEAD') {
      this.#unsent = true
      return [statusCode, headers, nothing]
    }
    this.#stream = encoder.open({ longLived: typeOf(headers) === 'text/event-stream' })
    if (chunk.length === 0) return [statusCode, headers, chunk]
    const encoded = this.#stream.encode(chunk, finishing)
    if (!(encoded instanceof Promise)) return [statusCode, headers, encoded]
    return encoded.then((bytes) => [statusCode, headers, bytes])
  }

  override transformChunk(chunk: Uint8Array, finishing: boolean): Uint8Array | Promise<Uint8Array> {
    if (this.#unsent) return nothing
    return this.#stream === null ? chunk : this.#stream.encode(chunk, finishing)
  }

  override close(): void {
    this.#stream?.close()
    this.#stream = null
  }

  #mayEncode(statusCode: number, headers: HTTPHeaders): boolean {
    if (statusCode === 204 || statusCode === 205 || statusCode === 206 || statusCode === 304) return false
    for (const name of ownForms) if (headers.has(name)) return false
    if (/\bno-transform\b/i.test(headers.get('Cache-Control') ?? '')) return false
    return this.plan.isCompressible(typeOf(headers))
  }

  /** Bytes of the whole body, as far as that is known. */
  #sizeOf(headers: HTTPHeaders, chunk: Uint8Array, finishing: boolean): number {
    // An answer to HEAD may tell the length of a body that was never written.
    const announced = headers.get('Content-Length')
    if (finishing && (chunk.length > 0 || this.request.method !== 'HEAD')) return chunk.length
    return announced === undefined ? Infinity : Number(announced)
  }

  #encodeWhole(
    statusCode: number,
    headers: HTTPHeaders,
    chunk: Uint8Array,
    { encoder, required }: { encoder: ContentEncoder; required: boolean },
  ): FirstChunk | Promise<FirstChunk> {
    const finish = (encoded: Uint8Array): FirstChunk => {
      if (encoded.length >= chunk.length && !required) return [statusCode, headers, chunk]
      describe(headers, encoder)
      if (headers.has('Content-Length')) headers.set('Content-Length', String(encoded.length))
      return [statusCode, headers, encoded]
    }
    const encoded = encoder.encode(chunk)
    return encoded instanceof Promise ? encoded.then(finish) : finish(encoded)
  }

  /** A 304 names the tag that the response has which the client keeps: the weak one, if that was encoded. */
  #weakenAsKnown(headers: HTTPHeaders): void {
    const etag = headers.get('Etag')
    const known = this.request.headers.get('If-None-Match')
    if (etag === undefined || known === undefined || etag.startsWith('W/')) return
    if (known.includes(`W/${etag}`) && ifNoneMatchMatches(known, etag)) headers.set('Etag', `W/${etag}`)
  }
}

function negotiate(
  accepted: string | undefined,
  codings: readonly string[],
  byCoding: ReadonlyMap<string, ContentEncoder>,
): Negotiated {
  const coding = negotiateEncoding(accepted, codings)
  const encoder = coding === null ? null : (byCoding.get(coding) ?? null)
  // Without an acceptable coding the body is sent as it is: that serves more clients than a 406 (RFC 9110 §12.5.3).
  return { encoder, required: encoder !== null && negotiateEncoding(accepted, []) === null }
}

/** Sets the fields of a response that is encoded. */
function describe(headers: HTTPHeaders, { coding }: ContentEncoder): void {
  headers.set('Content-Encoding', coding)
  headers.delete('Accept-Ranges')
  const etag = headers.get('Etag')
  // The same strong tag must not name two different sequences of bytes (RFC 9110 §8.8.3.3).
  if (etag?.startsWith('"')) headers.set('Etag', `W/${etag}`)
}

function addVary(headers: HTTPHeaders): void {
  const vary = headers.get('Vary')
  if (vary === undefined) headers.setUnchecked('Vary', 'Accept-Encoding')
  else if (!/(?:^|,)\s*(?:\*|accept-encoding)\s*(?:,|$)/i.test(vary))
    headers.set('Vary', `${vary}, Accept-Encoding`)
}

function typeOf(headers: HTTPHeaders): string {
  const type = headers.get('Content-Type') ?? ''
  const semicolon = type.indexOf(';')
  return (semicolon === -1 ? type : type.slice(0, semicolon)).trim().toLowerCase()
}

/** Fields of a response whose bytes are meant as they are. */
const ownForms = ['Content-Encoding', 'Content-Range', 'Content-Digest', 'Digest']
const nothing = new Uint8Array(0)

/** The types beside `text/*` that Tornado compresses. */
export const tornadoTypes: ReadonlySet<string> = new Set([
  'application/javascript',
  'application/x-javascript',
  'application/xml',
  'application/atom+xml',
  'application/json',
  'application/xhtml+xml',
  'image/svg+xml',
])

/** Types beside `text/*` that get smaller. */
const compressibleTypes: ReadonlySet<string> = new Set([
  ...tornadoTypes,
  'application/geo+json',
  'application/graphql-response+json',
  'application/ld+json',
  'application/manifest+json',
  'application/problem+json',
  'application/rss+xml',
  'application/soap+xml',
  'application/wasm',
  'application/x-ndjson',
  'application/yaml',
  'font/otf',
  'font/ttf',
  'image/bmp',
  'image/x-icon',
])

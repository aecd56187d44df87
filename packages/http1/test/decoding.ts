import type { HTTPHeaders } from '@tornado-ts/httputil'
import { HTTP1Decoder, type HTTP1DecoderOptions } from '../src/protocol/decoder.ts'
import type { FieldBlock } from '../src/protocol/field-block.ts'

/** One message as a decoder gave it, with its data joined. Bytes are shown as latin1. */
export interface DecodedMessage {
  /** `GET /path HTTP/1.1` or `HTTP/1.1 200 OK`. */
  first: string
  fields: [string, string][]
  keepAlive: boolean
  expectsContinue?: boolean
  upgrade?: boolean
  body: string
  /** `null` until the end, then the trailers. */
  trailers: [string, string][] | null
  complete: boolean
}

/** What came of decoding some bytes: complete messages, one that is not, and the status of the error that ended it. */
export interface Decoded {
  messages: DecodedMessage[]
  status: number | null
  reason: string | null
}

/** Options of {@link decode} besides those of the decoder; `role` is `server` unless given. */
export interface DecodeOptions extends Partial<HTTP1DecoderOptions> {
  /** The peer ends its side after the last chunk. */
  end?: boolean
  /** Methods of the requests that responses answer. */
  methods?: readonly string[]
}

/** Decodes chunks one after another. Any exception but an `HTTPInputError` is thrown on. */
export function decode(chunks: readonly (Buffer | string)[], options: DecodeOptions = {}): Decoded {
  const { end = false, methods = [], role = 'server', ...limits } = options
  const decoder = new HTTP1Decoder({ role, ...limits })
  const waitingMethods = [...methods]
  const messages: DecodedMessage[] = []
  decoder.expectResponse(waitingMethods.shift() ?? 'GET')
  const takeEvents = (): void => {
    for (let event = decoder.next(); event !== null; event = decoder.next()) {
      if (event.kind === 'data') {
        if (event.data.length === 0) throw new Error('A piece of a body is empty')
        messages.at(-1)!.body += event.data.toString('latin1')
      } else if (event.kind === 'end') {
        const message = messages.at(-1)!
        message.complete = true
        message.trailers = event.trailers === null ? [] : fieldsOfHeaders(event.trailers)
        decoder.expectResponse(waitingMethods.shift() ?? 'GET')
      } else if (event.kind === 'request') {
        const { method, target, version, keepAlive, expectsContinue, upgrade } = event
        const first = `${method} ${target} ${version}`
        messages.push({ ...newMessage(first, event.fields, keepAlive), expectsContinue, upgrade })
      } else {
        const { version, code, reason, keepAlive, informational } = event
        messages.push(newMessage(`${version} ${code} ${reason}`, event.fields, keepAlive))
        if (informational) messages.at(-1)!.complete = true
      }
    }
  }
  try {
    for (const chunk of chunks) {
      decoder.receive(typeof chunk === 'string' ? Buffer.from(chunk, 'latin1') : chunk)
      takeEvents()
    }
    if (end) {
      decoder.receiveEnd()
      takeEvents()
    }
  } catch (error) {
    if (!isInputError(error)) throw error
    // How much of a body came before the error depends on the split.
    const last = messages.at(-1)
    if (last !== undefined && !last.complete) last.body = ''
    return { messages, status: error.status, reason: error.message }
  }
  return { messages, status: null, reason: null }
}

/** The bytes whole, one by one, and in every split of two. */
export function* splits(bytes: Buffer): Generator<Buffer[]> {
  yield [bytes]
  yield [...bytes.keys()].map((i) => bytes.subarray(i, i + 1))
  for (let i = 1; i < bytes.length; i++) yield [bytes.subarray(0, i), bytes.subarray(i)]
}

/** As {@link decode}, in every split of {@link splits}; throws when two of them differ. */
export function decodeEverySplit(raw: string | Buffer, options?: DecodeOptions): Decoded {
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw
  const whole = decode([bytes], options)
  const expected = JSON.stringify(whole)
  for (const chunks of splits(bytes)) {
    const got = JSON.stringify(decode(chunks, options))
    if (got === expected) continue
    const sizes = chunks.length > 2 ? 'single bytes' : chunks.map((chunk) => chunk.length).join(' + ')
    throw new Error(`Split as ${sizes} it is ${got}, whole ${expected}`)
  }
  return whole
}

/** Each complete request as `METHOD target body`, then the status of the error, if there was one. */
export function summary({ messages, status }: Decoded): (string | number)[] {
  const lines: (string | number)[] = messages
    .filter((message) => message.complete)
    .map(({ first, body }) => {
      const [method = '', target = ''] = first.split(' ')
      return body === '' ? `${method} ${target}` : `${method} ${target} ${body}`
    })
  return status === null ? lines : [...lines, status]
}

function newMessage(first: string, head: FieldBlock, keepAlive: boolean): DecodedMessage {
  const fields: [string, string][] = []
  for (let i = 0; i < head.fieldCount; i++) fields.push([head.fieldName(i), head.fieldValue(i)])
  return { first, fields, keepAlive, body: '', trailers: null, complete: false }
}

function fieldsOfHeaders(headers: HTTPHeaders): [string, string][] {
  return [...headers.getAll()]
}

function isInputError(error: unknown): error is Error & { status: number } {
  return error instanceof Error && error.name === 'HTTPInputError'
}

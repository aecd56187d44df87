import {
  HTTPHeaders,
  RequestStartLine,
  type HTTPMessageDelegate,
  type ResponseStartLine,
} from '@tornado-ts/httputil'
import type { StreamOptions } from '@tornado-ts/iostream'
import { ScriptedPeer } from '@tornado-ts/iostream/memory'
import { onTestFinished } from 'vitest'
import { HTTP1ClientConnection } from '../src/http1-client-connection.ts'
import type { HTTP1ConnectionParameters } from '../src/parameters.ts'

/** Notes what it is told. */
export class Answer implements HTTPMessageDelegate {
  readonly calls: string[] = []
  readonly handlers: Partial<HTTPMessageDelegate>
  body = ''

  constructor(handlers: Partial<HTTPMessageDelegate> = {}) {
    this.handlers = handlers
  }

  headersReceived(startLine: ResponseStartLine, headers: HTTPHeaders): void | Promise<void> {
    this.calls.push(`${startLine.code}`)
    return this.handlers.headersReceived?.(startLine, headers)
  }

  dataReceived(chunk: Buffer): void | Promise<void> {
    this.body += chunk.toString('latin1')
    if (this.calls.at(-1) !== 'data') this.calls.push('data')
    return this.handlers.dataReceived?.(chunk)
  }

  trailersReceived(trailers: HTTPHeaders): void {
    this.calls.push(`trailers ${[...trailers.getAll()].join(' ')}`)
  }

  finish(): void {
    this.calls.push('finish')
    this.handlers.finish?.()
  }

  onConnectionClose(): void {
    this.calls.push('close')
  }
}

export function connected(
  params: HTTP1ConnectionParameters = {},
  options: StreamOptions = {},
): { client: HTTP1ClientConnection; peer: ScriptedPeer } {
  const { stream, peer } = ScriptedPeer.connect(options)
  const client = new HTTP1ClientConnection(stream, { params })
  onTestFinished(() => client.close())
  return { client, peer }
}

export function begin(
  client: HTTP1ClientConnection,
  method = 'GET',
  fields: Record<string, string> = {},
  chunk?: string | Uint8Array,
): void | Promise<void> {
  const startLine = new RequestStartLine(method, method === 'CONNECT' ? 'h:443' : '/', 'HTTP/1.1')
  return client.writeHeaders(startLine, new HTTPHeaders({ Host: 'h', ...fields }), chunk)
}

/** One exchange: the request is sent, then the pieces are what the server answers, and perhaps its end. */
export async function exchange(
  pieces: string | readonly string[],
  { method = 'GET', end = false, params = {} as HTTP1ConnectionParameters, pieceSize = Infinity } = {},
): Promise<{ answer: Answer; outcome: unknown; client: HTTP1ClientConnection }> {
  const { client, peer } = connected(params)
  const answer = new Answer()
  void begin(client, method)
  client.finish()
  const outcome = client.readResponse(answer).catch((error: unknown) => error)
  await peer.send(pieces, { pieceSize })
  if (end) peer.end()
  return { answer, outcome: await outcome, client }
}

import { loopback } from '../server-program.ts'

/** A request whose every byte is fixed. ASCII only. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** After `Host`, which is {@link loopback} always; `Content-Length` is added where there is a body. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** All header fields of a request, in the order in which they are sent. */
export function requestHeaders({ headers, body }: HttpRequest): Record<string, string> {
  return {
    Host: loopback,
    ...headers,
    ...(body === undefined ? {} : { 'Content-Length': String(body.length) }),
  }
}

/** The request as it goes over the wire. */
export function encodeRequest(request: HttpRequest): string {
  const fields = Object.entries(requestHeaders(request)).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${request.method} ${request.path} HTTP/1.1\r\n${fields.join('')}\r\n${request.body ?? ''}`
}

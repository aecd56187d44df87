import { responses } from '@tornado-ts/httputil'

/**
 * The whole answer of a connection itself to what no application is asked about: the last of the connection, in plain
 * text. One character a byte; without the body in answer to HEAD.
 */
export function encodeRefusal(status: number, explanation: string, method: string | undefined): string {
  const reason = responses[status] ?? 'Unknown'
  const body = explanation === '' ? `${reason}\n` : `${reason}: ${explanation}\n`
  return (
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain; charset=UTF-8\r\n` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${method === 'HEAD' ? '' : body}`
  )
}

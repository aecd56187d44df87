// Serves an application on an unused port for one test, and speaks to it in bytes.
import type { HTTPServer, HTTPServerOptions } from '@tornado-ts/httpserver'
import { connect } from 'node:net'
import type { Application } from '../src/application.ts'

/** An answer, cut at the empty line. */
export interface RawAnswer {
  readonly statusLine: string
  readonly status: number
  /** Field lines as received. */
  readonly lines: readonly string[]
  /** Values by lower-case name, the last of several. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A served application. */
export interface Served extends AsyncDisposable {
  readonly port: number
  readonly url: string
  readonly server: HTTPServer
  /** Sends one request and reads to the end of the connection, which `Connection: close` asks for. */
  fetch(
    method: string,
    path: string,
    options?: { headers?: Record<string, string>; body?: string },
  ): Promise<RawAnswer>
  /** Sends bytes as they are and answers everything received until the connection ends. */
  exchange(bytes: string): Promise<string>
}

export async function serve<Settings extends object>(
  application: Application<Settings>,
  options: HTTPServerOptions = {},
): Promise<Served> {
  const server = application.listen(0, { address: '127.0.0.1', ...options })
  const { port } = await server.bound
  const exchange = (bytes: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let received = ''
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
      socket.setEncoding('latin1')
      socket.on('data', (chunk: string) => (received += chunk))
      socket.on('end', () => socket.end())
      socket.on('error', reject)
      socket.on('close', () => resolve(received))
      socket.write(bytes, 'latin1')
    })
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    server,
    exchange,
    async fetch(method, path, { headers = {}, body = '' } = {}) {
      const fields = { Host: `127.0.0.1:${port}`, Connection: 'close', ...headers }
      const bytes = Buffer.from(body).toString('latin1')
      const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`)
      if (bytes !== '' && !('Content-Length' in fields)) lines.push(`Content-Length: ${bytes.length}\r\n`)
      return parseAnswer(await exchange(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${bytes}`))
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { statusLine, status: Number(statusLine.split(' ')[1]), lines, headers, body: text.slice(end + 4) }
}

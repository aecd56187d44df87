import { HTTPHeaders } from '@tornado-ts/httputil'
import type { AsyncHTTPClient, HTTPResponse } from '@tornado-ts/httpclient'
import { RawServer } from './raw-server.ts'

/** What a client makes of a reply that is sent in one piece, with the end of the connection behind it. */
export interface ReplyOutcome {
  /** Code and size of the body, or the name of the error. */
  readonly brief: string
  readonly response: HTTPResponse | null
  readonly error: Error | null
}

/** A bare GET, answered with `reply`. Redirects are not followed. */
export async function outcomeOfReply(client: AsyncHTTPClient, reply: Buffer | string): Promise<ReplyOutcome> {
  await using server = await RawServer.start((_request, socket) => void socket.end(reply))
  try {
    const response = await client.fetch(server.url(), {
      raiseError: false,
      followRedirects: false,
      headers: new HTTPHeaders({ 'User-Agent': 'curl/8' }),
      requestTimeoutMs: 5_000,
    })
    return { brief: `${response.code} with ${response.body.length}`, response, error: null }
  } catch (error) {
    return { brief: (error as Error).name, response: null, error: error as Error }
  }
}

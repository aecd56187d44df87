import { request as send } from 'node:http'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import type { AppSpec, FlaskApp, InputSpec } from '../app-spec.ts'
import type { LoadCase } from '../load-case.ts'
import { loopback } from '../server-program.ts'
import { requestHeaders, type HttpRequest } from './http-request.ts'

export interface HttpCaseOptions {
  readonly name: string
  readonly group: string
  readonly title: string
  readonly app: AppSpec | InputSpec | FlaskApp
  readonly request: HttpRequest
  /** @default the body is the app's `answer` */
  readonly isRight?: (body: string) => boolean
  /** How the answer must be encoded. @default as it is */
  readonly coding?: 'gzip'
  /** Requests sent in one piece. @default 1 */
  readonly pipelining?: number
}

/** Enough to keep any server busy, few enough that their buffers stay in the caches. */
const connections = 64

/** A case that sends one HTTP request again and again. */
export function httpCase(options: HttpCaseOptions): LoadCase {
  const { name, group, title, app, request, pipelining = 1 } = options
  const { isRight = (body: string) => body === app.answer } = options
  return {
    name,
    group,
    title,
    unit: 'request',
    app,
    async verify(port) {
      const { status, coding, body } = await exchange(port, request)
      if (coding !== options.coding) throw new Error(`Wrong encoding: ${coding}`)
      if (status !== 200 || !isRight(body))
        throw new Error(`Wrong answer: ${status} ${JSON.stringify(body.slice(0, 200))}`)
    },
    drive: (port, durationMs, { http }) => http.run({ port, request, connections, pipelining }, durationMs),
  }
}

/** Waits no longer than this for the one answer that is looked at. */
const answerTimeoutMs = 5000

async function exchange(
  port: number,
  request: HttpRequest,
): Promise<{ status: number | undefined; coding: string | undefined; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const { method, path, body } = request
    const signal = AbortSignal.timeout(answerTimeoutMs)
    const outgoing = send({
      host: loopback,
      port,
      method,
      path,
      headers: requestHeaders(request),
      agent: false,
      signal,
    })
    outgoing.on('response', resolve).on('error', reject)
    outgoing.end(body)
  })
  const { statusCode: status, headers } = response
  const coding = headers['content-encoding']
  const body = await text(coding === 'gzip' ? response.pipe(createGunzip()) : response)
  return { status, coding, body }
}

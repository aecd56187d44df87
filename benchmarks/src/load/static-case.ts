import type { StaticApp } from '../app-spec.ts'
import type { LoadCase } from '../load-case.ts'
import { loopback } from '../server-program.ts'
import { makeStaticFile, staticDirectory } from '../static-file.ts'
import type { HttpRequest } from './http-request.ts'

export interface StaticCaseOptions {
  readonly name: string
  readonly group: string
  readonly title: string
  readonly file: { readonly name: string; readonly size: number }
  readonly connections: number
}

/** A case that fetches one file again and again. */
export function staticCase({ file, connections, ...loadCase }: StaticCaseOptions): LoadCase {
  const app: StaticApp = { kind: 'static', directory: staticDirectory, ...file }
  const request: HttpRequest = { method: 'GET', path: `/static/${file.name}`, headers: {} }
  return {
    ...loadCase,
    unit: 'request',
    app,
    async verify(port) {
      makeStaticFile(app)
      const url = `http://${loopback}:${port}${request.path}`
      const response = await fetch(url, { signal: AbortSignal.timeout(answerTimeoutMs) })
      const { byteLength } = await response.arrayBuffer()
      if (response.status !== 200 || byteLength !== file.size)
        throw new Error(`Wrong answer: ${response.status} with ${byteLength} bytes`)
    },
    drive: (port, durationMs, { http }) =>
      http.run({ port, request, connections, pipelining: 1 }, durationMs),
  }
}

/** Waits no longer than this for the one answer that is looked at. */
const answerTimeoutMs = 5000

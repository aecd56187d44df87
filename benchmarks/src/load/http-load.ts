import type { LoadResult } from '../load-case.ts'
import { findAutocannon } from './autocannon.ts'
import type { HttpRequest } from './http-request.ts'
import { findWrk } from './wrk.ts'

/** One request, sent again and again over keep-alive connections. */
export interface HttpTarget {
  readonly port: number
  readonly request: HttpRequest
  /** Connections open at once. */
  readonly connections: number
  /** Requests sent in one piece; the next piece goes out when all of them are answered. */
  readonly pipelining: number
}

/** A program that makes HTTP load. */
export interface HttpLoad extends AsyncDisposable {
  /** Name and version. */
  readonly version: string
  run(target: HttpTarget, durationMs: number): Promise<LoadResult>
}

export interface HttpLoadOptions {
  /** Words before the program's own that pin it to cores; none where there is nothing to pin with. */
  readonly prefix: readonly string[]
  /** Cores the program may use. */
  readonly cores: number
  /** `wrk` or `autocannon`; without it the first of them that is there. */
  readonly tool?: string | undefined
}

/** @throws {Error} When `tool` is not here, or not known. */
export function findHttpLoad({ tool, ...options }: HttpLoadOptions): HttpLoad {
  const found = tool === 'autocannon' ? null : findWrk(options)
  if (found !== null && (tool ?? 'wrk') === 'wrk') return found
  if (tool !== undefined && tool !== 'autocannon')
    throw new Error(`Cannot make HTTP load with ${tool}: not found`)
  return findAutocannon(options)
}

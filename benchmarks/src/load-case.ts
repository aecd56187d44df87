import type { AnyApp } from './app-spec.ts'
import type { HttpLoad } from './load/http-load.ts'

/** What a load got done in one round. */
export interface LoadResult {
  /** Units of work done well. */
  readonly done: number
  /** Units that failed; a round with any is not counted. */
  readonly failed: number
  /** Seconds the load lasted. */
  readonly seconds: number
}

/** What drives loads on this machine. */
export interface LoadTools {
  readonly http: HttpLoad
  /** Words before a program that pin it to the cores of the load. */
  readonly prefix: readonly string[]
}

/** A load that is ready to begin. */
export interface PreparedLoad {
  drive(durationMs: number): Promise<LoadResult>
  stop(): Promise<void>
}

/** One load, put on one server after the other. */
export interface LoadCase {
  /** As the command line takes it; a word before a dash selects all cases that begin so. */
  readonly name: string
  /** The heading that the case's results stand under. */
  readonly group: string
  /** What is sent and asked for, in a line. */
  readonly title: string
  /** What one `done` is: `request`, `message`. */
  readonly unit: string
  readonly app: AnyApp
  /** Rejects, saying why, unless the server at `port` gives the right answer. */
  verify(port: number): Promise<void>
  /** Gets ready, such as by opening connections: what the server spends on that is not counted. Where it is left out there is nothing to it. */
  prepare?(port: number, tools: LoadTools): Promise<PreparedLoad>
  /** Loads the server at `port` for `durationMs`. */
  drive(port: number, durationMs: number, tools: LoadTools): Promise<LoadResult>
}

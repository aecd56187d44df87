import type { Transferable } from 'node:worker_threads'
import type { ModuleFunction } from './worker-module.ts'

/** How one call is to be made. */
export interface SubmitOptions {
  /** Aborting takes the call back: while it waits it is dropped, while it runs its worker is ended. */
  signal?: AbortSignal
  /** Parts of the arguments that are moved to the worker in place of being copied. @default none */
  transfer?: readonly Transferable[]
}

/** What an {@link Executor} can run: a function of a module, or where the executor allows it any function. */
export type Work<Args extends unknown[], Result> =
  | ModuleFunction<Args, Result>
  | ((...args: Args) => Result | PromiseLike<Result>)

/** Runs functions somewhere else than in the loop's callbacks. Tornado: concurrent.futures.Executor. */
export interface Executor {
  /** Calls the function and gives its result. A `ModuleFunction` brings options of its own; those given here win. */
  submit<Args extends unknown[], Result>(
    work: Work<Args, Result>,
    args: Args,
    options?: SubmitOptions,
  ): Promise<Result>
  /** Takes no more work; resolves when what was taken is done. */
  close(): Promise<void>
}

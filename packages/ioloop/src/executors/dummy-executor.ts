import type { Executor, SubmitOptions, Work } from './executor.ts'

/**
 * Runs everything at once in this thread: for tests, and for work that turned out to be short.
 * A plain function is called before `submit` returns. Tornado: concurrent.DummyExecutor.
 */
export class DummyExecutor implements Executor {
  async submit<Args extends unknown[], Result>(
    work: Work<Args, Result>,
    args: Args,
    { signal }: SubmitOptions = {},
  ): Promise<Result> {
    signal?.throwIfAborted()
    if (typeof work === 'function') return await work(...args)
    work.options.signal?.throwIfAborted()
    const module: Readonly<Record<string, unknown>> = await import(work.module)
    const found = module[work.name]
    if (typeof found !== 'function') throw new TypeError(`${work.module} exports no function ${work.name}`)
    return await found(...args)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** One for all: it holds nothing. Tornado: concurrent.dummy_executor. */
export const dummyExecutor: DummyExecutor = new DummyExecutor()

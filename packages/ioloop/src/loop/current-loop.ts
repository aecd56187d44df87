import type { IOLoop } from './io-loop.ts'

const key = Symbol.for('tornado.ioloop.current.v1')

/** The loop of this thread. It hangs on `globalThis`, so that two installed copies of this package share it. */
export const currentLoop: { loop: IOLoop | null } = ((globalThis as { [key]?: { loop: IOLoop | null } })[
  key
] ??= { loop: null })

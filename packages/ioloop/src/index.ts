// @tornado-ts/ioloop

// The loop
export { IOLoop, type RunSyncOptions } from './io-loop.ts'
export type { Callback } from './run-callback.ts'
export type { TimeDelta } from './time-delta.ts'
export type { Timeout } from './timers.ts'

// Errors
export { IOLoopClosedError, IOLoopStoppedError, TimeoutError } from './errors.ts'

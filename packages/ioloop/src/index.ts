// @tornado-ts/ioloop

// The loop
export { type CloseOptions, IOLoop, type RunSyncOptions } from './io-loop.ts'
export type { Callback } from './run-callback.ts'
export type { Clock } from './clock.ts'
export type { DescriptorHandler, HasFileno, Pollable } from './descriptors.ts'
export { type TimeDelta, toMilliseconds } from './time-delta.ts'
export type { Timeout } from './timers.ts'

// Time
export {
  jitterPeriod,
  nextDueTime,
  PeriodicCallback,
  type PeriodicCallbackOptions,
} from './periodic-callback.ts'
export { moment, sleep, type SleepOptions } from './sleep.ts'
export { type Operation, withTimeout, type WithTimeoutOptions } from './with-timeout.ts'

// Several promises
export { multi, type MultiOptions, type Results } from './multi.ts'
export type { ErrorKind, QuietExceptions } from './quiet-errors.ts'
export { WaitIterator } from './wait-iterator.ts'

// From other threads
export { type LoopHandle, type RemoteCallbacks, RemoteLoop } from './loop-handle.ts'

// Executors
export { DummyExecutor, dummyExecutor } from './dummy-executor.ts'
export type { Executor, SubmitOptions, Work } from './executor.ts'
export { ModuleFunction, type ModuleFunctions, workerModule } from './worker-module.ts'
export { WorkerPool, type WorkerPoolOptions } from './worker-pool.ts'

// Choosing an implementation
export { Configurable, type ConfigurableClass, type Implementation } from './configurable.ts'

// Errors
export { errnoFromException } from './errno-from-exception.ts'
export {
  ExecutorClosedError,
  ExecutorFullError,
  IOLoopClosedError,
  IOLoopStoppedError,
  MissingPackageError,
  TimeoutError,
  WorkerDiedError,
} from './errors.ts'

// @tornado-ts/ioloop

// The loop
export { type CloseOptions, IOLoop, type RunSyncOptions } from './loop/io-loop.ts'
export type { Callback } from './loop/run-callback.ts'
export type { Clock } from './loop/clock.ts'
export type { DescriptorHandler, HasFileno, Pollable } from './loop/descriptors.ts'
export { type TimeDelta, toMilliseconds } from './loop/time-delta.ts'
export type { Timeout } from './loop/timers.ts'

// Time
export {
  jitterPeriod,
  nextDueTime,
  PeriodicCallback,
  type PeriodicCallbackOptions,
} from './loop/periodic-callback.ts'
export { moment, sleep, type SleepOptions } from './promises/sleep.ts'
export { type Operation, withTimeout, type WithTimeoutOptions } from './promises/with-timeout.ts'

// Several promises
export { multi, type MultiOptions, type Results } from './promises/multi.ts'
export type { ErrorKind, QuietExceptions } from './promises/quiet-errors.ts'
export { WaitIterator } from './promises/wait-iterator.ts'

// From other threads
export { type LoopHandle, type RemoteCallbacks, RemoteLoop } from './loop/loop-handle.ts'

// Executors
export { DummyExecutor, dummyExecutor } from './executors/dummy-executor.ts'
export type { Executor, SubmitOptions, Work } from './executors/executor.ts'
export { ModuleFunction, type ModuleFunctions, workerModule } from './executors/worker-module.ts'
export { WorkerPool, type WorkerPoolOptions } from './executors/worker-pool.ts'

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

/**
 * Rejects an operation whose time ran out.
 * One class for the whole of tornado-ts. Tornado: util.TimeoutError, also as gen.TimeoutError and ioloop.TimeoutError.
 */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'

  constructor(message = 'Timeout', options?: ErrorOptions) {
    super(message, options)
  }
}

/** Rejects {@link IOLoop.runSync} when the loop is stopped before the function has its result. */
export class IOLoopStoppedError extends Error {
  override readonly name = 'IOLoopStoppedError'

  constructor(options?: ErrorOptions) {
    super('Event loop stopped before Future completed', options)
  }
}

/** Thrown by every call that needs a living {@link IOLoop} once it is closed. */
export class IOLoopClosedError extends Error {
  override readonly name = 'IOLoopClosedError'

  constructor(options?: ErrorOptions) {
    super('IOLoop is closed', options)
  }
}

/** Thrown on first use of something that needs an optional package which is not installed. */
export class MissingPackageError extends Error {
  override readonly name = 'MissingPackageError'
  /** Name of the package to install. */
  readonly packageName: string

  constructor(packageName: string, feature: string, options?: ErrorOptions) {
    super(`${feature} needs the optional package "${packageName}": npm install ${packageName}`, options)
    this.packageName = packageName
  }
}

/** Rejects work that is given to an {@link Executor} after it was closed. */
export class ExecutorClosedError extends Error {
  override readonly name = 'ExecutorClosedError'

  constructor(options?: ErrorOptions) {
    super('Executor is closed', options)
  }
}

/** Rejects work that a {@link WorkerPool} has no room for: all workers are busy and the queue is full. */
export class ExecutorFullError extends Error {
  override readonly name = 'ExecutorFullError'

  constructor(maxQueueSize: number, options?: ErrorOptions) {
    super(`Executor has ${maxQueueSize} calls waiting already`, options)
  }
}

/** Rejects the call during which a worker of a {@link WorkerPool} ended; `cause` is the error that ended it, if any. */
export class WorkerDiedError extends Error {
  override readonly name = 'WorkerDiedError'
  /** Status the worker's thread ended with. */
  readonly exitCode: number

  constructor(functionName: string, exitCode: number, options?: ErrorOptions) {
    super(`Worker ended with status ${exitCode} while it ran ${functionName}`, options)
    this.exitCode = exitCode
  }
}

/** Thrown by `getNowait` when there is no item. Tornado: queues.QueueEmpty. */
export class QueueEmpty extends Error {
  override readonly name = 'QueueEmpty'

  constructor(options?: ErrorOptions) {
    super('Queue is empty', options)
  }
}

/** Thrown by `putNowait` when there is no room. Tornado: queues.QueueFull. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull'

  constructor(options?: ErrorOptions) {
    super('Queue is full', options)
  }
}

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

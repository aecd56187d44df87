// @tornado-ts/ioloop/locks

export { Condition } from './locks/condition.ts'
export { Event } from './locks/event.ts'
export { Lock } from './locks/lock.ts'
export { BoundedSemaphore, type Releaser, Semaphore } from './locks/semaphore.ts'
export type { WaitOptions } from './locks/waiters.ts'

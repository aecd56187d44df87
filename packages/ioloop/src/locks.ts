// @tornado-ts/ioloop/locks

export { Condition } from './condition.ts'
export { Event } from './event.ts'
export { Lock } from './lock.ts'
export { BoundedSemaphore, type Releaser, Semaphore } from './semaphore.ts'
export type { WaitOptions } from './waiters.ts'

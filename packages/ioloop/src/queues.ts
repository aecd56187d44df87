// @tornado-ts/ioloop/queues

export { LifoQueue, PriorityQueue, type PriorityQueueOptions, Queue, type QueueOptions } from './queue.ts'
export type { ItemStore } from './item-store.ts'
export type { Compare } from './priority-store.ts'
export { QueueEmpty, QueueFull } from './queue-errors.ts'
export type { WaitOptions } from './waiters.ts'

// @tornado-ts/ioloop/queues

export {
  LifoQueue,
  PriorityQueue,
  type PriorityQueueOptions,
  Queue,
  type QueueOptions,
} from './queues/queue.ts'
export type { ItemStore } from './queues/item-store.ts'
export type { Compare } from './queues/priority-store.ts'
export { QueueEmpty, QueueFull } from './errors.ts'
export type { WaitOptions } from './locks/waiters.ts'

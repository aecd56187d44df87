export { ByteQueue } from './byte-queue.ts'

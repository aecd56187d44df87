import type { PreparedMessage } from './prepared-message.ts'

/**
 * What stands behind a subscriber's `writeMessage`. With thousands of subscribers each object on the way to the socket is a
 * miss in the caches of the processor, so that a channel goes there directly.
 */
export interface MessageSink {
  sendPrepared(message: PreparedMessage): Promise<void>
}

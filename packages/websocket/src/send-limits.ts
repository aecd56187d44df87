/** What all connections of the process together may keep for peers that do not read. */
export interface SendLimits {
  /**
   * Messages that wait, with 64 bytes for each place in a queue; one that waits in many queues counts once. Beyond it each
   * connection where something waits already goes by its `slowReaderPolicy`. In bytes. @default 268_435_456 (256 MiB)
   */
  maxQueuedSize?: number
}

/** Counts what is in use. One for the process. */
class SendBudget {
  maxQueuedSize: number = 256 * 1024 * 1024
  queuedSize = 0

  hasRoom(size: number): boolean {
    return this.queuedSize + size <= this.maxQueuedSize
  }
}

export const sendBudget: SendBudget = new SendBudget()

/**
 * Sets what may wait in the whole process. What waits already is kept.
 *
 * @throws {RangeError} When a limit is not above zero.
 */
export function setSendLimits({ maxQueuedSize }: SendLimits): void {
  if (maxQueuedSize === undefined) return
  if (!(maxQueuedSize > 0)) throw new RangeError(`Cannot limit what waits to ${maxQueuedSize} bytes`)
  sendBudget.maxQueuedSize = maxQueuedSize
}

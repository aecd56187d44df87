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

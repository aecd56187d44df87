import { alreadySent } from './already-sent.ts'
import type { MessageSink } from './message-sink.ts'
import { PreparedMessage, type Sendable } from './prepared-message.ts'

/** Who can subscribe to a {@link Channel}: a `WebSocketHandler`, a client connection, or what is like them. */
export interface Subscriber {
  writeMessage(message: PreparedMessage): Promise<void>
  /** Fires when it is gone. */
  readonly signal: AbortSignal
  /** @internal */
  wsMessageSink?(): MessageSink | null
}

/** What became of a message that was published. */
export interface Published {
  /** How many subscribers it was sent to. */
  readonly count: number
}

/**
 * A topic: what is published goes to all who have subscribed. A message is encoded once, however many they are.
 *
 * A subscriber that is gone drops out by itself; one that is slow is treated by its own `slowReaderPolicy`. Everything that
 * answers does so by a promise, since a channel may also span several processes.
 *
 * @example
 * const room = new Channel()
 *
 * class ChatHandler extends WebSocketHandler {
 *   override open(): void {
 *     room.subscribe(this)
 *   }
 *
 *   override async onMessage(message: string | Buffer): Promise<void> {
 *     await room.publish(message)
 *   }
 * }
 */
export class Channel<Member extends Subscriber = Subscriber> implements Iterable<Member> {
  /** Where messages go to; `null` for the subscriber itself. */
  readonly #members = new Map<Member, MessageSink | null>()
  readonly #leaving = new Map<Member, () => void>()

  /** How many have subscribed in this process. */
  get size(): number {
    return this.#members.size
  }

  /** Adds a subscriber; one that is there already or gone is left as it is. */
  subscribe(member: Member): void {
    if (this.#members.has(member) || member.signal.aborted) return
    const leave = (): void => void this.unsubscribe(member)
    this.#members.set(member, member.wsMessageSink?.() ?? null)
    this.#leaving.set(member, leave)
    member.signal.addEventListener('abort', leave, { once: true })
  }

  /** Takes a subscriber out; answers whether it was there. */
  unsubscribe(member: Member): boolean {
    const leave = this.#leaving.get(member)
    if (leave === undefined) return false
    this.#leaving.delete(member)
    this.#members.delete(member)
    member.signal.removeEventListener('abort', leave)
    return true
  }

  has(member: Member): boolean {
    return this.#members.has(member)
  }

  /**
   * Sends a message to all subscribers. Resolves when it is handed over; it does not wait for slow ones. A subscriber that
   * cannot be sent to any more is taken out.
   *
   * @param options.except Who does not get it, such as the one it came from.
   * @throws {TypeError} (rejection) For what cannot be a message.
   */
  async publish(
    message: Sendable | PreparedMessage,
    { except }: { except?: Member } = {},
  ): Promise<Published> {
    const prepared = message instanceof PreparedMessage ? message : new PreparedMessage(message)
    let count = 0
    for (const [member, sink] of this.#members) {
      if (member === except) continue
      const sent = sink === null ? write(member, prepared) : sink.sendPrepared(prepared)
      // That of a peer that keeps up: a callback for each delivery would cost more than the encoding.
      if (sent !== alreadySent) sent.catch((error: unknown) => this.#failed(member, error))
      count++
    }
    return { count }
  }

  /** The subscribers of this process, in the order they came. */
  [Symbol.iterator](): IterableIterator<Member> {
    return this.#members.keys()
  }

  #failed(member: Member, error: unknown): void {
    if (error instanceof Error && error.name === 'WebSocketClosedError') this.unsubscribe(member)
  }
}

/** What one subscriber throws must not keep the message from the others. */
function write(member: Subscriber, message: PreparedMessage): Promise<void> {
  try {
    return member.writeMessage(message)
  } catch (error) {
    return Promise.reject(error as Error)
  }
}

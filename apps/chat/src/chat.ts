import { PeriodicCallback } from '@tornado-ts/ioloop'
import { RateLimit, type RateLimitOptions } from './rate-limit.ts'
import { cleanText, isNonce, type Message } from './rooms/message.ts'
import type { Person } from './people/person.ts'
import { RoomList } from './rooms/room-list.ts'
import type { Room } from './rooms/room.ts'
import type { MessageStore } from './store/message-store.ts'

/** Limits of a {@link Chat}. */
export interface ChatOptions {
  /** Messages of one person. @default 1 a second, 10 at once */
  messageRate?: RateLimitOptions
  /** Logins from one address. @default 1 every 2 seconds, 30 at once */
  loginRate?: RateLimitOptions
  /** Most rooms in memory. @default 1000 */
  maxRooms?: number
  /** How long someone who left still counts as here. @default 8_000 */
  graceMs?: number
  /** How long a long poll waits. Shorter than what proxies allow. @default 50_000 */
  pollTimeoutMs?: number
}

/** What became of a message: it was taken, is no message, or comes too early. */
export type Outcome =
  | { readonly accepted: Message }
  | { readonly refused: 'text' | 'nonce' }
  | { readonly refused: 'rate'; readonly retryAfterMs: number }

/** All that the handlers share. */
export class Chat {
  readonly rooms: RoomList
  readonly logins: RateLimit
  readonly pollTimeoutMs: number
  readonly #messages: RateLimit
  readonly #store: MessageStore
  readonly #sweeper: PeriodicCallback
  #closing = false

  constructor(
    store: MessageStore,
    {
      messageRate = { perSecond: 1, burst: 10 },
      loginRate = { perSecond: 0.5, burst: 30 },
      maxRooms = 1000,
      graceMs = 8000,
      pollTimeoutMs = 50_000,
    }: ChatOptions = {},
  ) {
    this.#store = store
    this.rooms = new RoomList(store, { maxRooms, graceMs })
    this.#messages = new RateLimit(messageRate)
    this.logins = new RateLimit(loginRate)
    this.pollTimeoutMs = pollTimeoutMs
    this.#sweeper = new PeriodicCallback(() => this.#sweep(), 500)
    this.#sweeper.start()
  }

  /** Whether long polls should not wait any more. */
  get closing(): boolean {
    return this.#closing
  }

  /** Takes a message of someone to a room. */
  say(person: Person, room: Room, text: unknown, nonce: unknown): Outcome {
    if (!isNonce(nonce)) return { refused: 'nonce' }
    const clean = typeof text === 'string' ? cleanText(text) : null
    if (clean === null) return { refused: 'text' }
    const known = room.find(person, nonce)
    if (known !== undefined) return { accepted: known }
    const retryAfterMs = this.#messages.take(person.id)
    if (retryAfterMs > 0) return { refused: 'rate', retryAfterMs }
    return { accepted: room.publish(person, clean, nonce) }
  }

  /** Has long polls answered and streams ended, since the server wants to close. */
  stopWaiting(): void {
    this.#closing = true
    this.rooms.stopWaiting()
  }

  close(): void {
    this.stopWaiting()
    this.#sweeper.stop()
    this.#store.close()
  }

  #sweep(): void {
    this.rooms.sweep()
    this.#messages.sweep()
    this.logins.sweep()
  }
}

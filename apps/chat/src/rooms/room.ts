import { Condition } from '@tornado-ts/ioloop/locks'
import { Channel } from '@tornado-ts/websocket'
import type { Person } from '../people/person.ts'
import type { MessageStore } from '../store/message-store.ts'
import { nextId, type Message } from './message.ts'
import { Presence } from './presence.ts'

/** Messages of a room that are kept. */
export const historyLength = 200

/** Who is here is told again after this long for each who is. */
const tellPeopleMs = 50

/** What a page has seen already. */
export interface Seen {
  /** The id of its last message; 0 for none. */
  readonly cursor: number
  /** The version of who is here; `null` for a client that does not want to know. */
  readonly people: number | null
}

/** A stream that follows a room. */
export interface Follower {
  /** Something has happened: its JSON, and the id of the message if it is one. */
  tell(json: string, id: number | null): void
  /** The server wants to close. */
  end(): void
}

/** A room: its last messages, who is in it, and all who wait for more. */
export class Room {
  readonly name: string
  readonly presence: Presence
  /** WebSockets: a message is encoded once for all of them. */
  readonly sockets = new Channel()
  /** Streams of events. */
  readonly #followers = new Set<Follower>()
  /** Long polls. */
  readonly #changed = new Condition()
  readonly #store: MessageStore
  readonly #history: Message[]
  readonly #nonces = new Map<string, Message>()
  /** What all get who have seen all but the last message. */
  #lastJson: string | null = null
  #waiting = 0
  #peopleChanged = false
  #ending = false
  #tellPeopleAt = 0
  /** The version of who is here that everybody was told last. */
  #toldPeople: number

  constructor(name: string, store: MessageStore, { graceMs }: { graceMs: number }) {
    this.name = name
    this.#store = store
    this.presence = new Presence(graceMs)
    this.#toldPeople = this.presence.version
    this.#history = store.load(name, historyLength)
    for (const message of this.#history) this.#nonces.set(nonceKey(message), message)
  }

  get messages(): readonly Message[] {
    return this.#history
  }

  /** The id of the last message; 0 when there is none. */
  get cursor(): number {
    return this.#history.at(-1)?.id ?? 0
  }

  /** How many long polls wait. */
  get waiting(): number {
    return this.#waiting
  }

  /** Whether nobody is connected. */
  get isIdle(): boolean {
    const connected = this.sockets.size + this.#followers.size + this.#waiting
    return connected === 0 && this.presence.count === 0
  }

  /** A message of someone that was taken already, by their own name for it. */
  find(person: Person, nonce: string): Message | undefined {
    return this.#nonces.get(nonceKey({ person: person.id, nonce }))
  }

  /** Takes a message and hands it to all who are here. */
  publish(person: Person, text: string, nonce: string): Message {
    const id = nextId(this.cursor)
    const message: Message = { id, nonce, person: person.id, name: person.name, text, at: Date.now() }
    this.#store.add(this.name, message)
    this.#keep(message)
    this.#lastJson = messagesJson([message])
    this.#tell(this.#lastJson, id)
    return message
  }

  /** What a page has not seen, as JSON; `null` when that is nothing. */
  news({ cursor, people }: Seen): string | null {
    const { presence } = this
    const messages = this.#since(cursor)
    // Not each who comes is told to all at once: see sweep().
    if (people !== null && people < this.#toldPeople) {
      return `{"messages":${JSON.stringify(messages)},"people":${presence.json}}`
    }
    if (messages.length === 0) return null
    if (messages.length > 1) return messagesJson(messages)
    this.#lastJson ??= messagesJson(messages)
    return this.#lastJson
  }

  /** The same, but waits until there is something; `null` when there was nothing for `timeoutMs`, or when {@link stopWaiting} was called. */
  async waitForNews(
    seen: Seen,
    { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
  ): Promise<string | null> {
    const endsAt = performance.now() + timeoutMs
    let news = this.news(seen)
    // Not all that happens is news for all: some do not ask who is here.
    while (news === null && !this.#ending) {
      const leftMs = endsAt - performance.now()
      if (leftMs <= 0) break
      this.#waiting++
      try {
        await this.#changed.wait({ signal, timeoutMs: leftMs })
      } finally {
        this.#waiting--
      }
      news = this.news(seen)
    }
    return news
  }

  /** Tells a stream all that happens from now on. */
  follow(follower: Follower): void {
    this.#followers.add(follower)
  }

  unfollow(follower: Follower): void {
    this.#followers.delete(follower)
  }

  /** Someone's page has connected; answers what to call, once, when it is gone. */
  enter({ id, name }: Person): () => void {
    if (this.presence.enter(id, name)) this.#peopleChanged = true
    return () => this.presence.leave(id)
  }

  /** Tells who is here, if that has changed. Called now and then: a crowd that comes is one change. */
  sweep(nowMs: number = Date.now()): void {
    if (this.presence.sweep(nowMs)) this.#peopleChanged = true
    if (!this.#peopleChanged || nowMs < this.#tellPeopleAt) return
    this.#peopleChanged = false
    this.#toldPeople = this.presence.version
    // To tell everybody of everybody costs the square of the crowd.
    this.#tellPeopleAt = nowMs + this.presence.count * tellPeopleMs
    this.#tell(`{"people":${this.presence.json}}`, null)
  }

  /** Has long polls answered and streams ended: the server wants to close, which WebSockets learn by themselves. */
  stopWaiting(): void {
    this.#ending = true
    this.#changed.notifyAll()
    for (const follower of this.#followers) follower.end()
  }

  #tell(json: string, id: number | null): void {
    void this.sockets.publish(json)
    for (const follower of this.#followers) follower.tell(json, id)
    this.#changed.notifyAll()
  }

  #keep(message: Message): void {
    this.#history.push(message)
    this.#nonces.set(nonceKey(message), message)
    if (this.#history.length <= historyLength) return
    const oldest = this.#history.shift()!
    this.#nonces.delete(nonceKey(oldest))
    this.#store.dropThrough(this.name, oldest.id)
  }

  #since(cursor: number): readonly Message[] {
    const history = this.#history
    // A cursor that this room has not reached is of another life of it, whose messages are gone.
    if (cursor > this.cursor) return history
    let first = history.length
    while (first > 0 && history[first - 1]!.id > cursor) first--
    return first === history.length ? none : history.slice(first)
  }
}

const none: readonly Message[] = []

function messagesJson(messages: readonly Message[]): string {
  return JSON.stringify({ messages })
}

function nonceKey({ person, nonce }: Pick<Message, 'person' | 'nonce'>): string {
  return `${person} ${nonce}`
}

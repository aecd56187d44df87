import type { Message } from '../rooms/message.ts'

/** Where messages outlive what is in memory, or do not. */
export interface MessageStore {
  /** The newest messages of a room, the oldest first. */
  load(room: string, limit: number): Message[]
  /** Keeps a message. When it returns, the message is safe. */
  add(room: string, message: Message): void
  /** Forgets the messages of a room up to this id. */
  dropThrough(room: string, id: number): void
  /** Whether rooms may leave the memory and be loaded again. */
  readonly isLasting: boolean
  /** A value that outlives the program, such as the key of the cookies; made when there is none. */
  secret(name: string, make: () => string): string
  close(): void
}

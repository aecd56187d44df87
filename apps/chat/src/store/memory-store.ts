import type { MessageStore } from './message-store.ts'

/** Keeps nothing: rooms hold their own messages, for as long as the program runs. */
export class MemoryStore implements MessageStore {
  readonly isLasting = false

  load(): [] {
    return []
  }

  add(): void {}

  dropThrough(): void {}

  secret(_name: string, make: () => string): string {
    return make()
  }

  close(): void {}
}

import type { MessageStore } from '../store/message-store.ts'
import { Room } from './room.ts'

/** The room that people come to who name none. */
export const lobby = 'lobby'

/** Limits of a {@link RoomList}. */
export interface RoomListOptions {
  /** Most rooms in memory. */
  readonly maxRooms: number
  /** How long someone who left still counts as here. */
  readonly graceMs: number
}

/** The rooms, made as people come to them. */
export class RoomList {
  readonly #rooms = new Map<string, Room>()
  readonly #store: MessageStore
  readonly #options: RoomListOptions

  constructor(store: MessageStore, options: RoomListOptions) {
    this.#store = store
    this.#options = options
  }

  /** A room by its name as {@link roomName} gives it; `null` when there are too many already. */
  get(name: string): Room | null {
    const known = this.#rooms.get(name)
    if (known !== undefined) return known
    if (this.#rooms.size >= this.#options.maxRooms && !this.#makePlace()) return null
    const room = new Room(name, this.#store, { graceMs: this.#options.graceMs })
    this.#rooms.set(name, room)
    return room
  }

  /** The rooms with most people. */
  busiest(limit: number): { readonly name: string; readonly count: number }[] {
    return [...this.#rooms.values()]
      .map(({ name, presence }) => ({ name, count: presence.count }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count || a.name.localeCompare(b.name))
      .slice(0, limit)
  }

  /** Tells each room's people who is here, and lets rooms go that nobody needs. */
  sweep(): void {
    for (const room of this.#rooms.values()) {
      room.sweep()
      if (this.#mayGo(room)) this.#rooms.delete(room.name)
    }
  }

  /** Has long polls answered and streams ended in all rooms. */
  stopWaiting(): void {
    for (const room of this.#rooms.values()) room.stopWaiting()
  }

  #mayGo(room: Room): boolean {
    return room.isIdle && (this.#store.isLasting || room.messages.length === 0)
  }

  /** Without a database the messages of a room go with it: of those where nobody is, the one that was silent for longest. */
  #makePlace(): boolean {
    const idle = [...this.#rooms.values()].filter((room) => room.isIdle)
    const silent = idle.sort((a, b) => a.cursor - b.cursor)[0]
    return silent !== undefined && this.#rooms.delete(silent.name)
  }
}

/** A name as people write it in its one spelling, or `null` if no room can be called so. */
export function roomName(text: string): string | null {
  const name = text.normalize('NFKC').toLowerCase()
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]{0,39}$/u.test(name) ? name : null
}

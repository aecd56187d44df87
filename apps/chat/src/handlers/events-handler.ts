import { EventSourceHandler } from '@tornado-ts/web'
import type { Follower } from '../rooms/room.ts'
import type { ChatSettings } from '../settings.ts'
import { numberArgument, placeOf } from './room-argument.ts'

/** `GET /a/message/events`: what happens in `room` from `cursor` on, or from where the stream broke, as server-sent events. */
export class EventsHandler extends EventSourceHandler<ChatSettings> implements Follower {
  #leave: (() => void) | null = null

  override open(): void {
    const { person, room } = placeOf(this)
    const cursor = Math.max(numberArgument(this, 'cursor', 0), Number(this.lastEventId ?? 0) || 0)
    const leave = room.enter(person)
    room.follow(this)
    this.#leave = () => {
      room.unfollow(this)
      leave()
    }
    // The address names the cursor the page came with: from here on the browser tells what it has got.
    const first = room.news({ cursor, people: 0 })!
    void this.send({ id: String(Math.max(cursor, room.cursor)), retry: 1000, data: first })
    if (this.settings.chat.closing) this.close()
  }

  tell(json: string, id: number | null): void {
    void this.send({ data: json, ...(id === null ? {} : { id: String(id) }) })
  }

  end(): void {
    this.close()
  }

  override onClose(): void {
    this.#leave?.()
  }
}

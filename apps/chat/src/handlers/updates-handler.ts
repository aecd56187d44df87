import { RequestHandler } from '@tornado-ts/web'
import type { ChatSettings } from '../settings.ts'
import { numberArgument, placeOf } from './room-argument.ts'

/**
 * `POST /a/message/updates`: a long poll. Answers as soon as `room` holds a message beyond `cursor`; with `people`, the version of who
 * is here that the page knows, also when that changes.
 */
export class UpdatesHandler extends RequestHandler<ChatSettings> {
  override async post(): Promise<void> {
    const { chat } = this.settings
    const { person, room } = placeOf(this)
    const seen = { cursor: numberArgument(this, 'cursor', 0), people: numberArgument(this, 'people', null) }
    const leave = room.enter(person)
    try {
      const news = chat.closing
        ? room.news(seen)
        : await room.waitForNews(seen, { signal: this.request.signal, timeoutMs: chat.pollTimeoutMs })
      this.setHeader('Content-Type', 'application/json; charset=UTF-8')
      this.setHeader('Cache-Control', 'no-store')
      this.write(news ?? nothing)
    } finally {
      leave()
    }
  }
}

const nothing = '{"messages":[]}'

import { authenticated, HTTPError } from '@tornado-ts/web'
import { maxTextLength } from '../rooms/message.ts'
import { lobby, roomName } from '../rooms/room-list.ts'
import { pageWords } from '../words.ts'
import { Page } from './page.ts'
import { findRoom } from './room-argument.ts'

/** `GET /` and `GET /r/NAME`: the page of a room. */
export class RoomHandler extends Page {
  override get: (name?: string) => void = authenticated(function (this: RoomHandler, name: string = lobby) {
    const room = findRoom(this, name)
    if (name !== room.name) {
      this.redirect(this.reverseUrl('room', room.name))
      return
    }
    const { id } = this.person!
    const { locale, xsrfToken } = this
    const page = {
      room: room.name,
      me: id,
      cursor: room.cursor,
      xsrf: xsrfToken,
      language: locale.languageTag,
      people: room.presence,
      words: pageWords(locale),
    }
    const rooms = this.settings.chat.rooms.busiest(12).filter((each) => each.name !== room.name)
    void this.render('room.html', { room, page, rooms, maxTextLength, lobby })
  })
}

/** `GET /r?room=NAME`: from the form that asks for a room's name to its page. */
export class FindRoomHandler extends Page {
  override get(): void {
    const name = roomName(this.getArgument('room', lobby).replaceAll(/\s+/g, '-'))
    if (name === null) throw new HTTPError(404)
    this.redirect(this.reverseUrl('room', name))
  }
}

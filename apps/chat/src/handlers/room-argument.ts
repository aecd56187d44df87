import { HTTPError, type RequestHandler } from '@tornado-ts/web'
import { readPerson } from '../people/person-cookie.ts'
import type { Person } from '../people/person.ts'
import { lobby, roomName } from '../rooms/room-list.ts'
import type { Room } from '../rooms/room.ts'
import type { ChatSettings } from '../settings.ts'

/** Who asks, and the room it is about. */
export interface Place {
  readonly person: Person
  readonly room: Room
}

/**
 * The person of the cookie and the room of the argument `room`.
 *
 * @throws {HTTPError} 403 for somebody unknown, 404 for what is no room, 503 when there are too many.
 */
export function placeOf(handler: RequestHandler<ChatSettings>): Place {
  const person = readPerson(handler)
  if (person === null) throw new HTTPError(403)
  return { person, room: findRoom(handler, handler.getArgument('room', lobby)) }
}

/** @throws {HTTPError} 404 for what is no room, 503 when there are too many. */
export function findRoom(handler: RequestHandler<ChatSettings>, text: string): Room {
  const name = roomName(text)
  if (name === null) throw new HTTPError(404)
  const room = handler.settings.chat.rooms.get(name)
  if (room === null) throw new HTTPError(503)
  return room
}

/** A whole number of an argument; `fallback` when it is absent or none. */
export function numberArgument<Fallback>(
  handler: RequestHandler<ChatSettings>,
  name: string,
  fallback: Fallback,
): number | Fallback {
  const text = handler.getArgument(name, '')
  return /^\d{1,16}$/.test(text) ? Number(text) : fallback
}

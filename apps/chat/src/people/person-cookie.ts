import type { RequestHandler } from '@tornado-ts/web'
import { personFromText, personToText, type Person } from './person.ts'

/** What of a handler is needed, of whichever kind it is. */
type Handler = Pick<RequestHandler, 'clearCookie' | 'getSignedCookie' | 'request' | 'setSignedCookie'>

const cookieName = 'chat_person'

/** Who makes a request, by their signed cookie; `null` for somebody unknown. */
export function readPerson(handler: Handler): Person | null {
  const value = handler.getSignedCookie(cookieName, { maxAgeDays: 90 })
  return value === null ? null : personFromText(value.toString())
}

/** Has the browser remember who uses it. */
export function keepPerson(handler: Handler, person: Person): void {
  handler.setSignedCookie(cookieName, personToText(person), {
    expiresDays: 90,
    httpOnly: true,
    sameSite: 'Lax',
    secure: handler.request.protocol === 'https',
  })
}

export function forgetPerson(handler: Handler): void {
  handler.clearCookie(cookieName)
}

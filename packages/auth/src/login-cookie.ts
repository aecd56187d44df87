import type { RequestHandler } from '@tornado-ts/web'

/** How long a login may take. */
const maxAgeMs = 10 * 60 * 1000

/** Keeps what a login needs when the user comes back, in a signed cookie of this browser alone. */
export function setLoginCookie(handler: RequestHandler, name: string, value: string): void {
  handler.setSignedCookie(name, value, {
    expiresDays: null,
    maxAgeMs,
    ...loginCookieOptions(handler),
  })
}

/** What was kept, which is taken away; `null` when there is nothing, or it is not signed, or too old. */
export function takeLoginCookie(handler: RequestHandler, name: string): string | null {
  if (handler.getCookie(name, null) === null) return null
  const value = handler.getSignedCookie(name, { maxAgeDays: maxAgeMs / 86_400_000 })
  handler.clearCookie(name, loginCookieOptions(handler))
  return value === null ? null : value.toString()
}

/** Lax: the way back from the provider is a link from another site. */
export function loginCookieOptions(handler: RequestHandler): {
  httpOnly: true
  sameSite: 'Lax'
  secure: boolean
  path: '/'
} {
  return { httpOnly: true, sameSite: 'Lax', secure: handler.request.protocol === 'https', path: '/' }
}

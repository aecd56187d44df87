/** Who is logged in. */
export interface User {
  readonly id: string
  readonly name: string
  readonly accessToken: string
}

/** What Facebook says of a user; `null` when it lacks something. */
export function userOf({ id, name, access_token: accessToken }: Record<string, unknown>): User | null {
  if (typeof id !== 'string' || typeof name !== 'string' || typeof accessToken !== 'string') return null
  return { id, name, accessToken }
}

/** Who is logged in. */
export interface User {
  readonly id: string
  readonly name: string
  /** `null` when the user does not tell. */
  readonly email: string | null
}

/** What Google says of a user; `null` when it lacks something. */
export function userOf({ id, name, email }: Record<string, unknown>): User | null {
  if (typeof id !== 'string' || typeof name !== 'string') return null
  return { id, name, email: typeof email === 'string' ? email : null }
}

import { appLog } from '@tornado-ts/log'
import { isQuiet, type QuietExceptions } from './quiet-errors.ts'

/** Settings of {@link multi}. */
export interface MultiOptions {
  /** Errors beyond the first that are not logged. @default none */
  quietExceptions?: QuietExceptions
}

/** The results of an array or object of promises, in the same places. */
export type Results<Children> = { -readonly [Key in keyof Children]: Awaited<Children[Key]> }

/**
 * Waits for all promises of an array or object; a child may also be a plain value, and stand there twice.
 *
 * Unlike `Promise.all` it waits for every child even when one fails. It then rejects with the first error
 * by position, and logs the others.
 *
 * @example
 * const { user, rooms } = await multi({ user: loadUser(id), rooms: loadRooms() })
 *
 * Tornado: gen.multi.
 */
export async function multi<const Children extends readonly unknown[] | Readonly<Record<string, unknown>>>(
  children: Children,
  { quietExceptions = [] }: MultiOptions = {},
): Promise<Results<Children>> {
  const outcomes = await Promise.allSettled(Object.values(children))
  const [first, ...others] = outcomes.filter((outcome) => outcome.status === 'rejected')
  for (const { reason } of others) {
    if (!isQuiet(reason, quietExceptions)) appLog.error('Multiple exceptions in yield list', reason)
  }
  if (first !== undefined) throw first.reason

  const results = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : undefined))
  const collected = Array.isArray(children)
    ? results
    : Object.fromEntries(Object.keys(children).map((key, index) => [key, results[index]]))
  return collected as Results<Children>
}

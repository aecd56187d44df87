import { randomBytes } from 'node:crypto'

/** Somebody who talks. */
export interface Person {
  /** Everybody sees it; it tells people of the same name apart. */
  readonly id: string
  readonly name: string
}

/** Most characters of a name. */
export const maxNameLength = 30

/** Somebody new. */
export function newPerson(name: string): Person {
  return { id: randomBytes(6).toString('base64url'), name }
}

/**
 * A name as it is shown: on one line, without what cannot be seen or turns the direction of text. `null` when nothing is left or it
 * is too long.
 */
export function cleanName(text: string): string | null {
  const name = text
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
  return name === '' || Array.from(name).length > maxNameLength ? null : name
}

/** What the cookie holds of a person. */
export function personToText({ id, name }: Person): string {
  return JSON.stringify([id, name])
}

/** The person of a cookie; `null` when it holds none. */
export function personFromText(text: string): Person | null {
  try {
    const [id, name] = JSON.parse(text) as [unknown, unknown]
    return typeof id === 'string' && typeof name === 'string' ? { id, name } : null
  } catch {
    return null
  }
}

/** A function whose calls hold messages, and at which places. */
export interface Keyword {
  readonly name: string
  /** Place of the message among the arguments, from 0. */
  readonly message: number
  /** Place of the plural message. */
  readonly plural: number | null
  /** Place of the context. */
  readonly context: number | null
}

/**
 * A keyword as `xgettext` has it: `name`, or `name:1,2` (message and plural), or `name:1c,2,3` (context before them).
 *
 * @throws {RangeError} For another form.
 */
export function parseKeyword(text: string): Keyword {
  const [, name, places = '1'] = /^([A-Za-z_$][\w$]*)(?::(\d+c?(?:,\d+c?){0,2}))?$/.exec(text) ?? []
  const contexts = places.split(',').filter((place) => place.endsWith('c'))
  const messages = places.split(',').filter((place) => !place.endsWith('c'))
  const [message, plural] = messages.map(Number)
  const all = [...contexts, ...messages].map((place) => Number.parseInt(place, 10))
  const isWrong =
    contexts.length > 1 || messages.length > 2 || new Set(all).size < all.length || all.includes(0)
  if (name === undefined || message === undefined || isWrong) {
    throw new RangeError(
      `Cannot read the keyword ${JSON.stringify(text)}: write name, name:1,2 or name:1c,2,3`,
    )
  }
  return {
    name,
    message: message - 1,
    plural: plural === undefined ? null : plural - 1,
    context: contexts[0] === undefined ? null : Number.parseInt(contexts[0], 10) - 1,
  }
}

import type { ExtractedMessage } from './extract-messages.ts'

/** Where a message stands. */
export interface SourcePlace {
  readonly file: string
  readonly line: number
}

/** A message with all its places. */
export interface MessageTemplate {
  readonly message: string
  readonly plural: string | null
  readonly context: string | null
  readonly comments: readonly string[]
  readonly places: readonly SourcePlace[]
}

/**
 * The messages of many files, each once, in the order in which they come. One that is used with and without a plural
 * has the plural; one with two different plurals is told to `onConflict` and keeps the first.
 */
export function mergeMessages(
  files: readonly { readonly file: string; readonly messages: readonly ExtractedMessage[] }[],
  onConflict: (place: SourcePlace, message: ExtractedMessage) => void = () => {},
): MessageTemplate[] {
  const merged = new Map<string, { first: ExtractedMessage; plural: string | null } & Lists>()
  for (const { file, messages } of files) {
    for (const found of messages) {
      const key = JSON.stringify([found.context, found.message])
      let entry = merged.get(key)
      if (entry === undefined) {
        entry = { first: found, plural: null, comments: new Set(), places: [] }
        merged.set(key, entry)
      }
      const place = { file, line: found.line }
      if (found.plural !== null && found.plural !== (entry.plural ?? found.plural)) onConflict(place, found)
      entry.plural ??= found.plural
      if (found.comment !== null) entry.comments.add(found.comment)
      entry.places.push(place)
    }
  }
  return Array.from(merged.values(), ({ first, plural, comments, places }) => {
    return { message: first.message, plural, context: first.context, comments: [...comments], places }
  })
}

interface Lists {
  comments: Set<string>
  places: SourcePlace[]
}

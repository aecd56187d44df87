/** A message as the store keeps it and as pages get it. */
export interface Message {
  /** Grows from message to message of a room, also over a restart. What pages name as their cursor. */
  readonly id: number
  /** The author's own name for it: sent twice, it is one message. */
  readonly nonce: string
  /** Who wrote it. */
  readonly person: string
  readonly name: string
  readonly text: string
  /** When the server took it, in milliseconds since 1970. */
  readonly at: number
}

/** Most characters of a message. */
export const maxTextLength = 2000

/**
 * The text as it is kept: line ends are `\n`, other control characters are gone, and so is white space around it.
 * `null` when nothing is left or it is too long.
 */
export function cleanText(text: string): string | null {
  const clean = text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t]/gu, '')
    .replaceAll(/\n{4,}/g, '\n\n\n')
    .trim()
  return clean === '' || clean.length > maxTextLength ? null : clean
}

/** Whether it can be a {@link Message.nonce}. */
export function isNonce(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]{8,64}$/.test(text)
}

/** An id beyond `last` that also is beyond those of another run, whose last one is not known any more. */
export function nextId(last: number): number {
  return Math.max(last + 1, Date.now())
}

import { negotiateEncoding } from '@tornado-ts/httputil'

/** Endings of the names of files that hold another file's content compressed, the smallest first. */
export type SiblingEnding = 'zst' | 'br' | 'gz'

/** The content coding of each. */
export const codingOfEnding: Readonly<Record<SiblingEnding, string>> = { zst: 'zstd', br: 'br', gz: 'gzip' }

/** The endings that a rule's argument `precompressed` stands for. @throws {TypeError} For any that is not known. */
export function siblingEndings(precompressed: boolean | readonly SiblingEnding[]): readonly SiblingEnding[] {
  if (typeof precompressed === 'boolean') return precompressed ? ['zst', 'br', 'gz'] : []
  const unknown = precompressed.find((ending) => !Object.hasOwn(codingOfEnding, ending))
  if (unknown !== undefined) throw new TypeError(`No content coding is known for files .${unknown as string}`)
  return precompressed
}

/**
 * The endings of the siblings that may be sent, the most wanted first; those that the client wants less than the file as it is are
 * not among them. Of those it wants alike, the order of `endings` decides.
 *
 * @param header The request's `Accept-Encoding`.
 */
export function acceptableSiblings(
  header: string | undefined,
  endings: readonly SiblingEnding[],
): SiblingEnding[] {
  const accepted: SiblingEnding[] = []
  if (header === undefined) return accepted
  const left = [...endings]
  while (left.length > 0) {
    const coding = negotiateEncoding(
      header,
      left.map((ending) => codingOfEnding[ending]),
    )
    const index = left.findIndex((ending) => codingOfEnding[ending] === coding)
    if (index === -1) break
    accepted.push(...left.splice(index, 1))
  }
  return accepted
}

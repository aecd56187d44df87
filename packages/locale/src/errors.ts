/**
 * A file of translations cannot be read: damaged, in another encoding, or not of this format.
 * `cause` is what the decoder or the parser of its plural forms said, where one did.
 */
export class TranslationFileError extends Error {
  override readonly name = 'TranslationFileError'
  /** What is wrong, without the place. */
  readonly reason: string
  /** Path of the file; `null` if only its contents were given. */
  readonly file: string | null
  /** Number of the line, from 1; `null` where there are no lines. */
  readonly line: number | null

  constructor(
    reason: string,
    {
      file = null,
      line = null,
      ...options
    }: ErrorOptions & { file?: string | null; line?: number | null } = {},
  ) {
    const place = [file ?? [], line === null ? [] : `line ${line}`].flat().join(' ')
    super(place === '' ? reason : `${place}: ${reason}`, options)
    this.reason = reason
    this.file = file
    this.line = line
  }
}

/** Runs a parser, and names the file in what it throws. */
export function inFile<T>(file: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (!(error instanceof TranslationFileError)) throw error
    const { reason, line, cause } = error
    throw new TranslationFileError(reason, cause === undefined ? { file, line } : { file, line, cause })
  }
}

/** A Plural-Forms header is none. */
export class PluralFormsError extends Error {
  override readonly name = 'PluralFormsError'
}

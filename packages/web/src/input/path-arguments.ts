/** Positional groups of a path; `null` for one that took no part. */
export type PathArgs = readonly (string | null)[]
/** Named groups of a path. */
export type PathKwargs = Readonly<Record<string, string | null>>

/** Whoever decodes arguments. */
interface Decoder {
  decodeArgument(value: string, name?: string): string
}

export function decodePathArgs(decoder: Decoder, pathArgs: PathArgs): PathArgs {
  return pathArgs.map((value) => (value === null ? null : decoder.decodeArgument(value)))
}

export function decodePathKwargs(decoder: Decoder, pathKwargs: PathKwargs): PathKwargs {
  const decoded = Object.entries(pathKwargs).map(
    ([name, value]) => [name, value === null ? null : decoder.decodeArgument(value, name)] as const,
  )
  return Object.fromEntries(decoded)
}

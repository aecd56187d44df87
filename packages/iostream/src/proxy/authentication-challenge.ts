/** One challenge of a `WWW-Authenticate` or `Proxy-Authenticate` field. */
export interface AuthenticationChallenge {
  /** In lower case. */
  readonly scheme: string
  /** By names in lower case; the first of each counts. Of a token68 there are none. */
  readonly parameters: ReadonlyMap<string, string>
}

/** The challenges of a field value (RFC 9110 §11.6.1). What is malformed ends the list. Linear in the length. */
export function parseChallenges(field: string): AuthenticationChallenge[] {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = []
  let at = 0
  while (at < field.length) {
    part.lastIndex = at
    const match = part.exec(field)
    if (match === null) break
    at = part.lastIndex
    const [, name, value, scheme] = match
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() })
    else if (name !== undefined) {
      const parameters = challenges.at(-1)?.parameters
      const key = name.toLowerCase()
      if (parameters !== undefined && !parameters.has(key)) parameters.set(key, unquote(value!))
    }
  }
  return challenges
}

/** A parameter, a scheme (with a token68, perhaps), or the commas between. */
const part =
  /[ \t,]+|([!#$%&'*+\-.^_`|~\w]+)[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|[!#$%&'*+\-.^_`|~\w]+)(?=[ \t]*(?:,|$))|([!#$%&'*+\-.^_`|~\w]+)(?: +[\w\-.~+/]+=*(?=[ \t]*(?:,|$)))?/y

function unquote(value: string): string {
  return value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
}

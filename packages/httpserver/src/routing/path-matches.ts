import type { HTTPServerRequest } from '@tornado-ts/httputil'
import { anchorPattern, nothingCut, warnOfBacktracking, type Matcher, type MatchResult } from './matcher.ts'

/**
 * Matches requests by their path, percent-encoded as it was received and without the query.
 *
 * A pattern given as text must match the whole path, a `RegExp` its beginning.
 * Groups are all named, `(?<name>…)` or `(?P<name>…)`, or all positional; their text is percent-decoded for the target.
 * A pattern that a long path can make slow to match is reported to `appLog`.
 * Tornado: routing.PathMatches.
 */
export class PathMatches implements Matcher {
  readonly regex: RegExp
  /** The text that every matching path begins with. */
  readonly literalPrefix: string
  /** Whether a path matches only by being {@link literalPrefix}. */
  readonly isLiteral: boolean

  readonly #groupCount: number
  readonly #groupNames: readonly string[]
  readonly #reverseParts: readonly string[] | null

  /** @throws {TypeError} When named and positional groups are mixed. */
  constructor(pathPattern: string | RegExp) {
    this.regex = anchorPattern(pathPattern)
    const groups = new RegExp(`${this.regex.source}|`, this.regex.flags).exec('')!
    this.#groupCount = groups.length - 1
    this.#groupNames = Object.keys(groups.groups ?? {})
    if (this.#groupNames.length > 0 && this.#groupNames.length !== this.#groupCount) {
      throw new TypeError(`Groups must be all named or all positional: ${this.regex.source}`)
    }
    const source = typeof pathPattern === 'string' ? pathPattern : pathPattern.source
    const literal = readLiteral(source)
    const sensitive = !this.regex.ignoreCase
    this.literalPrefix = sensitive ? literal.prefix : ''
    this.isLiteral = sensitive && typeof pathPattern === 'string' && literal.whole
    this.#reverseParts = splitAtGroups(source, this.#groupCount)
    if (!this.isLiteral) warnOfBacktracking(this.regex)
  }

  match(request: HTTPServerRequest): MatchResult | null {
    const path = request.path
    if (this.isLiteral) return path === this.literalPrefix ? nothingCut : null
    const match = this.regex.exec(path)
    if (match === null) return null
    if (this.#groupCount === 0) return nothingCut
    if (this.#groupNames.length > 0) {
      const pathKwargs: Record<string, string | null> = Object.create(null)
      for (const name of this.#groupNames) pathKwargs[name] = percentDecode(match.groups![name])
      return { pathKwargs }
    }
    const pathArgs: (string | null)[] = []
    for (let i = 1; i <= this.#groupCount; i++) pathArgs.push(percentDecode(match[i]))
    return { pathArgs }
  }

  /**
   * The path that matches with these arguments in place of the groups, each as text, UTF-8 and percent-encoded.
   *
   * @throws {RangeError} When the number of arguments is not that of the groups.
   * @throws {TypeError} When the pattern is too complex to be reversed.
   */
  reverse(...args: unknown[]): string {
    if (this.#reverseParts === null) throw new TypeError(`Cannot reverse ${this.regex.source}`)
    if (args.length !== this.#groupCount) {
      throw new RangeError(`Cannot reverse: expected ${this.#groupCount} arguments, got ${args.length}`)
    }
    return this.#reverseParts.reduce((path, part, i) => path + encodePathArgument(args[i - 1]) + part)
  }
}

/** The characters a pattern begins with that stand for themselves, and whether they are all of it. */
function readLiteral(source: string): { prefix: string; whole: boolean } {
  // An alternative makes everything before it optional; finding out whether it is inside a group is not worth it.
  if (source.includes('|')) return { prefix: '', whole: false }
  let prefix = ''
  let i = source.startsWith('^') ? 1 : 0
  for (; i < source.length; i++) {
    let char = source[i]!
    if (char === '$' && i === source.length - 1) return { prefix, whole: true }
    if (char === '\\') {
      char = source[++i] ?? ''
      if (!/^[^A-Za-z0-9]$/.test(char)) return { prefix, whole: false }
    } else if ('.^$*+?()[]{}'.includes(char)) return { prefix, whole: false }
    // A quantifier may make the character before it optional.
    if ('*?{+'.includes(source[i + 1] || ' ')) return { prefix, whole: false }
    prefix += char
  }
  return { prefix, whole: true }
}

/** The texts around the groups, or `null` when they are not plain. Tornado: PathMatches._find_groups. */
function splitAtGroups(source: string, groupCount: number): string[] | null {
  const pattern = source.replace(/^\^/, '').replace(/\$$/, '')
  if (pattern.split('(').length - 1 !== groupCount) return null
  const [first, ...fragments] = pattern.split('(')
  if (fragments.some((fragment) => !fragment.includes(')'))) return null
  const parts = [first!, ...fragments.map((fragment) => fragment.slice(fragment.indexOf(')') + 1))]
  if (parts.some((part) => /\\[A-Za-z0-9]/.test(part))) return null
  return parts.map((part) => part.replace(/\\(.)/g, '$1'))
}

/** One character a byte. A `%` without two digits stands for itself. */
function percentDecode(text: string | undefined): string | null {
  if (text === undefined) return null
  if (!text.includes('%')) return text
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))
}

function encodePathArgument(value: unknown): string {
  const bytes = value instanceof Uint8Array ? Buffer.from(value) : Buffer.from(String(value))
  return bytes
    .toString('latin1')
    .replace(
      /[^A-Za-z0-9_.~/-]/g,
      (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
}

import { PathMatches } from './path-matches.ts'
import type { Rule } from './rule.ts'

/**
 * Finds the rules that may match a path without trying each pattern, in the rules' own order.
 *
 * Rules are filed under the text their pattern begins with. A path is looked up once for each length that such a text
 * has, of which there are few however many rules there are. Rules that are not by path are always candidates.
 */
export class RuleIndex<Target> {
  readonly #literal = new Map<string, Entry<Target>[]>()
  readonly #prefixed = new Map<string, Entry<Target>[]>()
  readonly #prefixLengths: readonly number[]
  readonly #always: Entry<Target>[] = []

  constructor(rules: readonly Rule<Target>[]) {
    const lengths = new Set<number>()
    for (const [position, rule] of rules.entries()) {
      const { matcher } = rule
      const entry = { position, rule }
      if (!(matcher instanceof PathMatches) || (matcher.literalPrefix === '' && !matcher.isLiteral)) {
        this.#always.push(entry)
      } else if (matcher.isLiteral) file(this.#literal, matcher.literalPrefix, entry)
      else {
        lengths.add(matcher.literalPrefix.length)
        file(this.#prefixed, matcher.literalPrefix, entry)
      }
    }
    this.#prefixLengths = [...lengths].sort((a, b) => a - b)
  }

  /** The candidates for a path, first rule first. */
  candidates(path: string): readonly Entry<Target>[] {
    let found = this.#always
    const literal = this.#literal.get(path)
    if (literal !== undefined) found = found.length === 0 ? literal : merge(found, literal)
    for (const length of this.#prefixLengths) {
      if (length > path.length) break
      const prefixed = this.#prefixed.get(path.slice(0, length))
      if (prefixed !== undefined) found = found.length === 0 ? prefixed : merge(found, prefixed)
    }
    return found
  }
}

interface Entry<Target> {
  readonly position: number
  readonly rule: Rule<Target>
}

function file<Target>(into: Map<string, Entry<Target>[]>, key: string, entry: Entry<Target>): void {
  const entries = into.get(key)
  if (entries === undefined) into.set(key, [entry])
  else entries.push(entry)
}

function merge<Target>(a: readonly Entry<Target>[], b: readonly Entry<Target>[]): Entry<Target>[] {
  return [...a, ...b].sort((one, other) => one.position - other.position)
}

import { PathMatches } from './path-matches.ts'
import type { Rule } from './rule.ts'

/**
 * Finds the rules that may match a path without trying each pattern, in the rules' own order.
 *
 * Rules are filed under the text their pattern begins with. A path is looked up once for each length that such a text
 * has, of which there are few however many rules there are. Rules that are not by path are always candidates.
 */
export class RuleIndex {
  readonly #rules: readonly Rule[]
  readonly #literal = new Map<string, number[]>()
  readonly #prefixed = new Map<string, number[]>()
  readonly #prefixLengths: readonly number[]
  readonly #always: number[] = []

  constructor(rules: readonly Rule[]) {
    this.#rules = rules
    const lengths = new Set<number>()
    for (const [position, { matcher }] of rules.entries()) {
      if (!(matcher instanceof PathMatches) || (matcher.literalPrefix === '' && !matcher.isLiteral)) {
        this.#always.push(position)
      } else if (matcher.isLiteral) file(this.#literal, matcher.literalPrefix, position)
      else {
        lengths.add(matcher.literalPrefix.length)
        file(this.#prefixed, matcher.literalPrefix, position)
      }
    }
    this.#prefixLengths = [...lengths].sort((a, b) => a - b)
  }

  /** The candidates for a path, first rule first. */
  candidates(path: string): readonly Rule[] {
    let found = this.#literal.get(path) ?? none
    let sorted = true
    for (const length of this.#prefixLengths) {
      if (length > path.length) break
      const positions = this.#prefixed.get(path.slice(0, length))
      if (positions === undefined) continue
      sorted = found === none
      found = found === none ? positions : [...found, ...positions]
    }
    if (this.#always.length > 0) {
      sorted &&= found === none
      found = found === none ? this.#always : [...found, ...this.#always]
    }
    if (found.length === 1) return [this.#rules[found[0]!]!]
    const ordered = sorted ? found : [...found].sort((a, b) => a - b)
    return ordered.map((position) => this.#rules[position]!)
  }
}

const none: readonly number[] = []

function file(into: Map<string, number[]>, key: string, position: number): void {
  const positions = into.get(key)
  if (positions === undefined) into.set(key, [position])
  else positions.push(position)
}

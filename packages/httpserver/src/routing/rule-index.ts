import { PathMatches } from './path-matches.ts'
import type { Rule } from './rule.ts'

/**
 * Finds the rules that may match a path without trying each pattern, in the rules' own order.
 *
 * Rules are filed under the text their pattern begins with. A path is looked up once for each length that such a text
 * has, of which there are few however many rules there are. Rules that are not by path are always candidates.
 */
export class RuleIndex<Target> {
  readonly #literal = new Map<string, Group<Target>>()
  readonly #prefixed = new Map<string, Group<Target>>()
  /** The longest first. */
  readonly #prefixLengths: readonly number[]
  readonly #always: readonly Rule<Target>[]
  readonly #alwaysEntries: Entry<Target>[] = []
  #keptCount = 0

  constructor(rules: readonly Rule<Target>[]) {
    const lengths = new Set<number>()
    for (const [position, rule] of rules.entries()) {
      const { matcher } = rule
      const entry = { position, rule }
      if (!(matcher instanceof PathMatches) || (matcher.literalPrefix === '' && !matcher.isLiteral)) {
        this.#alwaysEntries.push(entry)
      } else if (matcher.isLiteral) file(this.#literal, matcher.literalPrefix, entry)
      else {
        lengths.add(matcher.literalPrefix.length)
        file(this.#prefixed, matcher.literalPrefix, entry)
      }
    }
    this.#prefixLengths = [...lengths].sort((a, b) => b - a)
    this.#always = this.#alwaysEntries.map(({ rule }) => rule)
  }

  /** The candidates for a path, first rule first. */
  candidates(path: string): readonly Rule<Target>[] {
    const literal = this.#literal.get(path)
    if (literal !== undefined) return literal.candidates ?? this.#collect(literal)
    for (const length of this.#prefixLengths) {
      if (length > path.length) continue
      const prefixed = this.#prefixed.get(path.slice(0, length))
      if (prefixed !== undefined) return prefixed.candidates ?? this.#collect(prefixed)
    }
    return this.#always
  }

  /** The rules that come in question once `group` does: those filed under a beginning of its text do too. */
  #collect(group: Group<Target>): readonly Rule<Target>[] {
    const entries = [...this.#alwaysEntries]
    if (this.#literal.get(group.text) === group) entries.push(...group.entries)
    for (const length of this.#prefixLengths) {
      if (length > group.text.length) continue
      const shorter = this.#prefixed.get(group.text.slice(0, length))
      if (shorter !== undefined) entries.push(...shorter.entries)
    }
    const candidates = entries.sort((one, other) => one.position - other.position).map(({ rule }) => rule)
    this.#keptCount += candidates.length
    if (this.#keptCount <= maxKeptCount) group.candidates = candidates
    return candidates
  }
}

/** Bounds the memory when very many texts meet very many rules that are candidates for each. */
const maxKeptCount = 1_000_000

interface Entry<Target> {
  readonly position: number
  readonly rule: Rule<Target>
}

/** The rules filed under a text, and what was collected for it. */
interface Group<Target> {
  readonly text: string
  readonly entries: Entry<Target>[]
  candidates: readonly Rule<Target>[] | null
}

function file<Target>(into: Map<string, Group<Target>>, text: string, entry: Entry<Target>): void {
  const group = into.get(text)
  if (group === undefined) into.set(text, { text, entries: [entry], candidates: null })
  else group.entries.push(entry)
}

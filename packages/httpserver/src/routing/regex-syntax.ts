import { CharSet } from './char-set.ts'

/** The parts of a regular expression that matter to how it backtracks. */
export type RegexNode =
  | { readonly kind: 'char'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'either'; readonly branches: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly body: RegexNode; readonly min: number; readonly max: number }

/**
 * Reads a pattern that `RegExp` has accepted. Assertions and back-references count as empty.
 *
 * @returns `null` for what it does not know, such as the set notation of the flag `v`.
 */
export function parseRegex({ source, flags }: RegExp): RegexNode | null {
  if (flags.includes('v')) return null
  return new RegexReader(source, flags.includes('i')).read()
}

const nothing: RegexNode = { kind: 'sequence', items: [] }

class RegexReader {
  readonly #source: string
  readonly #ignoreCase: boolean
  #at = 0

  constructor(source: string, ignoreCase: boolean) {
    this.#source = source
    this.#ignoreCase = ignoreCase
  }

  read(): RegexNode | null {
    const node = this.#either()
    return this.#at === this.#source.length ? node : null
  }

  #either(): RegexNode {
    const branches = [this.#sequence()]
    while (this.#take('|')) branches.push(this.#sequence())
    return branches.length === 1 ? branches[0]! : { kind: 'either', branches }
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = []
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at]!)) {
      items.push(this.#quantified(this.#atom()))
    }
    return { kind: 'sequence', items }
  }

  #quantified(body: RegexNode): RegexNode {
    const quantifier = this.#match(/(?:[*+?]|\{(\d+)(,)?(\d*)\})\??/y)
    if (quantifier === null) return body
    const [text, min, comma, max] = quantifier
    if (min === undefined) {
      return { kind: 'repeat', body, min: text[0] === '+' ? 1 : 0, max: text[0] === '?' ? 1 : Infinity }
    }
    const atMost = comma === undefined ? Number(min) : max === '' ? Infinity : Number(max)
    return { kind: 'repeat', body, min: Number(min), max: atMost }
  }

  #atom(): RegexNode {
    if (this.#take('(')) return this.#group()
    if (this.#take('[')) return { kind: 'char', set: this.#class() }
    const char = this.#source[this.#at]!
    if (char === '\\') {
      if (this.#match(/\\(?:[bB]|[1-9][0-9]*|k<[^>]*>)/y) !== null) return nothing
      return { kind: 'char', set: this.#escape() }
    }
    this.#at++
    if (char === '^' || char === '$') return nothing
    return { kind: 'char', set: char === '.' ? CharSet.dot : this.#literal(char) }
  }

  #group(): RegexNode {
    const lead = this.#match(/\?(?:<?[=!]|<[^>]*>|[a-z-]*:)/y)?.[0] ?? ''
    const body = this.#either()
    this.#take(')')
    const looksAround = /[=!]$/.test(lead)
    return looksAround ? nothing : body
  }

  #class(): CharSet {
    const negated = this.#take('^')
    let set = CharSet.none
    while (this.#at < this.#source.length && !this.#take(']')) {
      const range = this.#match(/([^\\\]])-([^\\\]])/y)
      if (range !== null) set = set.or(this.#range(range[1]!, range[2]!))
      else if (this.#source[this.#at] === '\\') set = set.or(this.#escape())
      else set = set.or(this.#literal(this.#source[this.#at++]!))
    }
    return negated ? set.not() : set
  }

  #escape(): CharSet {
    const code = this.#match(/\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]+)\})/y)
    if (code !== null)
      return this.#literal(String.fromCodePoint(parseInt(code[1] ?? code[2] ?? code[3]!, 16)))
    // Which characters have a property is not worth a table: none means no alarm.
    if (this.#match(/\\[pP]\{[^}]*\}/y) !== null) return CharSet.none
    const char = this.#source[this.#at + 1] ?? ''
    this.#at += 2
    const shorthand = shorthands[char.toLowerCase()]
    if (shorthand === undefined) return this.#literal(controls[char] ?? char)
    return char === char.toLowerCase() ? shorthand : shorthand.not()
  }

  #literal(char: string): CharSet {
    if (!this.#ignoreCase) return CharSet.of(char)
    return CharSet.of(char.toLowerCase()).or(CharSet.of(char.toUpperCase()))
  }

  #range(first: string, last: string): CharSet {
    const between = (char: string): boolean => char >= first && char <= last
    if (!this.#ignoreCase) return CharSet.where(between)
    return CharSet.where((char) => between(char.toLowerCase()) || between(char.toUpperCase()))
  }

  #take(char: string): boolean {
    if (this.#source[this.#at] !== char) return false
    this.#at++
    return true
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#source)
    if (match !== null) this.#at += match[0].length
    return match
  }
}

const shorthands: Readonly<Record<string, CharSet>> = {
  d: CharSet.where((char) => /\d/.test(char)),
  w: CharSet.where((char) => /\w/.test(char)),
  s: CharSet.where((char) => /\s/.test(char)),
}
const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', 0: '\0' }

import { PluralFormsError } from '../errors.ts'

/** The rule of a language's plurals. */
export interface PluralForms {
  /** How many forms there are. */
  readonly count: number
  /** Which form, from 0, is for this number. A rule that is wrong may answer more than there are. */
  readonly formOf: (count: number) => number
}

type Rule = (n: number) => number

const maxSize = 1000
const maxDepth = 50
const maxForms = 20

/** What a catalog without a rule has: one form for 1, one for all else. */
export const germanicPlurals: PluralForms = { count: 2, formOf: (n) => (n === 1 ? 0 : 1) }

/**
 * The rule that a Plural-Forms header states: `nplurals=2; plural=(n != 1);`.
 *
 * The expression is that of the C language, of numbers, `n`, and its operators on integers. It is parsed into functions;
 * nothing is evaluated as code. Division by zero gives 0.
 *
 * @throws {PluralFormsError} For another form, for text over 1,000 characters, and for deep nesting.
 */
export function compilePluralForms(header: string): PluralForms {
  if (header.length > maxSize) throw new PluralFormsError(`Plural-Forms is over ${maxSize} characters`)
  const count = Number(/\bnplurals\s*=\s*(\d+)\s*(?:;|$)/.exec(header)?.[1] ?? 0)
  const expression = /\bplural\s*=([^;]*)/.exec(header)?.[1]
  if (expression === undefined || count < 1 || count > maxForms) {
    throw new PluralFormsError(`Cannot read Plural-Forms ${JSON.stringify(header.slice(0, 100))}`)
  }
  const rule = new PluralParser(expression).parse()
  return { count, formOf: (n) => rule(Number.isInteger(n) ? n : Math.round(n)) }
}

const symbol = /\s*(?:(\d{1,15})(?!\d)|(\|\||&&|==|!=|<=|>=|[-+*/%<>!?:()]|n(?!\w)))/y

/** Operators by how strongly they bind, weakest first. */
const levels: readonly Readonly<Record<string, (a: number, b: number) => number>>[] = [
  { '==': (a, b) => Number(a === b), '!=': (a, b) => Number(a !== b) },
  {
    '<': (a, b) => Number(a < b),
    '>': (a, b) => Number(a > b),
    '<=': (a, b) => Number(a <= b),
    '>=': (a, b) => Number(a >= b),
  },
  { '+': (a, b) => a + b, '-': (a, b) => a - b },
  {
    '*': (a, b) => a * b,
    '/': (a, b) => (b === 0 ? 0 : Math.floor(a / b)),
    // The sign is that of the divisor, as in Python: counts below zero choose what they choose there.
    '%': (a, b) => (b === 0 ? 0 : a - b * Math.floor(a / b)),
  },
]

class PluralParser {
  readonly #text: string
  readonly #symbols: string[]
  #position = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text.trim()
    this.#symbols = this.#split()
  }

  parse(): Rule {
    const rule = this.#choice()
    if (this.#position < this.#symbols.length) throw this.#error()
    return rule
  }

  #split(): string[] {
    const symbols: string[] = []
    for (let index = 0; index < this.#text.length; index = symbol.lastIndex) {
      symbol.lastIndex = index
      const match = symbol.exec(this.#text)
      if (match === null) throw this.#error()
      symbols.push(match[1] ?? match[2] ?? '')
    }
    return symbols
  }

  /** `a ? b : c`, which nests to the right. */
  #choice(): Rule {
    if (++this.#depth > maxDepth)
      throw new PluralFormsError(`The plural expression nests over ${maxDepth} deep`)
    const condition = this.#or()
    let rule = condition
    if (this.#take('?')) {
      const yes = this.#choice()
      if (!this.#take(':')) throw this.#error()
      const no = this.#choice()
      rule = (n) => (condition(n) === 0 ? no(n) : yes(n))
    }
    this.#depth--
    return rule
  }

  #or(): Rule {
    let left = this.#and()
    while (this.#take('||')) {
      const [a, b] = [left, this.#and()]
      left = (n) => Number(a(n) !== 0 || b(n) !== 0)
    }
    return left
  }

  #and(): Rule {
    let left = this.#binary(0)
    while (this.#take('&&')) {
      const [a, b] = [left, this.#binary(0)]
      left = (n) => Number(a(n) !== 0 && b(n) !== 0)
    }
    return left
  }

  #binary(level: number): Rule {
    const operators = levels[level]
    if (operators === undefined) return this.#operand()
    let left = this.#binary(level + 1)
    for (;;) {
      const next = this.#symbols[this.#position] ?? ''
      const operate = Object.hasOwn(operators, next) ? operators[next] : undefined
      if (operate === undefined) return left
      this.#position++
      const [a, b] = [left, this.#binary(level + 1)]
      left = (n) => operate(a(n), b(n))
    }
  }

  #operand(): Rule {
    let isNegated = false
    let negations = 0
    for (; this.#take('!'); negations++) isNegated = !isNegated
    const operand = this.#primary()
    if (negations === 0) return operand
    return isNegated ? (n) => Number(operand(n) === 0) : (n) => Number(operand(n) !== 0)
  }

  #primary(): Rule {
    if (this.#take('n')) return (n) => n
    if (this.#take('(')) {
      const rule = this.#choice()
      if (!this.#take(')')) throw this.#error()
      return rule
    }
    const next = this.#symbols[this.#position] ?? ''
    if (!/^\d/.test(next)) throw this.#error()
    this.#position++
    const constant = Number(next)
    return () => constant
  }

  #take(wanted: string): boolean {
    if (this.#symbols[this.#position] !== wanted) return false
    this.#position++
    return true
  }

  #error(): PluralFormsError {
    return new PluralFormsError(
      `Cannot parse the plural expression ${JSON.stringify(this.#text.slice(0, 100))}`,
    )
  }
}

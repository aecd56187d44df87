/** What is wrong with a file of Python literals, and where. */
export class PythonLiteralError extends Error {
  override readonly name = 'PythonLiteralError'
  readonly line: number

  constructor(reason: string, line: number) {
    super(`line ${line}: ${reason}`)
    this.line = line
  }
}

const maxDepth = 50
const nameToken = /[\p{L}_][\p{L}\p{N}_]*/uy
const numberToken =
  /[-+]?(?:0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][-+]?\d+)?)(?![\p{L}\p{N}_.])/uy
const stringStart = /([rRuUbB]{0,2})('''|"""|'|")/y
const blank = /(?:[ \t\f]|\\\r?\n|#[^\n]*)+/y
const blankLines = /(?:[\s\\]|#[^\n]*)+/y
const constants: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['True', true],
  ['False', false],
  ['None', null],
])

/**
 * The assignments of literal values in a configuration file of Python Tornado: text, numbers, `True`, `False`, `None`,
 * lists, tuples (which become lists), dictionaries, names assigned above, and those of `names`. The file is read,
 * never run: whatever else it holds is an error.
 *
 * @throws {PythonLiteralError}
 */
export function readPythonLiterals(
  text: string,
  names: Readonly<Record<string, unknown>> = {},
): ReadonlyMap<string, unknown> {
  return new LiteralReader(text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n'), names).run()
}

class LiteralReader {
  readonly #text: string
  readonly #values: Map<string, unknown>
  readonly #given: ReadonlySet<string>
  #index = 0
  #depth = 0

  constructor(text: string, names: Readonly<Record<string, unknown>>) {
    this.#text = text
    this.#values = new Map(Object.entries(names))
    this.#given = new Set(this.#values.keys())
  }

  run(): ReadonlyMap<string, unknown> {
    for (this.#skip(blankLines); this.#index < this.#text.length; this.#skip(blankLines))
      this.#readStatement()
    for (const name of this.#given) this.#values.delete(name)
    return this.#values
  }

  #readStatement(): void {
    // Text alone is how such files are described.
    if (this.#peekString()) {
      this.#readValue()
    } else {
      const start = this.#index
      const name = this.#take(nameToken)
      this.#skip(blank)
      if (name === null || this.#text[this.#index] !== '=' || this.#text[this.#index + 1] === '=') {
        this.#index = start
        throw this.#error()
      }
      this.#index++
      this.#skip(blank)
      this.#values.set(name, this.#readTuple())
    }
    this.#skip(blank)
    const end = this.#text[this.#index]
    if (end !== undefined && end !== '\n' && end !== ';') throw this.#error()
    this.#index++
  }

  /** A value, or several with commas between. */
  #readTuple(): unknown {
    const first = this.#readValue()
    this.#skip(blank)
    if (this.#text[this.#index] !== ',') return first
    const items = [first]
    while (this.#accept(',', blank)) {
      const next = this.#text[this.#index]
      if (next === undefined || next === '\n' || next === ';') break
      items.push(this.#readValue())
      this.#skip(blank)
    }
    return items
  }

  #readValue(): unknown {
    if (this.#peekString()) return this.#readStrings()
    const number = this.#take(numberToken)
    if (number !== null) return parseNumber(number)
    const opening = this.#text[this.#index]
    if (opening === '[' || opening === '(' || opening === '{') {
      if (++this.#depth > maxDepth) throw this.#error(`Values nest over ${maxDepth} deep`)
      this.#index++
      this.#skip(blankLines)
      const value = opening === '{' ? this.#readDictionary() : this.#readItems(opening === '[' ? ']' : ')')
      this.#depth--
      return value
    }
    const start = this.#index
    const name = this.#take(nameToken)
    if (name !== null && constants.has(name)) return constants.get(name)
    if (name !== null && this.#values.has(name)) return this.#values.get(name)
    this.#index = start
    throw this.#error()
  }

  #readItems(closing: string): unknown {
    const items: unknown[] = []
    let hasComma = false
    while (!this.#accept(closing, null)) {
      if (items.length > 0 && !hasComma) throw this.#error()
      items.push(this.#readValue())
      this.#skip(blankLines)
      hasComma = this.#accept(',', blankLines)
    }
    // Parentheses around one value are no tuple.
    return closing === ')' && items.length === 1 && !hasComma ? items[0] : items
  }

  #readDictionary(): unknown {
    const table: Record<string, unknown> = Object.create(null)
    let hasComma = true
    while (!this.#accept('}', null)) {
      if (!hasComma) throw this.#error()
      const key = this.#readValue()
      this.#skip(blankLines)
      if (!this.#accept(':', blankLines)) throw this.#error()
      table[String(key)] = this.#readValue()
      this.#skip(blankLines)
      hasComma = this.#accept(',', blankLines)
    }
    return table
  }

  /** Strings that follow each other are one; between brackets, also on several lines. */
  #readStrings(): string {
    let text = ''
    do {
      text += this.#readString()
      this.#skip(this.#depth > 0 ? blankLines : blank)
    } while (this.#peekString())
    return text
  }

  #readString(): string {
    stringStart.lastIndex = this.#index
    const [start = '', prefix = '', quote = ''] = stringStart.exec(this.#text) ?? []
    if (/b/i.test(prefix)) throw this.#error('Bytes are no value of an option')
    const begin = this.#index + start.length
    for (let index = begin; index < this.#text.length; index++) {
      const character = this.#text[index]
      if (character === '\n' && quote.length === 1) break
      if (character === '\\') index++
      else if (this.#text.startsWith(quote, index)) {
        const body = this.#text.slice(begin, index)
        this.#index = index + quote.length
        return /r/i.test(prefix) ? body : unescape(body)
      }
    }
    throw this.#error('Text without its closing quote')
  }

  #peekString(): boolean {
    stringStart.lastIndex = this.#index
    return stringStart.test(this.#text)
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#index
    const found = pattern.exec(this.#text)?.[0] ?? null
    this.#index += found?.length ?? 0
    return found
  }

  #skip(pattern: RegExp): void {
    this.#take(pattern)
  }

  #accept(character: string, space: RegExp | null): boolean {
    if (this.#text[this.#index] !== character) return false
    this.#index++
    if (space !== null) this.#skip(space)
    return true
  }

  #error(reason?: string): PythonLiteralError {
    const before = this.#text.slice(0, this.#index)
    const line = before.split('\n').length
    const rest = this.#text.slice(this.#index, this.#index + 40).split('\n')[0] ?? ''
    const found = rest === '' ? 'the end of the line' : JSON.stringify(rest)
    return new PythonLiteralError(reason ?? `Expected a name and a literal value, found ${found}`, line)
  }
}

function parseNumber(text: string): number {
  const digits = text.replaceAll('_', '')
  const sign = digits.startsWith('-') ? -1 : 1
  return sign * Number(digits.replace(/^[-+]/, ''))
}

const escape = /\\(?:\n|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{1,3})|([abfnrtv\\'"]))/g
const controls: ReadonlyMap<string, string> = new Map([
  ['a', '\u0007'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
])

/** Escapes that Python does not know stay as they are, as they do there. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(
    escape,
    (whole, two?: string, four?: string, eight?: string, octal?: string, letter?: string) => {
      if (letter !== undefined) return controls.get(letter) ?? letter
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8))
      const hex = two ?? four ?? eight
      if (hex === undefined) return ''
      const code = Number.parseInt(hex, 16)
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole
    },
  )
}

/** A piece of JavaScript or TypeScript. Space is left out. */
export interface ScriptToken {
  /** `dynamic` is a template literal with values in it, which follow it between parentheses. */
  readonly kind: 'comment' | 'dynamic' | 'name' | 'number' | 'punctuator' | 'regex' | 'string'
  /** The text of a string or a comment without its marks, the source of others. */
  readonly text: string
  /** Number of its line, from 1. */
  readonly line: number
  /** Number of the line on which it ends. */
  readonly endLine: number
}

const space = /\s+/y
const name = /[\p{ID_Start}$_#][\p{ID_Continue}$\u200c\u200d]*/uy
const number = /\.?\d[\w.]*/y
const lineComment = /\/\/([^\n]*)/y
const blockComment = /\/\*([^]*?)\*\//y
const quoted = /"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'/y
const regex = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
const templatePart = /(?:[^`\\$]+|\\[^]|\$(?!\{))*/y

/** Behind these, a slash begins a regular expression. */
const beforeRegex = new Set(
  'await case delete do else in instanceof new of return throw typeof void yield'.split(' '),
)

/**
 * The tokens of a script. It never fails: what is no token is a punctuator, a quote without its partner included.
 * A slash behind `)`, `]` and `}` is taken for a division.
 */
export function tokenizeScript(text: string, firstLine = 1): ScriptToken[] {
  return new Tokenizer(text, firstLine).run()
}

class Tokenizer {
  readonly #text: string
  readonly #tokens: ScriptToken[] = []
  #index = 0
  #line: number
  /** For each template literal that the place lies in: how many braces are open in its value. */
  readonly #braces: number[] = []
  #mayBeRegex = true
  #lineWithoutRegex = 0

  constructor(text: string, firstLine: number) {
    this.#text = text
    this.#line = firstLine
  }

  run(): ScriptToken[] {
    while (this.#index < this.#text.length) this.#next()
    return this.#tokens
  }

  #next(): void {
    if (this.#match(space) !== null) return
    const comment = this.#match(lineComment) ?? this.#match(blockComment)
    if (comment !== null) {
      this.#tokens.push({
        kind: 'comment',
        text: comment.groups[0] ?? '',
        line: comment.line,
        endLine: this.#line,
      })
      return
    }
    const word = this.#match(name)
    if (word !== null) {
      const isProperty = this.#tokens.at(-1)?.text === '.'
      return this.#add('name', word.whole, word.line, beforeRegex.has(word.whole) && !isProperty)
    }
    const digits = this.#match(number)
    if (digits !== null) return this.#add('number', digits.whole, digits.line, false)
    const string = this.#match(quoted)
    if (string !== null) {
      return this.#add('string', unescape(string.groups[0] ?? string.groups[1] ?? ''), string.line, false)
    }
    if (this.#mayBeRegex && this.#text[this.#index] === '/' && this.#line > this.#lineWithoutRegex) {
      const expression = this.#match(regex)
      // What looks like one and has no end would be searched to the end of the line again and again.
      if (expression === null) this.#lineWithoutRegex = this.#line
      if (expression !== null) return this.#add('regex', expression.whole, expression.line, false)
    }
    this.#readPunctuator(this.#text.charAt(this.#index))
  }

  #readPunctuator(character: string): void {
    this.#index++
    const depth = this.#braces.at(-1)
    if (character === '`') {
      this.#readTemplate(true)
    } else if (character === '}' && depth === 0) {
      this.#braces.pop()
      this.#add('punctuator', ')', this.#line, false)
      this.#readTemplate(false)
    } else {
      const change = character === '{' ? 1 : character === '}' ? -1 : 0
      if (depth !== undefined && change !== 0) this.#braces[this.#braces.length - 1] = depth + change
      this.#add('punctuator', character, this.#line, !')]}'.includes(character))
    }
  }

  /** From behind the first backtick, or from behind a value, to the next value or the last backtick. */
  #readTemplate(isStart: boolean): void {
    const part = this.#match(templatePart)
    const line = part?.line ?? this.#line
    if (this.#text.startsWith('${', this.#index)) {
      this.#index += 2
      this.#braces.push(0)
      if (isStart) this.#add('dynamic', part?.whole ?? '', line, false)
      this.#add('punctuator', '(', this.#line, true)
      return
    }
    this.#index++
    if (isStart) this.#add('string', unescape(part?.whole ?? ''), line, false)
    else this.#mayBeRegex = false
  }

  #add(kind: ScriptToken['kind'], text: string, line: number, mayBeRegex: boolean): void {
    this.#tokens.push({ kind, text, line, endLine: this.#line })
    this.#mayBeRegex = mayBeRegex
  }

  #match(pattern: RegExp): { whole: string; groups: readonly (string | undefined)[]; line: number } | null {
    pattern.lastIndex = this.#index
    const match = pattern.exec(this.#text)
    if (match === null || match[0] === '') return null
    const [whole, ...groups] = match
    const line = this.#line
    this.#index += whole.length
    for (let at = whole.indexOf('\n'); at !== -1; at = whole.indexOf('\n', at + 1)) this.#line++
    return { whole, groups, line }
  }
}

const escape = /\\(?:u\{([\da-fA-F]{1,6})\}|u([\da-fA-F]{4})|x([\da-fA-F]{2})|(\r\n|[^]))/g
const controls: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['0', '\0'],
  ['\n', ''],
  ['\r\n', ''],
])

function unescape(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(escape, (whole, braced?: string, four?: string, two?: string, letter?: string) => {
    if (letter !== undefined) return controls.get(letter) ?? letter
    const code = Number.parseInt(braced ?? four ?? two ?? '', 16)
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

import { ScriptError, type Token, type TokenKind } from './token.ts'

/** Tokens of a text, and where they end. */
export interface Tokenized {
  readonly tokens: Token[]
  readonly end: number
}

const space = /[\s\uFEFF]+/y
const name = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy
const number =
  /0[xX][\da-fA-F_]+n?|0[oO][0-7_]+n?|0[bB][01_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?n?/y
const string = /"(?:[^"\\\n\r]|\\[^])*"|'(?:[^'\\\n\r]|\\[^])*'/y
const templatePiece = /(?:[^`\\$]|\\[^]|\$(?!\{))*(?:`|\$\{)/y
const regexp = /\/(?:[^/\\[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[\p{ID_Continue}$]*/uy
const punctuator =
  />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|<<|>>|\*\*|[{}()[\];,<>+\-*/%&|^!~?:=.]/y

const nameStart = /[\w$]/
const slash = 0x2f

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' }
const wordsBeforeOperand = new Set(
  'return typeof case do else in of instanceof new void delete throw await yield'.split(' '),
)

/**
 * Splits JavaScript into tokens, from `start` to the end of the text or, if a closer such as `}}` is given, to where
 * it stands outside of all brackets, strings and comments.
 *
 * @throws {ScriptError} For brackets that do not match, what is not ended, a missing closer.
 */
export function tokenize(text: string, start = 0, closer = ''): Tokenized {
  return new Tokenizer(text, start, closer).run()
}

class Tokenizer {
  readonly #text: string
  readonly #closer: string
  readonly #tokens: Token[] = []
  /** Indexes of brackets and template pieces that are open. */
  readonly #open: number[] = []
  #position: number
  #gap: Token['gap'] = ''

  constructor(text: string, start: number, closer: string) {
    this.#text = text
    this.#position = start
    this.#closer = closer
  }

  run(): Tokenized {
    const text = this.#text
    for (;;) {
      this.#skipSpace()
      if (this.#atCloser()) break
      if (this.#position === text.length) {
        const open = this.#openToken()
        if (open !== undefined) throw new ScriptError(`${open.text} is never closed`, open.offset)
        if (this.#closer !== '') throw new ScriptError(`Missing ${this.#closer}`, this.#position)
        break
      }
      this.#next()
    }
    return { tokens: this.#tokens, end: this.#position }
  }

  #next(): void {
    const text = this.#text
    const first = text.charAt(this.#position)
    if (first === '"' || first === "'") return this.#take('string', string, 'The string is never ended')
    if (first === '`') return this.#template()
    if (first === '}' && this.#openToken()?.kind === 'template') return this.#template()
    if (/\d/.test(first) || (first === '.' && /\d/.test(text.charAt(this.#position + 1)))) {
      return this.#take('number', number)
    }
    if (first === '/' && this.#operandExpected()) {
      return this.#take('regexp', regexp, 'The regular expression is never ended')
    }
    if (nameStart.test(first) || first > '\x7f') return this.#take('name', name)
    this.#take('punctuator', punctuator)
    this.#bracket()
  }

  #take(kind: TokenKind, pattern: RegExp, complaint?: string): void {
    const offset = this.#position
    const text = this.#match(pattern)
    if (text === '') throw new ScriptError(complaint ?? unexpected(this.#text, offset), offset)
    this.#tokens.push({ kind, text, offset, gap: this.#gap, partner: -1 })
    this.#position += text.length
    this.#gap = ''
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#position
    return pattern.exec(this.#text)?.[0] ?? ''
  }

  /** A template literal up to its end or its next `${`. */
  #template(): void {
    const offset = this.#position
    const closes = this.#text.startsWith('}', offset)
    templatePiece.lastIndex = offset + 1
    const rest = templatePiece.exec(this.#text)?.[0]
    if (rest === undefined) throw new ScriptError('The template literal is never ended', offset)
    const index = this.#tokens.length
    const text = this.#text.charAt(offset) + rest
    this.#tokens.push({ kind: 'template', text, offset, gap: this.#gap, partner: -1 })
    this.#position += text.length
    this.#gap = ''
    if (closes) this.#close(index)
    if (rest.endsWith('${')) this.#open.push(index)
  }

  #bracket(): void {
    const index = this.#tokens.length - 1
    const token = this.#tokens[index]
    if (token === undefined) return
    if (Object.hasOwn(closers, token.text)) {
      this.#open.push(index)
    } else if (token.text === ')' || token.text === ']' || token.text === '}') {
      const open = this.#openToken()
      if (open === undefined || closers[open.text] !== token.text) {
        throw new ScriptError(`Unexpected ${token.text}`, token.offset)
      }
      this.#close(index)
    }
  }

  #close(index: number): void {
    const open = this.#openToken()
    if (open !== undefined) open.partner = index
    this.#open.pop()
  }

  #openToken(): Token | undefined {
    return this.#tokens[this.#open.at(-1) ?? -1]
  }

  #atCloser(): boolean {
    const closer = this.#closer
    return closer !== '' && this.#open.length === 0 && this.#text.startsWith(closer, this.#position)
  }

  /** Whether a slash begins a regular expression here, and does not divide. */
  #operandExpected(): boolean {
    const last = this.#tokens.at(-1)
    switch (last?.kind) {
      case undefined:
        return true
      case 'name':
        return wordsBeforeOperand.has(last.text) && !this.#isPlainName(last)
      case 'template':
        return last.text.endsWith('${')
      case 'punctuator':
        return ![')', ']', '}', '++', '--'].includes(last.text)
      case 'number':
      case 'string':
      case 'regexp':
        return false
    }
  }

  /** Whether a word that may be a keyword is none here: the name of a property, or a variable called `of`. */
  #isPlainName({ text }: Token): boolean {
    const before = this.#tokens.at(-2)
    if (before?.text === '.' || before?.text === '?.') return true
    return text === 'of' && before?.kind !== 'name' && before?.text !== ']' && before?.text !== '}'
  }

  #skipSpace(): void {
    const text = this.#text
    const first = text.charCodeAt(this.#position)
    // Most tokens follow one another with nothing in between.
    if (first > 0x20 && first < 0x7f && first !== slash) return
    for (;;) {
      const start = this.#position
      if (text.startsWith('//', start)) this.#position = this.#lineCommentEnd()
      else if (text.startsWith('/*', start)) {
        const end = text.indexOf('*/', start + 2)
        if (end === -1) throw new ScriptError('The comment is never ended', start)
        this.#position = end + 2
      } else this.#position += this.#match(space).length
      if (this.#position === start) return
      const isLineEnd = /[\n\r\u2028\u2029]/.test(text.slice(start, this.#position))
      this.#gap = isLineEnd || this.#gap === '\n' ? '\n' : ' '
    }
  }

  /** A comment to the end of the line does not hide the end of the directive it stands in. */
  #lineCommentEnd(): number {
    const lineEnd = /[\n\r\u2028\u2029]/g
    lineEnd.lastIndex = this.#position
    const end = lineEnd.exec(this.#text)?.index ?? this.#text.length
    if (this.#closer === '' || this.#open.length > 0) return end
    const closer = this.#text.indexOf(this.#closer, this.#position)
    return closer === -1 ? end : Math.min(end, closer)
  }
}

function unexpected(text: string, position: number): string {
  return `Unexpected ${JSON.stringify(String.fromCodePoint(text.codePointAt(position) ?? 0))}`
}

import { ScriptError, type Token } from './token.ts'
import { pythonHint } from './words.ts'

const end: Token = { kind: 'punctuator', text: '', offset: -1, gap: '', partner: -1 }

/** Goes through tokens. */
export class TokenCursor {
  protected readonly tokens: readonly Token[]
  /** Of the token that is next. */
  protected index = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  protected get atEnd(): boolean {
    return this.index >= this.tokens.length
  }

  protected peek(ahead = 0): Token {
    return this.tokens[this.index + ahead] ?? end
  }

  protected is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.text === text && (token.kind === 'punctuator' || token.kind === 'name')
  }

  protected take(): Token {
    const token = this.peek()
    if (token === end) this.fail()
    this.index++
    return token
  }

  protected skip(text: string): boolean {
    if (!this.is(text)) return false
    this.index++
    return true
  }

  protected expect(text: string): void {
    if (!this.skip(text)) this.fail()
  }

  protected fail(message?: string): never {
    const token = this.peek()
    const last = this.tokens.at(-1)
    if (token === end) {
      throw new ScriptError(message ?? 'The expression is not complete', last?.offset ?? 0)
    }
    const hint = pythonHint(token.text) || pythonHint(this.tokens[this.index - 1]?.text ?? '')
    throw new ScriptError(message ?? `Unexpected ${token.text}${hint}`, token.offset)
  }
}

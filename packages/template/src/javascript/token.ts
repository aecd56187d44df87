export type TokenKind = 'name' | 'number' | 'string' | 'template' | 'regexp' | 'punctuator'

/** A piece of JavaScript as it stands in a template. */
export interface Token {
  readonly kind: TokenKind
  readonly text: string
  /** Where it begins in the text it was read from; for messages. */
  readonly offset: number
  /** What stood between it and the token before, comments aside: nothing, space, or a line's end. */
  readonly gap: '' | ' ' | '\n'
  /** The index of the bracket that closes this one, or of the next piece of a template literal; -1 for others. */
  partner: number
}

/** A piece that stands for nothing in the source. */
export function syntheticToken(text: string, offset: number): Token {
  return { kind: 'punctuator', text, offset, gap: ' ', partner: -1 }
}

/** What is wrong with a piece of JavaScript, and where in the text. The one who knows the file makes a `ParseError` of it. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError'
  readonly offset: number

  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

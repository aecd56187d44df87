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

/** Some tokens of a list as a list of their own, after `before` tokens that will be put in front. */
export function sliceTokens(
  tokens: readonly Token[],
  start: number,
  end: number = tokens.length,
  before: number = 0,
): Token[] {
  if (start === 0 && end === tokens.length && before === 0) return [...tokens]
  const shift = before - start
  return tokens
    .slice(start, end)
    .map((token) => (token.partner === -1 ? token : { ...token, partner: token.partner + shift }))
}

/** A token that does not stand in the text, but might at that place. */
export function madeToken(kind: TokenKind, text: string, offset: number, partner = -1): Token {
  return { kind, text, offset, gap: '', partner }
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

import type { Script } from './script.ts'
import { ScriptParser } from './script-parser.ts'
import { madeToken, ScriptError, sliceTokens, type Token } from './token.ts'
import { tokenize } from './tokenize.ts'
import { modulesName } from './words.ts'

/** JavaScript as text, or taken apart. */
export type Source = string | readonly Token[]

/** What stands between `for` and its end: `item in items`, `key, value of pairs`. */
export interface ForHead {
  readonly target: Script
  readonly iterable: Script
}

/** What stands between `except` and its end: `TypeError as error`. */
export interface ExceptHead {
  /** `null` where everything is caught. */
  readonly types: readonly Script[] | null
  readonly target: Script | null
}

/** @throws {ScriptError} */
export function parseExpression(source: Source): Script {
  const tokens = tokensOf(source)
  if (tokens.length === 0) throw new ScriptError('The expression is missing', 0)
  return new ScriptParser(tokens).parse('expression')
}

/**
 * `Name(arguments)`, the name being that of a module.
 *
 * @throws {ScriptError}
 */
export function parseModuleCall(source: Source): Script {
  const tokens = tokensOf(source)
  const offset = tokens[0]?.offset ?? 0
  const namespace = [madeToken('name', modulesName, offset), madeToken('punctuator', '.', offset)]
  return parseExpression([...namespace, ...sliceTokens(tokens, 0, tokens.length, namespace.length)])
}

/** @throws {ScriptError} */
export function parseTarget(source: Source): Script {
  return new ScriptParser(tokensOf(source)).parse('target')
}

/**
 * Assignments and other expressions with semicolons between them. A list of names on the left, as Python has it, is an
 * array: `a, b = b, a`.
 *
 * @throws {ScriptError}
 */
export function parseStatements(source: Source): Script[] {
  const statements = split(tokensOf(source), ';').filter((tokens) => tokens.length > 0)
  if (statements.length === 0) throw new ScriptError('The statement is missing', 0)
  return statements.map((tokens) => parseExpression(withArrayTarget(tokens)))
}

/** @throws {ScriptError} */
export function parseForHead(source: Source): ForHead {
  const tokens = tokensOf(source)
  const separator = topLevel(tokens, 'in', 'of').find((index) => index > 0)
  if (separator === undefined) {
    throw new ScriptError('for needs a name, in (or of) and what to go through', tokens[0]?.offset ?? 0)
  }
  return {
    target: parseTarget(arrayTarget(sliceTokens(tokens, 0, separator))),
    iterable: parseExpression(arrayValue(sliceTokens(tokens, separator + 1))),
  }
}

/** @throws {ScriptError} */
export function parseExceptHead(source: Source): ExceptHead {
  const tokens = tokensOf(source)
  if (tokens.length === 0) return { types: null, target: null }
  const separator = topLevel(tokens, 'as').at(-1)
  if (separator === undefined) return { types: listOf(tokens), target: null }
  return {
    types: listOf(sliceTokens(tokens, 0, separator)),
    target: parseTarget(sliceTokens(tokens, separator + 1)),
  }
}

function tokensOf(source: Source): readonly Token[] {
  return typeof source === 'string' ? tokenize(source).tokens : source
}

/** The expressions of `A, B` or `(A, B)`. */
function listOf(tokens: readonly Token[]): Script[] {
  if (isParenthesised(tokens)) return listOf(sliceTokens(tokens, 1, tokens.length - 1))
  return split(tokens, ',').map(parseExpression)
}

function withArrayTarget(tokens: readonly Token[]): readonly Token[] {
  const operator = topLevel(tokens, '=')[0]
  if (operator === undefined) return tokens
  const left = sliceTokens(tokens, 0, operator)
  const target = arrayTarget(left)
  if (target === left) return tokens
  const value = arrayValue(sliceTokens(tokens, operator + 1))
  const before = [...target, ...sliceTokens(tokens, operator, operator + 1)]
  return [...before, ...sliceTokens(value, 0, value.length, before.length)]
}

/** `a, (b, c)` as `[a, [b, c]]`; what is no list stays as it is. */
function arrayTarget(tokens: Token[]): Token[] {
  const isList = topLevel(tokens, ',').length > 0
  const isTuple =
    isParenthesised(tokens) && topLevel(sliceTokens(tokens, 1, tokens.length - 1), ',').length > 0
  if (!isList && !isTuple) return tokens
  const brackets: Readonly<Record<string, string>> = { '(': '[', ')': ']' }
  const bracketed = tokens.map((token) => {
    return token.kind === 'punctuator' ? { ...token, text: brackets[token.text] ?? token.text } : token
  })
  return isList ? inBrackets(bracketed) : bracketed
}

function arrayValue(tokens: Token[]): Token[] {
  return topLevel(tokens, ',').length > 0 ? inBrackets(tokens) : tokens
}

function inBrackets(tokens: readonly Token[]): Token[] {
  const offset = tokens[0]?.offset ?? 0
  const inner = sliceTokens(tokens, 0, tokens.length, 1)
  return [
    madeToken('punctuator', '[', offset, tokens.length + 1),
    ...inner,
    madeToken('punctuator', ']', tokens.at(-1)?.offset ?? offset),
  ]
}

function isParenthesised(tokens: readonly Token[]): boolean {
  return tokens[0]?.text === '(' && tokens[0].partner === tokens.length - 1
}

function split(tokens: readonly Token[], separator: string): Token[][] {
  let start = 0
  return [...topLevel(tokens, separator), tokens.length].map((end) => {
    const part = sliceTokens(tokens, start, end)
    start = end + 1
    return part
  })
}

/** The indexes of the tokens with one of these texts that stand outside of all brackets. */
function topLevel(tokens: readonly Token[], ...texts: string[]): number[] {
  const found: number[] = []
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]
    if (token === undefined) break
    if (texts.includes(token.text) && !['.', '?.'].includes(tokens[index - 1]?.text ?? '')) found.push(index)
    // To the closing bracket; the next piece of a template literal has a partner of its own.
    if (token.partner > index) index = token.kind === 'template' ? token.partner - 1 : token.partner
  }
  return found
}

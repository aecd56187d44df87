import type { Script } from './script.ts'
import { ScriptParser } from './script-parser.ts'
import { ScriptError, type Token } from './token.ts'
import { tokenize } from './tokenize.ts'
import { modulesName } from './words.ts'

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
export function parseExpression(source: string): Script {
  if (source.trim() === '') throw new ScriptError('The expression is missing', 0)
  return new ScriptParser(tokenize(source).tokens, source).parse('expression')
}

/**
 * `Name(arguments)`, the name being that of a module.
 *
 * @throws {ScriptError}
 */
export function parseModuleCall(source: string): Script {
  const namespace = `${modulesName}.`
  return at(-namespace.length, () => parseExpression(namespace + source))
}

/** @throws {ScriptError} */
export function parseTarget(source: string): Script {
  return new ScriptParser(tokenize(source).tokens, source).parse('target')
}

/**
 * Assignments and other expressions with semicolons between them. A list of names on the left, as Python has it, is an
 * array: `a, b = b, a`.
 *
 * @throws {ScriptError}
 */
export function parseStatements(source: string): Script[] {
  const { tokens } = tokenize(source)
  const ends = [...topLevel(tokens, ';').map(({ offset }) => offset), source.length]
  let start = 0
  const scripts: Script[] = []
  for (const end of ends) {
    const statement = source.slice(start, end)
    if (statement.trim() !== '') scripts.push(at(start, () => parseExpression(withArrayTarget(statement))))
    start = end + 1
  }
  if (scripts.length === 0) throw new ScriptError('The statement is missing', 0)
  return scripts
}

/** @throws {ScriptError} */
export function parseForHead(source: string): ForHead {
  const { tokens } = tokenize(source)
  const separator = [...topLevel(tokens, 'in'), ...topLevel(tokens, 'of')]
    .filter(({ offset }) => offset > 0)
    .toSorted((a, b) => a.offset - b.offset)[0]
  if (separator === undefined) throw new ScriptError('for needs a name, in (or of) and what to go through', 0)
  const start = separator.offset + separator.text.length
  return {
    target: parseTarget(arrayTarget(source.slice(0, separator.offset))),
    iterable: at(start, () => parseExpression(arrayValue(source.slice(start)))),
  }
}

/** @throws {ScriptError} */
export function parseExceptHead(source: string): ExceptHead {
  if (source.trim() === '') return { types: null, target: null }
  const separator = topLevel(tokenize(source).tokens, 'as').at(-1)
  if (separator === undefined) return { types: splitList(source), target: null }
  const start = separator.offset + separator.text.length
  return {
    types: splitList(source.slice(0, separator.offset)),
    target: at(start, () => parseTarget(source.slice(start))),
  }
}

/** The expressions of `A, B` or `(A, B)`. */
function splitList(source: string): Script[] {
  const text = source.trim()
  const { tokens } = tokenize(text)
  const isParenthesised = tokens[0]?.text === '(' && tokens[0].partner === tokens.length - 1
  if (isParenthesised) return splitList(text.slice(1, -1))
  const ends = [...topLevel(tokens, ',').map(({ offset }) => offset), text.length]
  let start = 0
  return ends.map((end) => {
    const element = text.slice(start, end)
    start = end + 1
    return parseExpression(element)
  })
}

function withArrayTarget(statement: string): string {
  const { tokens } = tokenize(statement)
  const operator = topLevel(tokens, '=')[0]
  if (operator === undefined) return statement
  const target = statement.slice(0, operator.offset)
  const written = arrayTarget(target)
  if (written === target) return statement
  return `${written}= ${arrayValue(statement.slice(operator.offset + 1))}`
}

/** `a, (b, c)` as `[a, [b, c]]`; what is no list stays as it is. */
function arrayTarget(source: string): string {
  const { tokens } = tokenize(source)
  const isList = topLevel(tokens, ',').length > 0
  const isTuple = tokens[0]?.text === '(' && tokens[0].partner === tokens.length - 1 && source.includes(',')
  if (!isList && !isTuple) return source
  const characters = source.split('')
  for (const { kind, text, offset } of tokens) {
    if (kind === 'punctuator' && text === '(') characters[offset] = '['
    if (kind === 'punctuator' && text === ')') characters[offset] = ']'
  }
  return isList ? `[${characters.join('')}]` : characters.join('')
}

function arrayValue(source: string): string {
  return topLevel(tokenize(source).tokens, ',').length > 0 ? `[${source}]` : source
}

/** The tokens with this text that stand outside of all brackets. */
function topLevel(tokens: readonly Token[], text: string): Token[] {
  const found: Token[] = []
  for (let index = 0; index < tokens.length; index++) {
    const token = tokens[index]
    if (token === undefined) break
    if (token.text === text && (token.kind === 'punctuator' || token.kind === 'name')) {
      // A property of that name is none.
      if (token.kind !== 'name' || !['.', '?.'].includes(tokens[index - 1]?.text ?? '')) found.push(token)
    }
    if (token.partner > index) index = token.partner - (token.kind === 'template' ? 1 : 0)
  }
  return found
}

/** Runs a parser on the rest of a text; places of errors are told from its beginning. */
function at<T>(start: number, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof ScriptError) throw new ScriptError(error.message, start + error.offset)
    throw error
  }
}

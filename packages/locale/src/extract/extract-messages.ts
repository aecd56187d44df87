import { type Keyword, parseKeyword } from '../keyword.ts'
import { type ScriptToken, tokenizeScript } from './script-tokens.ts'
import { findTemplateCode } from './template-code.ts'

/** A message that a source asks the translation of. */
export interface ExtractedMessage {
  readonly message: string
  readonly plural: string | null
  readonly context: string | null
  readonly line: number
  /** What the comment above it tells the translators. */
  readonly comment: string | null
}

export interface ExtractResult {
  readonly messages: readonly ExtractedMessage[]
  /** Calls whose message is put together when the program runs, so that nobody can translate it. */
  readonly problems: readonly { readonly line: number; readonly text: string }[]
}

/** Settings of `extractFromScript` and `extractFromTemplate`. */
export interface ExtractOptions {
  /** @default `_:1,2`, `translate:1,2`, `pgettext:1c,2,3` */
  keywords?: readonly Keyword[]
  /** How a comment for translators begins. @default 'TRANSLATORS:' */
  commentTag?: string
}

/** The calls that hold messages, in a program as in templates. */
export const defaultKeywords: readonly Keyword[] = ['_:1,2', 'translate:1,2', 'pgettext:1c,2,3'].map(
  parseKeyword,
)

/** The messages in JavaScript or TypeScript: string literals, also joined by `+`, in calls of the keywords. */
export function extractFromScript(text: string, options: ExtractOptions = {}): ExtractResult {
  return extractFromTokens(tokenizeScript(text), options)
}

/** The messages in the expressions and directives of a template of `@tornado-ts/template`. */
export function extractFromTemplate(text: string, options: ExtractOptions = {}): ExtractResult {
  const tokens = findTemplateCode(text).flatMap(({ kind, text: code, line }): ScriptToken[] => {
    if (kind === 'code') return tokenizeScript(code, line)
    const endLine = line + code.split('\n').length - 1
    return [{ kind: 'comment', text: code.replace(/^\s*comment\b/, ''), line, endLine }]
  })
  return extractFromTokens(tokens, options)
}

function extractFromTokens(
  tokens: readonly ScriptToken[],
  { keywords = defaultKeywords, commentTag = 'TRANSLATORS:' }: ExtractOptions,
): ExtractResult {
  const byName = new Map(keywords.map((keyword) => [keyword.name, keyword]))
  const code = tokens.filter((token) => token.kind !== 'comment')
  const comments = findComments(tokens, commentTag)
  const messages: ExtractedMessage[] = []
  const problems: { line: number; text: string }[] = []
  for (const { keyword, line, values } of findCalls(code, byName)) {
    const message = values[keyword.message] ?? null
    const context = keyword.context === null ? null : (values[keyword.context] ?? null)
    const plural = keyword.plural === null ? null : (values[keyword.plural] ?? null)
    if (message === dynamic)
      problems.push({ line, text: `the message of ${keyword.name}() has values in it` })
    if (!isText(message) || message === '' || (keyword.context !== null && !isText(context))) continue
    messages.push({
      message,
      plural: isText(plural) ? plural : null,
      context: isText(context) ? context : null,
      line,
      comment: comments.get(line) ?? comments.get(line - 1) ?? null,
    })
  }
  return { messages, problems }
}

/** Marks an argument that is a template literal with values in it. */
const dynamic = Symbol('dynamic')
type Argument = string | typeof dynamic | null

interface Call {
  readonly keyword: Keyword
  readonly line: number
  /** The index of the token of its name. */
  readonly index: number
  /** Its arguments: their text where that is constant. */
  readonly values: Argument[]
}

function isText(value: Argument): value is string {
  return typeof value === 'string'
}

/** The complete calls of these functions, in their order. */
function findCalls(code: readonly ScriptToken[], keywords: ReadonlyMap<string, Keyword>): Call[] {
  const calls: Call[] = []
  const open: { call: Call | null; start: number }[] = []
  code.forEach(({ kind, text }, index) => {
    if (kind !== 'punctuator') return
    const top = open.at(-1)
    if (text === '(' || text === '[' || text === '{') {
      open.push({ call: text === '(' ? callAt(code, index, keywords) : null, start: index + 1 })
    } else if (text === ',' && top !== undefined) {
      top.call?.values.push(constantOf(code, top.start, index))
      top.start = index + 1
    } else if (text === ')' || text === ']' || text === '}') {
      open.pop()
      if (top === undefined || top.call === null || text !== ')') return
      top.call.values.push(constantOf(code, top.start, index))
      calls.push(top.call)
    }
  })
  return calls.sort((a, b) => a.index - b.index)
}

/** The call whose parenthesis this is: that of the name before it, or before `?.`. */
function callAt(
  code: readonly ScriptToken[],
  open: number,
  keywords: ReadonlyMap<string, Keyword>,
): Call | null {
  const isOptional = code[open - 1]?.text === '.' && code[open - 2]?.text === '?'
  const index = open - (isOptional ? 3 : 1)
  const token = code[index]
  const keyword = token?.kind === 'name' ? keywords.get(token.text) : undefined
  return token === undefined || keyword === undefined
    ? null
    : { keyword, line: token.line, index, values: [] }
}

function constantOf(code: readonly ScriptToken[], start: number, end: number): Argument {
  if (code[start]?.kind === 'dynamic') return dynamic
  let text = ''
  for (let index = start; index < end; index++) {
    const token = code[index]
    const isText = (index - start) % 2 === 0
    if (token?.kind !== (isText ? 'string' : 'punctuator')) return null
    if (isText) text += token.text
    else if (token.text !== '+' || index === end - 1) return null
  }
  return start === end ? null : text
}

/** Comments for translators by the line on which they end; a comment goes on in those right below it. */
function findComments(tokens: readonly ScriptToken[], tag: string): ReadonlyMap<number, string> {
  const comments = new Map<number, string>()
  for (const { kind, text, line, endLine } of tokens) {
    if (kind !== 'comment') continue
    const trimmed = text.replaceAll(/^[ \t]*\*?[ \t]?/gm, '').trim()
    const above = comments.get(line - 1)
    if (trimmed.startsWith(tag)) comments.set(endLine, trimmed)
    else if (above !== undefined) comments.set(endLine, `${above}\n${trimmed}`)
  }
  return comments
}

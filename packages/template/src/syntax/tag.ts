import type { Content } from './template-reader.ts'

/** A tag by its first word. `argument` is where the rest of its content begins. */
export interface Tag {
  readonly operator: string
  readonly content: Content
  readonly argument: number
}

const continuations: Readonly<Record<string, readonly string[]>> = {
  else: ['if', 'for', 'while', 'try'],
  elif: ['if'],
  except: ['try'],
  finally: ['try'],
}

/** Tags that are one word. */
const bare = new Set(['else', 'finally', 'try', 'break', 'continue', 'super', 'flush'])

/** Whether a tag ends the body before it: `end`, or one that goes on with the same directive. */
export function isContinuation({ operator }: Tag): boolean {
  return operator === 'end' || Object.hasOwn(continuations, operator)
}

export function readTag(content: Content): Tag {
  const [whole = '', operator = ''] = /^(\S+)\s*/.exec(content.text) ?? []
  return { operator, content, argument: whole.length }
}

/** What is wrong with a tag that stands in the body of a directive, or of none; `null` if nothing is. */
export function tagProblem({ operator, content, argument }: Tag, around: string | null): string | null {
  const rest = content.text.slice(argument)
  if (bare.has(operator) && rest !== '') {
    return `${operator} stands alone${/^if\b/.test(rest) ? ': else if is elif' : ''}`
  }
  if (operator === 'end') return around === null ? 'Extra {% end %} block' : null
  const allowed = Object.hasOwn(continuations, operator) ? continuations[operator] : undefined
  if (allowed === undefined) return null
  if (around === null) return `${operator} outside ${choice(allowed)} block`
  return allowed.includes(around) ? null : `${operator} block cannot be attached to ${around} block`
}

/** `for, if or while` */
export function choice(words: readonly string[]): string {
  return words.length === 1 ? `${words[0]}` : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

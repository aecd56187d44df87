/** A piece of a template that holds code, or a comment. */
export interface TemplateCode {
  readonly kind: 'code' | 'comment'
  readonly text: string
  /** Number of the line on which it begins, from 1. */
  readonly line: number
}

/** A strict search for the end of one piece of code goes no further. */
const maxCodeSize = 20_000

/**
 * The expressions, directives and comments of a template: `{{ … }}`, `{% … %}`, `{# … #}`. `{{!`, `{%!` and `{#!` are
 * text. A closing mark within a string or within braces of the code does not end it.
 */
export function findTemplateCode(template: string): TemplateCode[] {
  const found: TemplateCode[] = []
  const opening = /\{[{%#]/g
  let line = 1
  let counted = 0
  /** Openings that nothing closes from here on. */
  const unclosed = new Set<string>()
  for (let match = opening.exec(template); match !== null; match = opening.exec(template)) {
    const start = match.index + 2
    if (template[start] === '!') continue
    // Of three braces, the last two are the mark.
    if (match[0] === '{{' && template[start] === '{') {
      opening.lastIndex = match.index + 1
      continue
    }
    if (unclosed.has(match[0])) continue
    const end = findEnd(template, start, match[0])
    if (end === -1) {
      unclosed.add(match[0])
      continue
    }
    for (; counted < start; counted++) if (template[counted] === '\n') line++
    const text = template.slice(start, end)
    const directive = /^\s*comment\b/.test(text) && match[0] === '{%'
    found.push({ kind: match[0] === '{#' || directive ? 'comment' : 'code', text, line })
    opening.lastIndex = end + 2
  }
  return found
}

function findEnd(template: string, start: number, opening: string): number {
  if (opening === '{#') return template.indexOf('#}', start)
  const closing = opening === '{{' ? '}}' : '%}'
  const strict = findStrictEnd(template.slice(start, start + maxCodeSize), closing)
  return strict === -1 ? template.indexOf(closing, start) : start + strict
}

const string = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[^])*`/y

function findStrictEnd(text: string, closing: string): number {
  let depth = 0
  for (let index = 0; index < text.length; index++) {
    if (depth === 0 && text.startsWith(closing, index)) return index
    const character = text[index]
    if (character === '{') depth++
    else if (character === '}' && depth > 0) depth--
    else if (character === '"' || character === "'" || character === '`') {
      string.lastIndex = index
      if (string.test(text)) index = string.lastIndex - 1
    }
  }
  return -1
}

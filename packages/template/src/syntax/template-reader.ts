import { ParseError } from '../errors.ts'
import type { Source } from '../javascript/parse-script.ts'
import { ScriptError, sliceTokens, type Token } from '../javascript/token.ts'
import { tokenize, type Tokenized } from '../javascript/tokenize.ts'

/** A directive of a template, or the text before the next one. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'expression' | 'comment' | 'tag'; readonly content: Content }

/** What stands between the braces of a directive, trimmed. */
export interface Content {
  readonly text: string
  /** Where it begins in the template. */
  readonly offset: number
  /** The line that the directive begins in. */
  readonly line: number
  /** The JavaScript in it taken apart, as far as there is any and it is not wrong. */
  readonly tokens: readonly Token[] | null
}

/** Directives whose arguments are JavaScript, in which a closing brace may be one of its own. */
const scripted = /^\s*(?:if|elif|for|while|set|raw|module|apply|except|async|autoescape|import|from)\s/

/** Takes a template apart. */
export class TemplateReader {
  readonly #text: string
  readonly #name: string
  #position = 0
  #line = 1

  constructor(text: string, name: string) {
    this.#text = text
    this.#name = name
  }

  /** `null` at the end. */
  next(): Piece | null {
    const text = this.#text
    const start = this.#position
    const brace = this.#findDirective()
    if (brace === -1 && start === text.length) return null
    if (brace !== start) return { kind: 'text', text: this.#consume(brace === -1 ? text.length : brace) }
    const opening = this.#consume(brace + 2)
    if (text.startsWith('!', this.#position)) {
      this.#consume(this.#position + 1)
      return { kind: 'text', text: opening }
    }
    if (opening === '{#') return { kind: 'comment', content: this.#content('#}', 'Missing end comment #}') }
    if (opening === '{{') {
      const content = this.#content('}}', 'Missing end expression }}', true)
      if (content.text === '') this.fail('Empty expression', content.line)
      return { kind: 'expression', content }
    }
    const isScript = scripted.test(text.slice(this.#position, this.#position + 64))
    const content = this.#content('%}', 'Missing end block %}', isScript)
    if (content.text === '') this.fail('Empty block tag ({% %})', content.line)
    return { kind: 'tag', content }
  }

  fail(message: string, line: number = this.#line): never {
    throw new ParseError(message, this.#name, line)
  }

  /** Runs a parser on a piece of JavaScript that stands `offset` characters into a directive's content. */
  script<T>({ text, offset: start, tokens }: Content, offset: number, parse: (source: Source) => T): T {
    try {
      if (tokens === null) return parse(text.slice(offset))
      const first = tokens.findIndex((token) => token.offset >= start + offset)
      return parse(first === -1 ? [] : sliceTokens(tokens, first))
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      const end = error.offset + (tokens === null ? start + offset : 0)
      const line = countLines(this.#text.slice(0, Math.max(start, end))) + 1
      throw new ParseError(error.message, this.#name, line, { cause: error })
    }
  }

  #findDirective(): number {
    const text = this.#text
    for (let brace = text.indexOf('{', this.#position); brace !== -1; brace = text.indexOf('{', brace + 1)) {
      const next = text.charAt(brace + 1)
      if (next !== '{' && next !== '%' && next !== '#') continue
      // Of three and more in a row the innermost two count.
      if (next === '{' && text.charAt(brace + 2) === '{') continue
      return brace
    }
    return -1
  }

  #content(closer: string, complaint: string, isScript = false): Content {
    const start = this.#position
    const line = this.#line
    const tokenized = isScript ? this.#tokenize(closer) : null
    // Where the JavaScript is wrong, what is wrong is told once the piece is parsed by itself.
    const end = tokenized?.end ?? this.#text.indexOf(closer, start)
    if (end === -1) this.fail(complaint, line)
    const inner = this.#consume(end)
    this.#consume(end + closer.length)
    const text = inner.trim()
    return { text, offset: start + inner.indexOf(text), line, tokens: tokenized?.tokens ?? null }
  }

  #tokenize(closer: string): Tokenized | null {
    try {
      return tokenize(this.#text, this.#position, closer)
    } catch (error) {
      if (error instanceof ScriptError) return null
      throw error
    }
  }

  #consume(end: number): string {
    const taken = this.#text.slice(this.#position, end)
    this.#position = end
    this.#line += countLines(taken)
    return taken
  }
}

function countLines(text: string): number {
  let lines = 0
  for (let index = text.indexOf('\n'); index !== -1; index = text.indexOf('\n', index + 1)) lines++
  return lines
}

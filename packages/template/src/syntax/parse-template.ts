import {
  parseExceptHead,
  parseExpression,
  parseForHead,
  parseModuleCall,
  parseStatements,
} from '../javascript/parse-script.ts'
import type { Script } from '../javascript/script.ts'
import { ParseError } from '../errors.ts'
import { filterWhitespace, isWhitespaceMode, type WhitespaceMode } from './filter-whitespace.ts'
import type { Branch, Handler, ParsedFile, TemplateNode, TextNode } from './nodes.ts'
import { parseImport } from './parse-import.ts'
import { choice, isContinuation, readTag, type Tag, tagProblem } from './tag.ts'
import { type Content, TemplateReader } from './template-reader.ts'

export interface ParseOptions {
  readonly name: string
  readonly whitespace: WhitespaceMode
  /** What the file escapes with unless it says otherwise. */
  readonly autoescape: string | null
}

/** What a body stands in. */
interface Surroundings {
  /** The directive that the body belongs to. */
  readonly operator: string
  readonly line: number
  readonly isInLoop: boolean
}

interface Body {
  readonly nodes: TemplateNode[]
  /** The tag that ended it: `end`, or one that goes on with the same directive. `null` at the end of the text. */
  readonly last: Tag | null
}

/**
 * Understands the text of a template.
 *
 * @throws {ParseError}
 */
export function parseTemplate(text: string, options: ParseOptions): ParsedFile {
  return new TemplateParser(text, options).parse()
}

class TemplateParser {
  readonly #reader: TemplateReader
  readonly #name: string
  #whitespace: WhitespaceMode
  #autoescape: Script | null
  #extends: { name: string; line: number } | null = null
  #contextType: string | null = null

  constructor(text: string, { name, whitespace, autoescape }: ParseOptions) {
    this.#reader = new TemplateReader(text, name)
    this.#name = name
    this.#whitespace = whitespace
    this.#autoescape = autoescape === null ? null : this.#parseOption(autoescape)
  }

  parse(): ParsedFile {
    const { nodes } = this.#body(null)
    return {
      name: this.#name,
      body: nodes,
      autoescape: this.#autoescape,
      extends: this.#extends,
      contextType: this.#contextType,
    }
  }

  #parseOption(autoescape: string): Script {
    try {
      return parseExpression(autoescape)
    } catch (cause) {
      throw new ParseError(`autoescape ${autoescape} is no expression`, this.#name, 0, { cause })
    }
  }

  #body(around: Surroundings | null): Body {
    const nodes: TemplateNode[] = []
    for (let piece = this.#reader.next(); piece !== null; piece = this.#reader.next()) {
      if (piece.kind === 'text') {
        nodes.push(this.#text(piece.text))
      } else if (piece.kind === 'comment') {
        this.#comment(piece.content.text)
      } else if (piece.kind === 'expression') {
        nodes.push(this.#output(piece.content, 0, true))
      } else {
        const tag = readTag(piece.content)
        const problem = tagProblem(tag, around?.operator ?? null)
        if (problem !== null) this.#fail(tag, problem)
        if (isContinuation(tag)) return { nodes, last: tag }
        nodes.push(...this.#directive(tag, around))
      }
    }
    if (around !== null) {
      this.#reader.fail(`Missing {% end %} block for ${around.operator}`, around.line)
    }
    return { nodes, last: null }
  }

  /** A body that only `end` may end. */
  #plainBody(around: Surroundings): TemplateNode[] {
    const { nodes, last } = this.#body(around)
    return last?.operator === 'end' ? nodes : this.#misplaced(last)
  }

  #misplaced(tag: Tag | null): never {
    this.#reader.fail(`${tag?.operator} stands in the wrong place`, tag?.content.line)
  }

  #text(text: string): TextNode {
    // What is laid out already must not lose its layout.
    return { kind: 'text', text: text.includes('<pre>') ? text : filterWhitespace(this.#whitespace, text) }
  }

  #comment(text: string): void {
    const [, type] = /^context:\s*([^]+)$/.exec(text) ?? []
    if (type !== undefined) this.#contextType = type
  }

  #directive(tag: Tag, around: Surroundings | null): TemplateNode[] {
    const { content, argument, operator } = tag
    const { line } = content
    const rest = content.text.slice(argument)
    switch (operator) {
      case 'comment':
        return []
      case 'autoescape':
        if (rest === '') this.#fail(tag, 'autoescape missing function')
        this.#autoescape =
          rest === 'None' || rest === 'null' ? null : this.#reader.script(content, argument, parseExpression)
        return []
      case 'whitespace':
        if (!isWhitespaceMode(rest)) this.#fail(tag, `Unknown whitespace mode: ${rest}`)
        this.#whitespace = rest
        return []
      case 'extends':
        this.#extend(tag, around, unquote(rest))
        return []
      case 'include': {
        const name = unquote(rest)
        if (name === '') this.#fail(tag, 'include missing file path')
        return [{ kind: 'include', line, name }]
      }
      case 'import':
      case 'from': {
        if (rest === '') this.#fail(tag, 'import missing statement')
        const imports = this.#reader.script(content, 0, parseImport)
        return imports.map((each) => ({ kind: 'import', line, ...each }))
      }
      case 'set':
        if (rest === '') this.#fail(tag, 'set missing statement')
        return [{ kind: 'set', line, scripts: this.#reader.script(content, argument, parseStatements) }]
      case 'raw':
        if (rest === '') this.#fail(tag, 'raw missing expression')
        return [this.#output(content, argument, false)]
      case 'module':
        return [this.#module(tag)]
      case 'super':
      case 'flush':
        return [{ kind: operator, line }]
      case 'break':
      case 'continue':
        return [this.#jump(tag, operator, around)]
      default:
        return [this.#blockDirective(tag, around)]
    }
  }

  #blockDirective(tag: Tag, around: Surroundings | null): TemplateNode {
    const { operator, argument, content } = tag
    const { line } = content
    const within = { operator, line, isInLoop: around?.isInLoop ?? false }
    switch (operator) {
      case 'apply':
        return this.#apply(tag, within)
      case 'block': {
        const name = content.text.slice(argument)
        if (name === '') this.#fail(tag, 'block missing name')
        return { kind: 'block', line, name, body: this.#plainBody(within) }
      }
      case 'if':
        return this.#if(tag, within)
      case 'for':
        return this.#for(tag, argument, false)
      case 'async': {
        const head = /^for\s+/.exec(content.text.slice(argument))?.[0]
        if (head === undefined) this.#fail(tag, 'async must be followed by for')
        return this.#for({ ...tag, operator: 'for' }, argument + head.length, true)
      }
      case 'while': {
        const condition = this.#reader.script(content, argument, parseExpression)
        return { kind: 'while', line, condition, ...this.#loopBody(tag) }
      }
      case 'try':
        return this.#try(within)
      default:
        return this.#fail(tag, `unknown operator: ${JSON.stringify(operator)}`)
    }
  }

  #output(content: Content, argument: number, isEscaped: boolean): TemplateNode {
    const script = this.#reader.script(content, argument, parseExpression)
    return { kind: 'output', line: content.line, script, isEscaped, isAwaited: false }
  }

  #module(tag: Tag): TemplateNode {
    const { content } = tag
    const { isAwaited, offset } = this.#skipAwait(tag)
    if (offset === content.text.length) this.#fail(tag, 'module missing name')
    const script = this.#reader.script(content, offset, parseModuleCall)
    return { kind: 'output', line: content.line, script, isEscaped: false, isAwaited }
  }

  #apply(tag: Tag, within: Surroundings): TemplateNode {
    const { content } = tag
    const { isAwaited, offset } = this.#skipAwait(tag)
    if (offset === content.text.length) this.#fail(tag, 'apply missing method name')
    const script = this.#reader.script(content, offset, parseExpression)
    // The body is a function of its own, which loops outside do not reach into.
    const body = this.#plainBody({ ...within, isInLoop: false })
    return { kind: 'apply', line: content.line, script, isAwaited, body }
  }

  /** `apply await f` awaits what `f` returns, and so for modules. */
  #skipAwait({ content, argument }: Tag): { isAwaited: boolean; offset: number } {
    const words = /^await\s+/.exec(content.text.slice(argument))?.[0] ?? ''
    return { isAwaited: words !== '', offset: argument + words.length }
  }

  #if(tag: Tag, within: Surroundings): TemplateNode {
    const branches: Branch<TemplateNode>[] = []
    let head = tag
    for (;;) {
      const { content, argument } = head
      const condition = this.#reader.script(content, argument, parseExpression)
      const { nodes: body, last } = this.#body(within)
      branches.push({ line: content.line, condition, body })
      if (last?.operator !== 'elif') return { kind: 'if', branches, otherwise: this.#otherwise(last, within) }
      head = last
    }
  }

  #for(tag: Tag, argument: number, isAsync: boolean): TemplateNode {
    const { content } = tag
    const awaited = /^await\s+/.exec(content.text.slice(argument))?.[0] ?? ''
    const head = this.#reader.script(content, argument + awaited.length, parseForHead)
    const isAwait = isAsync || awaited !== ''
    return { kind: 'for', line: content.line, isAwait, ...head, ...this.#loopBody(tag) }
  }

  #loopBody({ operator, content }: Tag): { body: TemplateNode[]; otherwise: TemplateNode[] | null } {
    const within = { operator, line: content.line, isInLoop: true }
    const { nodes: body, last } = this.#body(within)
    return { body, otherwise: this.#otherwise(last, within) }
  }

  /** What follows `else`, if that is the tag. */
  #otherwise(tag: Tag | null, within: Surroundings): TemplateNode[] | null {
    if (tag?.operator === 'end') return null
    if (tag?.operator !== 'else') return this.#misplaced(tag)
    return this.#plainBody(within)
  }

  #try(within: Surroundings): TemplateNode {
    const handlers: Handler<TemplateNode>[] = []
    let otherwise: TemplateNode[] | null = null
    let final: TemplateNode[] | null = null
    let { nodes, last } = this.#body(within)
    const body = nodes
    while (last !== null && last.operator !== 'end') {
      const { operator, content, argument } = last
      const mayExcept = otherwise === null && final === null && handlers.at(-1)?.types !== null
      const mayElse = handlers.length > 0 && otherwise === null && final === null
      const fits = operator === 'except' ? mayExcept : operator === 'else' ? mayElse : final === null
      if (!fits) this.#misplaced(last)
      const head = operator === 'except' ? this.#reader.script(content, argument, parseExceptHead) : null
      ;({ nodes, last } = this.#body(within))
      if (head !== null) handlers.push({ line: content.line, ...head, body: nodes })
      else if (operator === 'else') otherwise = nodes
      else final = nodes
    }
    if (handlers.length === 0 && final === null) {
      this.#reader.fail('try block needs except or finally', within.line)
    }
    return { kind: 'try', body, handlers, otherwise, final }
  }

  #extend(tag: Tag, around: Surroundings | null, name: string): void {
    if (name === '') this.#fail(tag, 'extends missing file path')
    if (around !== null) this.#fail(tag, `extends inside a ${around.operator} block`)
    if (this.#extends !== null) this.#fail(tag, 'Only one template can be extended')
    this.#extends = { name, line: tag.content.line }
  }

  #jump(tag: Tag, kind: 'break' | 'continue', around: Surroundings | null): TemplateNode {
    if (around?.isInLoop !== true) this.#fail(tag, `${kind} outside ${choice(['for', 'while'])} block`)
    return { kind, line: tag.content.line }
  }

  #fail({ content }: Tag, message: string): never {
    this.#reader.fail(message, content.line)
  }
}

function unquote(name: string): string {
  return name.replace(/^["']+|["']+$/g, '')
}

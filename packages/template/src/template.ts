import { toUnicode, UnicodeDecodeError } from '@tornado-ts/escape'
import type { BaseLoader } from './base-loader.ts'
import { generateCode, type GeneratedCode } from './code/generate-code.ts'
import { survey, type Survey } from './code/survey.ts'
import { compileRender, compileStream } from './compile-code.ts'
import { CompiledTemplate } from './compiled-template.ts'
import { ParseError, TemplateNotFoundError } from './errors.ts'
import { type LinkedTemplate, linkTemplate } from './syntax/link-template.ts'
import { isWhitespaceMode } from './syntax/filter-whitespace.ts'
import type { TemplateProgram } from './runtime/program.ts'
import type { ParsedFile } from './syntax/nodes.ts'
import { parseTemplate } from './syntax/parse-template.ts'
import { type CommonOptions, defaultAutoescape, whitespaceFor } from './template-options.ts'

/** Settings of a {@link Template}. What is not set is the loader's, if there is one. */
export interface TemplateOptions extends CommonOptions {
  /** As errors name it; its ending decides about white space. @default '<string>' */
  name?: string
  /** Finds what the template extends and includes. @default none */
  loader?: BaseLoader
  /** @deprecated `whitespace: 'single'` is true, `'all'` is false. */
  compressWhitespace?: boolean
}

/** The parts of a compiled template, for those who write modules of it. */
export interface TemplateParts {
  readonly linked: LinkedTemplate
  readonly facts: Survey
  readonly generated: GeneratedCode
}

let partsOf: (template: Template) => TemplateParts

/**
 * A template of a string, compiled: one JavaScript function. What it extends and includes becomes part of it.
 *
 * A template's text is code. It must not come from outside.
 *
 * Tornado: template.Template.
 */
export class Template<Context extends object = Record<string, unknown>> extends CompiledTemplate<Context> {
  /** The names of all templates that it is made of, its own first. */
  readonly files: readonly string[]
  /** The code it was compiled to. */
  readonly code: string
  readonly #parts: TemplateParts

  static {
    partsOf = (template) => template.#parts
  }

  /**
   * @throws {ParseError} For an error in the text, or in that of what it extends or includes, and for one that nests
   *   too deep for the engine: some thousand directives or brackets.
   * @throws {TemplateNotFoundError} For a template that it extends or includes, and that is not there.
   * @throws {RangeError} For an unknown whitespace mode.
   * @throws {TypeError} For `whitespace` beside `compressWhitespace`.
   */
  constructor(templateString: string | Uint8Array, options: TemplateOptions = {}) {
    const { loader, namespace = loader?.namespace ?? {}, imports = loader?.imports ?? {} } = options
    const [program, parts] = compile(templateString, options)
    super(program, { namespace, imports })
    this.files = parts.linked.files.map((each) => each.name)
    this.code = parts.generated.code
    this.#parts = parts
  }
}

function compile(
  source: string | Uint8Array,
  options: TemplateOptions,
): [program: TemplateProgram, parts: TemplateParts] {
  const { name = '<string>', loader } = options
  try {
    const file = parseSource(source, options)
    const linked = linkTemplate(file, (wanted, from, line) => findFile(loader, wanted, from, line))
    const facts = survey(linked)
    const generated = generateCode(linked, facts, 'render')
    const render = compileRender(name, generated, facts)
    const program = { name, isAsync: facts.isAsync, render, stream: compileStream(name, linked, facts) }
    return [program, { linked, facts, generated }]
  } catch (error) {
    if (!(error instanceof RangeError) || !/call stack/i.test(error.message)) throw error
    throw new ParseError('The template nests too deep', name, 0, { cause: error })
  }
}

/** The parts of a template that was not compiled ahead of time. */
export function templateParts(template: Template): TemplateParts {
  return partsOf(template)
}

function findFile(loader: BaseLoader | undefined, name: string, from: string, line: number): ParsedFile {
  if (loader === undefined) throw new ParseError(`Cannot load ${name} without a loader`, from, line)
  try {
    return loader.file(name, from)
  } catch (cause) {
    if (!(cause instanceof TemplateNotFoundError)) throw cause
    throw new TemplateNotFoundError(cause.templateName, cause.reason, { cause, filename: from, lineno: line })
  }
}

/** Reads a template's text with its settings and those of its loader. */
export function parseSource(source: string | Uint8Array, options: TemplateOptions): ParsedFile {
  const { name = '<string>', loader, compressWhitespace } = options
  const { autoescape = loader === undefined ? defaultAutoescape : loader.autoescape } = options
  let { whitespace } = options
  if (compressWhitespace !== undefined) {
    if (whitespace !== undefined) throw new TypeError('Cannot set both whitespace and compressWhitespace')
    whitespace = compressWhitespace ? 'single' : 'all'
  }
  whitespace ??= loader?.whitespace ?? whitespaceFor(name)
  if (!isWhitespaceMode(whitespace)) throw new RangeError(`Unknown whitespace mode: ${String(whitespace)}`)
  return parseTemplate(textOf(source, name), { name, whitespace, autoescape })
}

function textOf(source: string | Uint8Array, name: string): string {
  try {
    return toUnicode(source)
  } catch (cause) {
    if (!(cause instanceof UnicodeDecodeError)) throw cause
    throw new ParseError('The text is not UTF-8', name, 0, { cause })
  }
}

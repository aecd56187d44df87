import type { CompiledTemplate } from './compiled-template.ts'
import type { Names } from './runtime/program.ts'
import { isWhitespaceMode, type WhitespaceMode } from './syntax/filter-whitespace.ts'
import type { ParsedFile } from './syntax/nodes.ts'
import { type CommonOptions, defaultAutoescape } from './template-options.ts'
import { parseSource, Template } from './template.ts'

/** Anything that has templates by name: the loaders of this package, and programs' own. */
export interface TemplateLoader {
  load(name: string, parentPath?: string): CompiledTemplate
  /** Forgets what is cached, so that it is read again. */
  reset(): void
}

/** Settings of every loader. */
export interface LoaderOptions extends CommonOptions {}

/**
 * Compiles templates at their first use and keeps them. To load from elsewhere, extend it with `resolvePath` and
 * `readTemplate`.
 *
 * Tornado: template.BaseLoader.
 */
export abstract class BaseLoader implements TemplateLoader {
  readonly autoescape: string | null
  readonly namespace: Names
  readonly imports: Names
  readonly whitespace: WhitespaceMode | undefined
  readonly #templates = new Map<string, Template>()
  readonly #files = new Map<string, ParsedFile>()

  /** @throws {RangeError} For an unknown whitespace mode. */
  constructor(options: LoaderOptions = {}) {
    const { autoescape = defaultAutoescape, namespace = {}, imports = {}, whitespace } = options
    if (whitespace !== undefined && !isWhitespaceMode(whitespace)) {
      throw new RangeError(`Unknown whitespace mode: ${String(whitespace)}`)
    }
    this.autoescape = autoescape
    this.namespace = namespace
    this.imports = imports
    this.whitespace = whitespace
  }

  /** Forgets all templates; the next use reads and compiles them anew. */
  reset(): void {
    this.#templates.clear()
    this.#files.clear()
  }

  /** The name under which a template is kept that `parentPath`, another template, calls `name`. */
  abstract resolvePath(name: string, parentPath?: string): string

  /**
   * The compiled template, compiled once.
   *
   * @throws {TemplateNotFoundError} When there is none, or one that it extends or includes is not there.
   * @throws {ParseError} For an error in its text.
   */
  load(name: string, parentPath?: string): Template {
    if (!this.isCurrent()) this.reset()
    const path = this.resolvePath(name, parentPath)
    let template = this.#templates.get(path)
    if (template === undefined) {
      template = new Template(this.readTemplate(path), { name: path, loader: this })
      this.#templates.set(path, template)
    }
    return template
  }

  /** @internal The text of a template, understood; for those that extend or include it. */
  file(name: string, parentPath: string): ParsedFile {
    const path = this.resolvePath(name, parentPath)
    let file = this.#files.get(path)
    if (file === undefined) {
      file = parseSource(this.readTemplate(path), { name: path, loader: this })
      this.#files.set(path, file)
    }
    return file
  }

  /** Asked before each load: whether everything is as it was when it was read. */
  protected isCurrent(): boolean {
    return true
  }

  /**
   * The text of a template by its resolved name, or its UTF-8 bytes.
   *
   * @throws {TemplateNotFoundError}
   */
  protected abstract readTemplate(path: string): string | Uint8Array
}

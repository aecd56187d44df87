import type { TemplateLoader } from './base-loader.ts'
import { CompiledTemplate, type CompiledTemplateOptions } from './compiled-template.ts'
import { TemplateNotFoundError } from './errors.ts'
import { isRelative, resolveRelative } from './relative-name.ts'
import type { TemplateProgram } from './runtime/program.ts'

/** Has templates that were compiled ahead of time: the `index.js` of `tornado-template compile` exports their programs. */
export class CompiledLoader implements TemplateLoader {
  readonly #templates = new Map<string, CompiledTemplate>()

  constructor(programs: Readonly<Record<string, TemplateProgram>>, options: CompiledTemplateOptions = {}) {
    for (const [name, program] of Object.entries(programs)) {
      this.#templates.set(name, new CompiledTemplate(program, options))
    }
  }

  /** @throws {TemplateNotFoundError} */
  load(name: string, parentPath?: string): CompiledTemplate {
    const template = this.#templates.get(this.resolvePath(name, parentPath))
    if (template === undefined) throw new TemplateNotFoundError(name)
    return template
  }

  /** As {@link DictLoader.resolvePath} does. */
  resolvePath(name: string, parentPath?: string): string {
    return isRelative(name, parentPath) ? resolveRelative(name, parentPath) : name
  }

  /** Does nothing: there is nothing else to be read. */
  reset(): void {}
}

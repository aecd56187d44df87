import { isDeepStrictEqual } from 'node:util'
import { UIModule } from './ui-module.ts'

/** What a template sets for the page it is a part of, by `{{ setResources({ … }) }}`. */
export interface TemplateResources {
  /** JavaScript for a script at the end of the body. @default none */
  embeddedJavascript?: string
  /** URLs or static paths of scripts. @default none */
  javascriptFiles?: string | readonly string[]
  /** CSS for a style sheet in the head. @default none */
  embeddedCss?: string
  /** URLs or static paths of style sheets. @default none */
  cssFiles?: string | readonly string[]
  /** HTML for the end of the head. @default none */
  htmlHead?: string
  /** HTML for the end of the body. @default none */
  htmlBody?: string
}

/**
 * A template as a module: `{% module Template("entry.html", { entry }) %}`. Unlike one that is included it has names of its own, and
 * may call `setResources`.
 *
 * Tornado: web.TemplateModule.
 */
export class TemplateModule extends UIModule {
  readonly #resources = new Map<string, TemplateResources>()

  /** @throws {Error} When the template sets other resources than it did before on this page. */
  override render(path: string, values: object = {}): string {
    const setResources = (resources: TemplateResources): string => this.setResources(path, resources)
    return this.renderString(path, { ...values, setResources })
  }

  /**
   * What a template of this path needs. Answers nothing, so that it can stand in an expression.
   *
   * @throws {Error} When it was given others before.
   * @throws {TypeError} For a name that is no resource.
   */
  setResources(path: string, resources: TemplateResources): string {
    for (const name of Object.keys(resources)) {
      if (!names.has(name)) throw new TypeError(`setResources knows no ${name}`)
    }
    const before = this.#resources.get(path)
    if (before === undefined) this.#resources.set(path, resources)
    else if (!isDeepStrictEqual(before, resources))
      throw new Error(`setResources was called with different resources for the template ${path}`)
    return ''
  }

  override embeddedJavascript(): string {
    return this.#texts('embeddedJavascript').join('\n')
  }

  override javascriptFiles(): string[] {
    return this.#files('javascriptFiles')
  }

  override embeddedCss(): string {
    return this.#texts('embeddedCss').join('\n')
  }

  override cssFiles(): string[] {
    return this.#files('cssFiles')
  }

  override htmlHead(): string {
    return this.#texts('htmlHead').join('')
  }

  override htmlBody(): string {
    return this.#texts('htmlBody').join('')
  }

  #texts(name: 'embeddedJavascript' | 'embeddedCss' | 'htmlHead' | 'htmlBody'): string[] {
    return [...this.#resources.values()].flatMap((resources) => resources[name] ?? [])
  }

  #files(name: 'javascriptFiles' | 'cssFiles'): string[] {
    return [...this.#resources.values()].flatMap((resources) => resources[name] ?? [])
  }
}

const names: ReadonlySet<string> = new Set([
  'embeddedJavascript',
  'javascriptFiles',
  'embeddedCss',
  'cssFiles',
  'htmlHead',
  'htmlBody',
])

import type { CompiledTemplate, TemplateLoader } from '@tornado-ts/template'

/** How many names a cache keeps; more than programs have, and an end for names made of requests. */
const maxNames = 1000

/** A loader with the templates that were asked of it. */
export class CachedLoader {
  readonly loader: TemplateLoader
  readonly #templates: Map<string, CompiledTemplate> | null

  /** @param keep Whether to keep templates by the names asked for; not for loaders that decide that themselves. */
  constructor(loader: TemplateLoader, keep: boolean) {
    this.loader = loader
    this.#templates = keep ? new Map() : null
  }

  load(name: string): CompiledTemplate {
    let template = this.#templates?.get(name)
    if (template === undefined) {
      template = this.loader.load(name)
      if (this.#templates !== null && this.#templates.size < maxNames) this.#templates.set(name, template)
    }
    return template
  }

  reset(): void {
    this.#templates?.clear()
    this.loader.reset()
  }
}

/** The loaders of an application: one for each directory, and each way that handlers make them. */
export class TemplateLoaders {
  readonly #loaders = new Map<unknown, Map<string, CachedLoader>>()

  /** @param maker What tells the ways apart: the method that makes the loader. */
  get(maker: unknown, path: string, make: () => CachedLoader): CachedLoader {
    let byPath = this.#loaders.get(maker)
    if (byPath === undefined) {
      byPath = new Map()
      this.#loaders.set(maker, byPath)
    }
    let loader = byPath.get(path)
    if (loader === undefined) {
      loader = make()
      byPath.set(path, loader)
    }
    return loader
  }

  /** Forgets all templates. */
  reset(): void {
    for (const byPath of this.#loaders.values()) for (const loader of byPath.values()) loader.reset()
  }
}

const byApplication = new WeakMap<object, TemplateLoaders>()

/** The loaders of an application. */
export function templateLoadersOf(application: object): TemplateLoaders {
  let loaders = byApplication.get(application)
  if (loaders === undefined) {
    loaders = new TemplateLoaders()
    byApplication.set(application, loaders)
  }
  return loaders
}

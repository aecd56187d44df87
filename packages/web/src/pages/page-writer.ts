import { get, matchAcceptLanguage, type Locale } from '@tornado-ts/locale'
import { Loader, type CompiledTemplate, type TemplateLoader } from '@tornado-ts/template'
import { fileURLToPath } from 'node:url'
import { callerDirectory } from './caller-directory.ts'
import {
  collectResources,
  embedScripts,
  embedStyles,
  insertIntoPage,
  isAbsolute,
  linkScripts,
  linkStyles,
} from './page-resources.ts'
import { setRenderer } from './render-within.ts'
import type { RequestHandler } from '../request-handler.ts'
import { ResponseWriter } from '../output/response-writer.ts'
import { CachedLoader, templateLoadersOf, type TemplateLoaders } from './template-loaders.ts'
import { makeNamespace, PageNames } from './template-namespace.ts'
import { bindInterface, bindModules, PageModules, type UserInterface } from './user-interface.ts'

/** What became of a page: the work on it, for whoever did not wait for it, or why it was not rendered. */
export interface LastPage {
  readonly pending: Promise<void> | null
  readonly failure: { readonly error: unknown } | null
}

/** The page that a handler has rendered last; `null` for a handler that renders nothing. */
export let lastPageOf: <Settings extends object>(writer: PageWriter<Settings>) => LastPage | null

/** Where the files of a handler's templates are, as far as it is known. */
export let templateDirectoryOf: <Settings extends object>(writer: PageWriter<Settings>) => string | null

type Caller = (...args: never[]) => unknown

/**
 * What a handler renders: templates, UI modules, in the language of who asks. The base of `RequestHandler`; nothing here costs a
 * request that does not use it.
 */
export abstract class PageWriter<Settings extends object = object> extends ResponseWriter<Settings> {
  #page: Page | null = null

  static {
    setRenderer((handler, name, values, caller) => handler.#generate(handler.#template(name, caller), values))
    lastPageOf = (writer) => writer.#page
    templateDirectoryOf = (writer) => writer.#templateDirectory()
  }

  abstract finish(chunk?: string | Uint8Array | object): Promise<void>
  abstract get currentUser(): unknown
  abstract xsrfFormHtml(): string

  /**
   * Ends the response with a template, rendered with these values, and what its UI modules put into the page. A template that
   * awaits is rendered in its time: the response ends when it is done, whether the promise is awaited or not.
   *
   * Resolves and rejects as `finish` does, and rejects for an error of a template that awaits.
   *
   * @throws {Error} When the response is ended already, or for an error of a template that does not await.
   */
  render(templateName: string, values: object = {}): Promise<void> {
    if (this.finished) throw new Error('Cannot render() after finish()')
    const template = this.#template(templateName, this.render)
    this.#ownPage().isWhole = true
    if (template.isAsync) return this.#renderLater(templateName, values)
    return this.finish(this.#withResources(this.renderString(templateName, values)))
  }

  /**
   * A template as text.
   *
   * @throws {TypeError} For a template that awaits: use {@link renderStringAsync}.
   * @throws {TemplateNotFoundError} When there is none of that name.
   */
  renderString(templateName: string, values: object = {}): string {
    return this.#generate(this.#template(templateName, this.renderString), values)
  }

  /** Any template as text. The client's going ends the work: the promise rejects with `StreamClosedError`. */
  renderStringAsync(templateName: string, values: object = {}): Promise<string> {
    const template = this.#template(templateName, this.renderStringAsync)
    const { signal } = this.request
    return this.#ownsNames
      ? template.generateAsync(values as Record<string, unknown>, { signal, names: this.#ownPage().names })
      : template.generateAsync({ ...this.getTemplateNamespace(), ...values }, { signal })
  }

  /** The elements that link these scripts: each once, static paths by their URLs. Override it to pack or defer them. */
  renderLinkedJs(javascriptFiles: Iterable<string>): string {
    return linkScripts(this.#urls(javascriptFiles))
  }

  /** The element with the scripts of UI modules. */
  renderEmbedJs(scripts: Iterable<string>): string {
    return embedScripts(scripts)
  }

  /** The elements that link these style sheets: each once, static paths by their URLs. */
  renderLinkedCss(cssFiles: Iterable<string>): string {
    return linkStyles(this.#urls(cssFiles))
  }

  /** The element with the style sheets of UI modules. */
  renderEmbedCss(styles: Iterable<string>): string {
    return embedStyles(styles)
  }

  /** The directory of this handler's templates; `null` for that of the source file which renders. */
  getTemplatePath(): string | null {
    const { templatePath = null } = this.settings
    return templatePath instanceof URL ? fileURLToPath(templatePath) : templatePath
  }

  /**
   * The names that all templates of this handler know. Override it to add some:
   * `return { ...super.getTemplateNamespace(), site: 'Example' }`.
   */
  getTemplateNamespace(): Record<string, unknown> {
    return makeNamespace(this as unknown as RequestHandler, this.ui)
  }

  /** Makes the loader for a directory; it is kept for the application. By default the setting `templateLoader`, or one for files. */
  createTemplateLoader(templatePath: string): TemplateLoader {
    const { templateLoader, autoescape, templateWhitespace } = this.settings
    if (templateLoader !== undefined) return templateLoader
    return new Loader(templatePath, {
      ...(autoescape === undefined ? {} : { autoescape }),
      ...(templateWhitespace === undefined ? {} : { whitespace: templateWhitespace }),
    })
  }

  /** The UI methods of the application, bound to this handler, and its UI modules as functions. */
  get ui(): UserInterface {
    return this.#ownPage().interface
  }

  /**
   * The language of the answer: what {@link getUserLocale} says, else {@link getBrowserLocale}. It is found when it is first asked
   * for. A `prepare` that must wait for it may set it.
   */
  get locale(): Locale {
    const page = this.#ownPage()
    page.locale ??= this.getUserLocale() ?? this.getBrowserLocale()
    return page.locale
  }

  set locale(locale: Locale) {
    this.#ownPage().locale = locale
  }

  /** Override it to find the language that the user has chosen; `null` for that of the browser. */
  getUserLocale(): Locale | null {
    return null
  }

  /**
   * The locale that serves the request's Accept-Language header best.
   *
   * @param fallback Code of the locale for a client that names no language.
   */
  getBrowserLocale(fallback = 'en_US'): Locale {
    const header = this.request.headers.get('Accept-Language')
    return header === undefined ? get(fallback) : matchAcceptLanguage(header, fallback)
  }

  #ownPage(): Page {
    this.#page ??= new Page(this as unknown as RequestHandler)
    return this.#page
  }

  async #renderPage(templateName: string, values: object): Promise<void> {
    const html = await this.renderStringAsync(templateName, values)
    if (!this.finished) await this.finish(this.#withResources(html))
  }

  #renderLater(templateName: string, values: object): Promise<void> {
    const page = this.#ownPage()
    const pending = this.#renderPage(templateName, values)
    page.pending = pending
    // Nobody needs to await it: the handler is ended when it is done, with the error if it failed.
    void pending.then(
      () => {
        page.pending = null
      },
      (error: unknown) => {
        page.pending = null
        page.failure = { error }
      },
    )
    return pending
  }

  #generate(template: CompiledTemplate, values: object): string {
    return this.#ownsNames
      ? template.generateWith(this.#ownPage().names, values)
      : template.generate({ ...this.getTemplateNamespace(), ...values })
  }

  /** Whether the names are those of this class, so that each can be made when it is used. */
  get #ownsNames(): boolean {
    return this.getTemplateNamespace === PageWriter.prototype.getTemplateNamespace
  }

  #template(name: string, caller: Caller): CompiledTemplate {
    return this.#loader(caller).load(name)
  }

  #loader(caller: Caller): CachedLoader {
    const page = this.#ownPage()
    const { settings } = this
    if (settings.compiledTemplateCache === false && !page.readAnew) {
      page.readAnew = true
      page.loaders.reset()
    }
    const path = this.getTemplatePath() ?? this.#sourceDirectory(page, caller)
    return page.loaders.get(this.createTemplateLoader, path, () => {
      const isOwn =
        settings.templateLoader === undefined &&
        this.createTemplateLoader === PageWriter.prototype.createTemplateLoader
      return new CachedLoader(this.createTemplateLoader(path), isOwn)
    })
  }

  #sourceDirectory(page: Page, caller: Caller): string {
    if (this.settings.templateLoader !== undefined) return ''
    const isInner = page.isWhole && (caller === this.renderString || caller === this.renderStringAsync)
    // A template that is rendered by another has no source file: it is where the page is.
    if (!isInner) page.directory = callerDirectory(caller) ?? page.directory
    if (page.directory === null) throw new Error('Cannot tell where the templates are: set templatePath')
    return page.directory
  }

  #templateDirectory(): string | null {
    const { templateLoader } = this.settings
    if (templateLoader instanceof Loader) return templateLoader.root
    return this.getTemplatePath() ?? this.#page?.directory ?? null
  }

  #withResources(html: string): string {
    const active = this.#page?.modules.active
    if (active === undefined || active.size === 0) return html
    const resources = collectResources(active.values())
    const line = (list: readonly string[], render: (list: readonly string[]) => string): string =>
      list.length === 0 ? '' : `${render(list)}\n`
    const join = (list: readonly string[]): string => list.join('')
    return insertIntoPage(html, {
      head:
        line(resources.cssFiles, (files) => this.renderLinkedCss(files)) +
        line(resources.embeddedCss, (styles) => this.renderEmbedCss(styles)) +
        line(resources.htmlHeads, join),
      body: line(resources.htmlBodies, join),
      scripts:
        line(resources.javascriptFiles, (files) => this.renderLinkedJs(files)) +
        line(resources.embeddedJavascript, (scripts) => this.renderEmbedJs(scripts)),
    })
  }

  #urls(paths: Iterable<string>): Set<string> {
    const handler = this as unknown as RequestHandler
    const urls = new Set<string>()
    for (const path of new Set(paths)) urls.add(isAbsolute(path) ? path : handler.staticUrl(path))
    return urls
  }
}

/** What a handler that renders keeps. */
class Page implements LastPage {
  readonly modules: PageModules
  readonly names: PageNames
  readonly loaders: TemplateLoaders
  locale: Locale | undefined
  /** Whether templates were forgotten for this request. */
  readAnew = false
  /** Whether it is the page that ends the response. */
  isWhole = false
  /** Where the last source file is that rendered. */
  directory: string | null = null
  pending: Promise<void> | null = null
  failure: { readonly error: unknown } | null = null
  #interface: UserInterface | null = null

  constructor(handler: RequestHandler) {
    this.modules = new PageModules(handler)
    this.names = new PageNames(handler)
    this.loaders = templateLoadersOf(handler.application)
  }

  get interface(): UserInterface {
    const { handler } = this.modules
    const { uiMethods, uiModules } = handler.application
    this.#interface ??= bindInterface(uiMethods, handler, bindModules(uiModules, this.modules))
    return this.#interface
  }
}

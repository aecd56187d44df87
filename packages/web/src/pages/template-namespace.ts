import type { Locale } from '@tornado-ts/locale'
import type { HTTPServerRequest } from '@tornado-ts/httputil'
import type { NameSource } from '@tornado-ts/template'
import type { RequestHandler } from '../request-handler.ts'
import type { ModuleFunctions, UserInterface } from './user-interface.ts'

/** The names that every template of a handler knows, beside UI methods. Tornado: RequestHandler.get_template_namespace. */
export interface TemplateNamespace {
  readonly handler: RequestHandler
  readonly request: HTTPServerRequest
  readonly currentUser: unknown
  /** As in templates of Python Tornado; so are the other names with underscores. */
  readonly current_user: unknown
  readonly locale: Locale
  readonly _: Locale['translate']
  readonly translate: Locale['translate']
  readonly pgettext: Locale['pgettext']
  readonly staticUrl: RequestHandler['staticUrl']
  readonly static_url: RequestHandler['staticUrl']
  readonly xsrfFormHtml: () => string
  readonly xsrf_form_html: () => string
  readonly reverseUrl: (name: string, ...args: unknown[]) => string
  readonly reverse_url: (name: string, ...args: unknown[]) => string
  readonly modules: ModuleFunctions
}

/** All names of a page, in an object of its own. */
export function makeNamespace(handler: RequestHandler, ui: UserInterface): Record<string, unknown> {
  const { request, currentUser, locale } = handler
  const values = { handler, request, currentUser, current_user: currentUser, locale }
  const namespace = { ...values, ...bindFunctions(handler), ...ui }
  return namespace satisfies TemplateNamespace
}

/** The same names, each made when a template uses it: few use many, and making them all takes longer than most pages. */
export class PageNames implements NameSource {
  readonly #handler: RequestHandler
  #functions: PageFunctions | null = null

  constructor(handler: RequestHandler) {
    this.#handler = handler
  }

  has(name: string): boolean {
    return ownNames.has(name) || Object.hasOwn(this.#handler.application.uiMethods, name)
  }

  get(name: string): unknown {
    const handler = this.#handler
    switch (name) {
      case 'handler':
        return handler
      case 'request':
        return handler.request
      case 'currentUser':
      case 'current_user':
        return handler.currentUser
      case 'locale':
        return handler.locale
      default:
        this.#functions ??= bindFunctions(handler)
        return Reflect.get(this.#functions, name) ?? handler.ui[name]
    }
  }
}

const ownNames: ReadonlySet<string> = new Set([
  'handler',
  'request',
  'currentUser',
  'current_user',
  'locale',
  '_',
  'translate',
  'pgettext',
  'staticUrl',
  'xsrfFormHtml',
  'reverseUrl',
  'static_url',
  'xsrf_form_html',
  'reverse_url',
  'modules',
  '_tt_modules',
])

type PageFunctions = Pick<
  TemplateNamespace,
  | '_'
  | 'translate'
  | 'pgettext'
  | 'staticUrl'
  | 'static_url'
  | 'xsrfFormHtml'
  | 'xsrf_form_html'
  | 'reverseUrl'
  | 'reverse_url'
>

function bindFunctions(handler: RequestHandler): PageFunctions {
  const translate = (message: string, pluralMessage?: string | null, count?: number): string =>
    handler.locale.translate(message, pluralMessage, count)
  const staticUrl = (...args: Parameters<RequestHandler['staticUrl']>): string => handler.staticUrl(...args)
  const xsrfFormHtml = (): string => handler.xsrfFormHtml()
  const reverseUrl = (name: string, ...args: unknown[]): string => handler.reverseUrl(name, ...args)
  return {
    _: translate,
    translate,
    pgettext: (context: string, message: string, pluralMessage?: string | null, count?: number): string =>
      handler.locale.pgettext(context, message, pluralMessage, count),
    staticUrl,
    static_url: staticUrl,
    xsrfFormHtml,
    xsrf_form_html: xsrfFormHtml,
    reverseUrl,
    reverse_url: reverseUrl,
  }
}

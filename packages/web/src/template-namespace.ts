import type { Locale } from '@tornado-ts/locale'
import type { HTTPServerRequest } from '@tornado-ts/httputil'
import type { RequestHandler } from './request-handler.ts'
import type { ModuleFunctions, UserInterface } from './user-interface.ts'

/** The names that every template of a handler knows, beside UI methods. Tornado: RequestHandler.get_template_namespace. */
export interface TemplateNamespace {
  readonly handler: RequestHandler
  readonly request: HTTPServerRequest
  readonly currentUser: unknown
  readonly locale: Locale
  readonly _: Locale['translate']
  readonly translate: Locale['translate']
  readonly pgettext: Locale['pgettext']
  readonly staticUrl: RequestHandler['staticUrl']
  readonly xsrfFormHtml: () => string
  readonly reverseUrl: (name: string, ...args: unknown[]) => string
  readonly modules: ModuleFunctions
}

/** The names of a page, in an object of its own. */
export function makeNamespace(handler: RequestHandler, ui: UserInterface): Record<string, unknown> {
  const translate = (message: string, pluralMessage?: string | null, count?: number): string =>
    handler.locale.translate(message, pluralMessage, count)
  const namespace = {
    handler,
    request: handler.request,
    currentUser: handler.currentUser,
    // Most pages do not ask for it, and finding it takes longer than all else here.
    get locale() {
      return handler.locale
    },
    _: translate,
    translate,
    pgettext: (context: string, message: string, pluralMessage?: string | null, count?: number): string =>
      handler.locale.pgettext(context, message, pluralMessage, count),
    staticUrl: (...args: Parameters<RequestHandler['staticUrl']>): string => handler.staticUrl(...args),
    xsrfFormHtml: (): string => handler.xsrfFormHtml(),
    reverseUrl: (name: string, ...args: unknown[]): string => handler.reverseUrl(name, ...args),
  }
  return Object.assign(namespace, ui) satisfies TemplateNamespace
}

/** Adds a page's values; they win. */
export function addValues(namespace: Record<string, unknown>, values: object): Record<string, unknown> {
  for (const [name, value] of Object.entries(values)) {
    // What has a getter cannot be assigned to, and `__proto__` must become a name like any other.
    if (name in namespace)
      Object.defineProperty(namespace, name, { value, enumerable: true, configurable: true, writable: true })
    else namespace[name] = value
  }
  return namespace
}

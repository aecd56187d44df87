import { LinkifyModule, XsrfFormModule } from './built-in-modules.ts'
import type { RequestHandler } from '../request-handler.ts'
import { TemplateModule } from './template-module.ts'
import { UIModule, type UIModuleOutput } from './ui-module.ts'

/** UI modules by name: an object, the namespace of a module, or a list of those. What is no module class does not count. */
export type UIModules = Readonly<Record<string, unknown>> | readonly UIModules[]

/** UI methods by name, in the same forms. Functions whose names begin with a small letter count. */
export type UIMethods = Readonly<Record<string, unknown>> | readonly UIMethods[]

/** A class of UI modules. */
export type UIModuleClass = new (handler: RequestHandler) => UIModule

/** A UI method: gets the handler, and what the template passed. */
export type UIMethod = (handler: RequestHandler, ...args: never[]) => unknown

/** The modules of a page as functions: what `modules` is in templates. */
export type ModuleFunctions = Readonly<Record<string, (...args: unknown[]) => UIModuleOutput>>

/** What `handler.ui` has: the UI methods, bound to the handler, and `modules`. */
export type UserInterface = Readonly<Record<string, unknown>> & { readonly modules: ModuleFunctions }

/** The modules that every application has. */
const builtIn: Readonly<Record<string, UIModuleClass>> = {
  linkify: LinkifyModule,
  xsrfFormHtml: XsrfFormModule,
  xsrf_form_html: XsrfFormModule,
  Template: TemplateModule,
}

/** The module classes of the setting `uiModules`, beside the built-in ones. */
export function collectUIModules(given: UIModules | undefined): Readonly<Record<string, UIModuleClass>> {
  const found: Record<string, UIModuleClass> = { ...builtIn }
  each(given, 'uiModules', (name, value) => {
    if (typeof value === 'function' && value.prototype instanceof UIModule)
      found[name] = value as UIModuleClass
  })
  return found
}

/** The functions of the setting `uiMethods`. */
export function collectUIMethods(given: UIMethods | undefined): Readonly<Record<string, UIMethod>> {
  const found: Record<string, UIMethod> = {}
  each(given, 'uiMethods', (name, value) => {
    const first = name.charAt(0)
    if (typeof value !== 'function' || first === '_' || first !== first.toLowerCase()) return
    found[name] = value as UIMethod
  })
  return found
}

function each(
  given: UIModules | UIMethods | undefined,
  setting: string,
  visit: (name: string, value: unknown) => void,
): void {
  if (given === undefined || given === null) return
  if (Array.isArray(given)) {
    for (const one of given as readonly UIModules[]) each(one, setting, visit)
    return
  }
  if (typeof given !== 'object') throw new TypeError(`The setting ${setting} must be an object or a list`)
  for (const [name, value] of Object.entries(given)) visit(name, value)
}

/** The UI modules that a page has used. */
export class PageModules {
  readonly active: Map<string, UIModule> = new Map()
  readonly handler: RequestHandler

  constructor(handler: RequestHandler) {
    this.handler = handler
  }
}

type ModulesFactory = (page: PageModules) => ModuleFunctions

const factories = new WeakMap<object, ModulesFactory>()

/** The modules of an application as functions that work for one page. They are made when they are asked for. */
export function bindModules(
  classes: Readonly<Record<string, UIModuleClass>>,
  page: PageModules,
): ModuleFunctions {
  let factory = factories.get(classes)
  if (factory === undefined) {
    factory = makeFactory(classes)
    factories.set(classes, factory)
  }
  return factory(page)
}

function makeFactory(classes: Readonly<Record<string, UIModuleClass>>): ModulesFactory {
  class BoundModules {
    readonly #page: PageModules

    constructor(page: PageModules) {
      this.#page = page
    }

    static {
      for (const [name, UIModuleOfName] of Object.entries(classes)) {
        Object.defineProperty(BoundModules.prototype, name, {
          get(this: BoundModules) {
            const { active, handler } = this.#page
            return (...args: never[]): UIModuleOutput => {
              let module = active.get(name)
              if (module === undefined) {
                module = new UIModuleOfName(handler)
                active.set(name, module)
              }
              return module.render(...args)
            }
          },
        })
      }
    }
  }
  return (page) => new BoundModules(page) as unknown as ModuleFunctions
}

/** The UI methods bound to a handler, and the modules of its page. */
export function bindInterface(
  methods: Readonly<Record<string, UIMethod>>,
  handler: RequestHandler,
  modules: ModuleFunctions,
): UserInterface {
  const ui: Record<string, unknown> = {}
  for (const [name, method] of Object.entries(methods)) {
    ui[name] = (...args: never[]): unknown => method(handler, ...args)
  }
  ui['modules'] = modules
  ui['_tt_modules'] = modules
  return ui as unknown as UserInterface
}

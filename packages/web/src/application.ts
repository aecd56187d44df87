import { HTTPServer, type HTTPServerOptions } from '@tornado-ts/httpserver'
import {
  AnyMatches,
  DefaultHostMatches,
  HostMatches,
  ReversibleRuleRouter,
  Router,
  Rule,
  type FindHandlerOptions,
  type Matcher,
  type ReversibleRouter,
  type RuleTarget,
} from '@tornado-ts/httpserver/routing'
import type { HTTPMessageDelegate, HTTPServerRequest } from '@tornado-ts/httputil'
import type { ListenOptions } from '@tornado-ts/iostream/tcp'
import { accessLog } from '@tornado-ts/log'
import { ErrorHandler } from './handlers/error-handler.ts'
import type { HandlerClass } from './handler-class.ts'
import { HandlerDelegate } from './handler-delegate.ts'
import type { HandlerDelegateOptions } from './handler-delegate-options.ts'
import { contentEncoding } from './output/content-encoding.ts'
import { isClass, isHandlerFunctions, toHandlerClass } from './handlers/function-handler.ts'
import { MiddlewareDelegate } from './handlers/middleware-delegate.ts'
import { MiddlewareGroup, type AnyMiddleware } from './handlers/middleware.ts'
import type { OutputTransformClass } from './output/output-transform.ts'
import type { HandlerFunction, HandlerFunctions } from './handlers/request-context.ts'
import { RequestHandler } from './request-handler.ts'
import { StreamingDelegate } from './input/streaming-delegate.ts'
import { streamsRequestBody } from './input/stream-request-body.ts'
import { resolveSettings } from './resolve-settings.ts'
import type { ApplicationSettings } from './settings.ts'
import { startAutoreload } from './start-autoreload.ts'
import { StaticFileHandler } from './static/static-file-handler.ts'
import { staticRules } from './static/static-rules.ts'
import {
  collectUIMethods,
  collectUIModules,
  type UIMethod,
  type UIModuleClass,
} from './pages/user-interface.ts'

/**
 * What a rule of an application may lead to: a handler class, a function that answers requests or several by method, nested rules,
 * another router or delegate.
 */
export type ApplicationTarget<Settings extends object, State extends object = object> =
  | HandlerClass<Settings>
  | HandlerFunction<Settings, State>
  | HandlerFunctions<Settings, State>
  | readonly ApplicationRule<Settings, State>[]
  | MiddlewareGroup
  | Exclude<RuleTarget, (...args: never[]) => unknown>

/** A rule of an application: path pattern or matcher, target, arguments for `initialize`, name for `reverseUrl`. */
export type ApplicationRule<Settings extends object = object, State extends object = object> =
  | Rule<ApplicationTarget<Settings, State>>
  | readonly [
      pattern: string | RegExp | Matcher,
      target: ApplicationTarget<Settings, State>,
      kwargs?: Readonly<Record<string, unknown>>,
      name?: string,
    ]

/**
 * A web application: rules that lead from paths to handlers, and settings that the handlers share.
 *
 * Tornado: web.Application.
 *
 * @typeParam Settings Settings of your own beside the framework's; handlers see them as `this.settings`.
 */
export class Application<Settings extends object = object> extends Router implements ReversibleRouter {
  readonly settings: ApplicationSettings & Settings
  /** Rules without a host. Tornado: Application.wildcard_router. */
  readonly wildcardRouter: ReversibleRuleRouter<ApplicationTarget<Settings>>
  /** Rules by host, the wildcard ones last. Tornado: Application.default_router. */
  readonly defaultRouter: ReversibleRuleRouter<ApplicationTarget<Settings>>
  /** The UI modules that templates know, by name. */
  readonly uiModules: Readonly<Record<string, UIModuleClass>>
  /** The UI methods that templates know, by name. */
  readonly uiMethods: Readonly<Record<string, UIMethod>>

  /** What responses go through. Tornado: Application.transforms. */
  readonly transforms: OutputTransformClass[]

  /** Set with `staticHashCache: false`. */
  #forgetStaticFiles: (() => void) | null = null

  constructor(
    handlers: Iterable<ApplicationRule<Settings>> = [],
    settings: ApplicationSettings & NoInfer<Settings> = {} as ApplicationSettings & Settings,
  ) {
    super()
    this.settings = resolveSettings(settings)
    if (this.settings.autoreload === true) void startAutoreload()
    this.transforms = transformsOf(this.settings)
    this.uiModules = collectUIModules(this.settings.uiModules)
    this.uiMethods = collectUIMethods(this.settings.uiMethods)
    this.wildcardRouter = new ApplicationRouter(this, [...this.#staticRules(), ...handlers])
    this.defaultRouter = new ApplicationRouter(this, [[new AnyMatches(), this.wildcardRouter]])
  }

  /**
   * Starts to serve on `port` and returns the server at once; its promise `bound` tells when it is bound, or why not.
   * A bind error that nobody observes ends the program.
   */
  listen(
    port: number,
    { address, backlog, reusePort, ...options }: ListenOptions & HTTPServerOptions = {},
  ): HTTPServer {
    const server = new HTTPServer(this, options)
    server.listen(port, {
      ...(address === undefined ? {} : { address }),
      ...(backlog === undefined ? {} : { backlog }),
      ...(reusePort === undefined ? {} : { reusePort }),
    })
    return server
  }

  /** Adds rules for the hosts that fit `hostPattern`, in front of those without a host. */
  addHandlers(hostPattern: string, handlers: Iterable<ApplicationRule<Settings>>): void {
    const matcher = new HostMatches(hostPattern)
    const router = new ApplicationRouter(this, handlers)
    const { rules } = this.defaultRouter
    this.defaultRouter.insertRule(rules.length - 1, new Rule<ApplicationTarget<Settings>>(matcher, router))
    if (this.settings.defaultHost !== undefined) {
      const byDefault = new DefaultHostMatches(() => this.settings.defaultHost ?? null, matcher.hostPattern)
      this.wildcardRouter.insertRule(0, new Rule<ApplicationTarget<Settings>>(byDefault, router))
    }
  }

  /** Adds a transform behind the others. Tornado: Application.add_transform. */
  addTransform(transform: OutputTransformClass): void {
    this.transforms.push(transform)
  }

  override findHandler(request: HTTPServerRequest): HTTPMessageDelegate {
    // Without rules by host there is one rule, which lets everything through: its router is asked at once.
    const { rules } = this.defaultRouter
    const router =
      rules.length === 1 && rules[0]!.target === this.wildcardRouter
        ? this.wildcardRouter
        : this.defaultRouter
    const found = router.findHandler(request)
    if (found !== null) return found
    const { defaultHandlerClass, defaultHandlerArgs = {} } = this.settings
    if (defaultHandlerClass !== undefined) {
      return this.getHandlerDelegate(request, defaultHandlerClass as unknown as HandlerClass<Settings>, {
        targetKwargs: defaultHandlerArgs,
      })
    }
    return this.getHandlerDelegate(request, ErrorHandler as unknown as HandlerClass<Settings>, {
      targetKwargs: { statusCode: 404 },
    })
  }

  /** The delegate that runs a handler for a request. Tornado: Application.get_handler_delegate. */
  getHandlerDelegate(
    request: HTTPServerRequest,
    handlerClass: HandlerClass<Settings>,
    options: HandlerDelegateOptions = {},
  ): HTTPMessageDelegate {
    if (this.#forgetStaticFiles !== null) this.#forgetStaticFiles()
    if (streamsRequestBody(handlerClass)) {
      return new StreamingDelegate(this, request, handlerClass, options)
    }
    if (options.middleware !== undefined) {
      return new MiddlewareDelegate(this, request, handlerClass, options)
    }
    return new HandlerDelegate(this, request, handlerClass, options)
  }

  /**
   * The URL of the rule called `name`, with the arguments in place of its groups.
   *
   * @throws {RangeError} When no rule has that name.
   */
  reverseUrl(name: string, ...args: unknown[]): string {
    const url = this.defaultRouter.reverseUrl(name, ...args)
    if (url === null) throw new RangeError(`${name} not found in named urls`)
    return url
  }

  /** Writes the line of the access log for a handler that has finished, or calls the setting `logFunction`. */
  logRequest(handler: RequestHandler<Settings>): void {
    const { logFunction } = this.settings
    if (logFunction !== undefined) {
      logFunction(handler as unknown as RequestHandler)
      return
    }
    const status = handler.getStatus()
    const level = status < 400 ? 'info' : status < 500 ? 'warning' : 'error'
    if (!accessLog.isEnabledFor(level)) return
    accessLog[level](`${status} ${handler.requestSummary()} ${handler.request.requestTime().toFixed(2)}ms`)
  }

  #staticRules(): ApplicationRule<Settings>[] {
    const settings: ApplicationSettings = this.settings
    if (settings.staticPath === undefined) return []
    const handlerClass = (settings.staticHandlerClass ??= StaticFileHandler)
    if (settings.staticHashCache === false) this.#forgetStaticFiles = () => handlerClass.reset()
    return staticRules(settings, handlerClass) as unknown as ApplicationRule<Settings>[]
  }
}

/** Knows handler classes, functions and nested lists of rules as targets, and the middleware around them. */
class ApplicationRouter<Settings extends object> extends ReversibleRuleRouter<ApplicationTarget<Settings>> {
  readonly #application: Application<Settings>
  readonly #middleware: readonly AnyMiddleware[]

  constructor(
    application: Application<Settings>,
    rules: Iterable<ApplicationRule<Settings>>,
    middleware: readonly AnyMiddleware[] = [],
  ) {
    super()
    this.#application = application
    this.#middleware = middleware
    this.addRules(rules as Iterable<Rule<ApplicationTarget<Settings>>>)
  }

  override processRule(rule: Rule<ApplicationTarget<Settings>>): Rule<ApplicationTarget<Settings>> {
    const { matcher, targetKwargs, name, ...processed } = super.processRule(rule)
    const target = this.#processTarget(processed.target)
    if (target === processed.target) return rule
    return new Rule<ApplicationTarget<Settings>>(matcher, target, {
      targetKwargs,
      ...(name === undefined ? {} : { name }),
    })
  }

  override getTargetDelegate(
    target: ApplicationTarget<Settings>,
    request: HTTPServerRequest,
    options: FindHandlerOptions,
  ): HTTPMessageDelegate | null {
    if (!isHandlerClass<Settings>(target)) return super.getTargetDelegate(target, request, options)
    const middleware = this.#middleware
    return this.#application.getHandlerDelegate(
      request,
      target,
      middleware.length === 0 ? options : { ...options, middleware },
    )
  }

  #processTarget(target: ApplicationTarget<Settings>): ApplicationTarget<Settings> {
    if (Array.isArray(target)) {
      const rules = target as readonly ApplicationRule<Settings>[]
      return new ApplicationRouter(this.#application, rules, this.#middleware)
    }
    if (target instanceof MiddlewareGroup) {
      const rules = target.rules as readonly ApplicationRule<Settings>[]
      return new ApplicationRouter(this.#application, rules, [...this.#middleware, ...target.middleware])
    }
    if (isHandlerClass<Settings>(target)) return target
    if (isClass(target))
      throw new TypeError(`${String((target as { name?: unknown }).name)} is no RequestHandler`)
    if (isHandlerFunctions(target)) return toHandlerClass(target) as unknown as HandlerClass<Settings>
    if (this.#middleware.length === 0) return target
    throw new TypeError('Middleware surrounds handlers and lists of rules, not other routers or delegates')
  }
}

function isHandlerClass<Settings extends object>(target: unknown): target is HandlerClass<Settings> {
  return (
    typeof target === 'function' && (target === RequestHandler || target.prototype instanceof RequestHandler)
  )
}

function transformsOf({ transforms, compressResponse, gzip }: ApplicationSettings): OutputTransformClass[] {
  if (transforms !== undefined) return [...transforms]
  const asked = compressResponse ?? gzip ?? false
  if (asked === false) return []
  return [contentEncoding(asked === true ? {} : asked)]
}

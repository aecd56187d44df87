import type {
  HTTPMessageDelegate,
  HTTPServerConnectionDelegate,
  HTTPServerRequest,
} from '@tornado-ts/httputil'
import { CallbackDelegate } from '../callback-delegate.ts'
import type { Matcher } from './matcher.ts'
import { PathMatches } from './path-matches.ts'
import { RuleIndex } from './rule-index.ts'
import { Rule } from './rule.ts'
import { Router, type FindHandlerOptions } from './router.ts'

/** What a rule may lead to: another router, a delegate, or a function called with the complete request. */
export type RuleTarget = Router | HTTPServerConnectionDelegate | ((request: HTTPServerRequest) => void)

/** A rule as a tuple: matcher or path pattern, target, arguments for the target, name. */
export type RuleTuple<Target> =
  | readonly [pattern: string | RegExp | Matcher, target: Target]
  | readonly [pattern: string | RegExp | Matcher, target: Target, kwargs: Readonly<Record<string, unknown>>]
  | readonly [
      pattern: string | RegExp | Matcher,
      target: Target,
      kwargs: Readonly<Record<string, unknown>>,
      name: string,
    ]

/**
 * Sends a request to the target of the first rule that matches it and yields a delegate.
 *
 * The cost does not grow with the number of rules whose patterns begin with different texts. Tornado: routing.RuleRouter.
 */
export class RuleRouter<Target = RuleTarget> extends Router {
  readonly #rules: Rule<Target>[] = []
  #index: RuleIndex<Target> | null = null

  constructor(rules: Iterable<Rule<NoInfer<Target>> | RuleTuple<NoInfer<Target>>> = []) {
    super()
    this.addRules(rules)
  }

  /** In order; add to them with {@link addRules} and {@link insertRule}. */
  get rules(): readonly Rule<Target>[] {
    return this.#rules
  }

  /**
   * Adds rules behind those that are there.
   *
   * @throws {TypeError} When a tuple has not two to four items.
   */
  addRules(rules: Iterable<Rule<Target> | RuleTuple<Target>>): void {
    this.#index = null
    for (const rule of rules) this.#rules.push(this.processRule(rule instanceof Rule ? rule : toRule(rule)))
  }

  /** Adds a rule in front of the one at `position`. */
  insertRule(position: number, rule: Rule<Target>): void {
    this.#index = null
    this.#rules.splice(position, 0, this.processRule(rule))
  }

  /** Called with each rule that is added; a subclass may answer another in its place. */
  processRule(rule: Rule<Target>): Rule<Target> {
    return rule
  }

  override findHandler(request: HTTPServerRequest): HTTPMessageDelegate | null {
    this.#index ??= new RuleIndex(this.#rules)
    for (const rule of this.#index.candidates(request.path)) {
      const match = rule.matcher.match(request)
      if (match === null) continue
      const { pathArgs, pathKwargs } = match
      const delegate = this.getTargetDelegate(rule.target, request, {
        pathArgs,
        pathKwargs,
        targetKwargs: rule.targetKwargs,
      })
      if (delegate !== null) return delegate
    }
    return null
  }

  /** The delegate that a matching rule's target yields for a request, or `null` to go on with the next rule. */
  getTargetDelegate(
    target: Target,
    request: HTTPServerRequest,
    options: FindHandlerOptions,
  ): HTTPMessageDelegate | null {
    if (target instanceof Router) return target.findHandler(request, options)
    const connection = request.connection
    if (connection === null) return null
    const serverConnection = request.serverConnection ?? connection
    if (typeof target === 'function') {
      return new CallbackDelegate(
        target as unknown as (request: HTTPServerRequest) => void,
        serverConnection,
        connection,
      )
    }
    if (isConnectionDelegate(target)) return target.startRequest(serverConnection, connection)
    return null
  }
}

function isConnectionDelegate(target: unknown): target is HTTPServerConnectionDelegate {
  return typeof (target as Partial<HTTPServerConnectionDelegate> | null)?.startRequest === 'function'
}

function toRule<Target>(tuple: RuleTuple<Target>): Rule<Target> {
  if (!Array.isArray(tuple) || tuple.length < 2 || tuple.length > 4) {
    throw new TypeError(
      'A rule is [pattern, target], [pattern, target, kwargs] or [pattern, target, kwargs, name]',
    )
  }
  const [pattern, target, kwargs = {}, name] = tuple as RuleTuple<Target>
  const matcher =
    typeof pattern === 'string' || pattern instanceof RegExp ? new PathMatches(pattern) : pattern
  return new Rule(matcher, target, { targetKwargs: kwargs, ...(name === undefined ? {} : { name }) })
}

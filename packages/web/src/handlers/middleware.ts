import { AnyMatches, Rule } from '@tornado-ts/httpserver/routing'
import type { ApplicationRule } from '../application.ts'
import { isPromise } from '../is-promise.ts'
import type { HandlerResult, RequestHandler } from '../request-handler.ts'

/**
 * Code around the handlers of some rules: what it does before `next()` comes before the handler's `prepare`, what it does after
 * that has resolved comes after the handler's method. Without a call of `next` the handler is not run.
 *
 * ```ts
 * const withUser: Middleware<{ user: User }> = async (handler, next) => {
 *   const user = await findUser(handler.getSignedCookie('user'))
 *   if (user === null) return handler.sendError(401)
 *   await next({ user })
 * }
 * ```
 *
 * @typeParam Added What it gives to `next`, for the handlers within: as `request.state` of a function, or by {@link stateOf}.
 * @typeParam Needed What those around it must have given.
 */
export type Middleware<Added extends object = object, Needed extends object = object> = ((
  handler: RequestHandler,
  next: Next<Added>,
  state: Readonly<Needed>,
) => HandlerResult) &
  MiddlewareTypes<Added, Needed>

/**
 * Runs what a middleware surrounds: the next one, at the end `prepare` and the method. Resolves when they are done, and rejects
 * with what they threw. The response ends when the outermost middleware is done.
 *
 * @throws {Error} When called a second time, or after the middleware was done.
 */
export type Next<Added extends object> = (
  ...added: object extends Added ? [added?: Added] : [added: Added]
) => HandlerResult

/** For the compiler: never there when the program runs. */
interface MiddlewareTypes<Added extends object, Needed extends object> {
  readonly '~middleware'?: { readonly added: Added; readonly needed: (state: Needed) => void }
}

/** Any middleware. */
export type AnyMiddleware = ((
  handler: RequestHandler,
  next: (...added: unknown[]) => HandlerResult,
  state: never,
) => HandlerResult) & {
  readonly '~middleware'?: { readonly added: object; readonly needed: (state: never) => void }
}

/** What middlewares add, all together. */
export type AddedBy<List extends readonly unknown[]> = List extends readonly [infer First, ...infer Others]
  ? AddedByOne<First> & AddedBy<Others>
  : object

type AddedByOne<One> = One extends { readonly '~middleware'?: { readonly added: infer Added } }
  ? Added
  : object

type NeededByOne<One> = One extends {
  readonly '~middleware'?: { readonly needed: (state: infer Needed) => void }
}
  ? Needed
  : object

/** Each middleware, as long as those before it add what it needs. */
type Satisfied<List extends readonly unknown[], State> = List extends readonly [infer First, ...infer Others]
  ? [
      State extends NeededByOne<First> ? First : { readonly needs: NeededByOne<First> },
      ...Satisfied<Others, State & AddedByOne<First>>,
    ]
  : []

/** {@link withMiddleware}, inside of middleware that has added `State`. */
export interface WithMiddleware<State extends object> {
  <const List extends readonly AnyMiddleware[], Settings extends object = object>(
    middleware: List & Satisfied<List, State>,
    rules:
      | readonly ApplicationRule<Settings, State & AddedBy<List>>[]
      | ((
          withMiddleware: WithMiddleware<State & AddedBy<List>>,
        ) => readonly ApplicationRule<Settings, State & AddedBy<List>>[]),
  ): Rule<MiddlewareGroup>
}

/**
 * A rule that stands for other rules, with middleware around their handlers: the first of the list is the outermost. It stands in a
 * list of rules as any other does, and can hold others of its kind. Handlers elsewhere are not touched.
 *
 * What the middleware adds has its type in functions in `rules`; classes ask {@link stateOf}. Rules that are given as a function
 * get a `withMiddleware` for groups within, whose middleware sees what those around it have added.
 *
 * @throws {TypeError} When the rules lead to anything but handlers and more rules.
 */
export const withMiddleware: WithMiddleware<object> = (middleware, rules) => {
  const list = typeof rules === 'function' ? rules(withMiddleware as never) : rules
  return new Rule(
    new AnyMatches(),
    new MiddlewareGroup(middleware as readonly AnyMiddleware[], list as readonly ApplicationRule[]),
  )
}

/** The target of a rule made by {@link withMiddleware}. */
export class MiddlewareGroup {
  readonly middleware: readonly AnyMiddleware[]
  readonly rules: readonly ApplicationRule[]

  constructor(middleware: readonly AnyMiddleware[], rules: readonly ApplicationRule[]) {
    this.middleware = middleware
    this.rules = rules
  }
}

/**
 * What a middleware has added for the handler that it surrounds.
 *
 * @throws {Error} When it does not surround this handler.
 */
export function stateOf<Added extends object, Settings extends object>(
  handler: RequestHandler<Settings>,
  middleware: Middleware<Added, never>,
): Added {
  const added = additions.get(handler)?.by.get(middleware as unknown as AnyMiddleware)
  if (added === undefined) {
    throw new Error(`The middleware ${middleware.name || '(anonymous)'} has not run around this handler`)
  }
  return added as Added
}

/** All that middleware has added for a handler. */
export function wholeState(handler: object): object {
  return additions.get(handler)?.whole ?? nothing
}

/** Runs `innermost` inside of middleware, at once as far as they are not asynchronous. */
export function runMiddleware(
  handler: RequestHandler,
  middleware: readonly AnyMiddleware[],
  innermost: () => HandlerResult,
  index = 0,
): HandlerResult {
  const current = middleware[index]
  if (current === undefined) return innermost()
  let called = false
  let done = false
  /** What `next` has started, until it is over. */
  let running: Promise<void> | null = null
  const next = (added?: object): HandlerResult => {
    if (called || done) throw new Error(called ? 'next() called twice' : 'next() called too late')
    called = true
    add(handler, current, added)
    const inner = runMiddleware(handler, middleware, innermost, index + 1)
    if (!isPromise(inner)) return undefined
    running = inner
    const over = (): void => void (running = null)
    inner.then(over, over)
    return inner
  }
  const result = current(
    handler,
    next as (...added: unknown[]) => HandlerResult,
    wholeState(handler) as never,
  )
  if (isPromise(result)) {
    return result.then(() => {
      done = true
      return running ?? undefined
    })
  }
  done = true
  // One that does not wait for what it surrounds does not end before it either.
  return running ?? undefined
}

interface Additions {
  whole: object
  readonly by: Map<AnyMiddleware, object>
}

const nothing: object = Object.freeze({})
const additions = new WeakMap<object, Additions>()

function add(handler: RequestHandler, middleware: AnyMiddleware, added: object = nothing): void {
  let known = additions.get(handler)
  if (known === undefined) additions.set(handler, (known = { whole: nothing, by: new Map() }))
  known.by.set(middleware, added)
  if (added !== nothing) known.whole = { ...known.whole, ...added }
}

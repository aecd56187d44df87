import type { HandlerClass } from '../handler-class.ts'
import { isPromise } from '../is-promise.ts'
import { RequestContext, type FunctionResult, type HandlerFunction } from './request-context.ts'
import { RequestHandler, type HandlerResult } from '../request-handler.ts'
import { streamRequestBody, streamsRequestBody } from '../input/stream-request-body.ts'

/**
 * The handler class that runs functions, by method. A single function answers GET, and HEAD with it.
 *
 * @throws {TypeError} When there is none, or something else among them.
 */
export function toHandlerClass(
  target: HandlerFunction<never, never> | Readonly<Record<string, HandlerFunction<never, never>>>,
): HandlerClass {
  const functions = typeof target === 'function' ? { get: target } : target
  const names = Object.keys(functions)
  const supported = new Set(RequestHandler.SUPPORTED_METHODS)
  for (const name of names) supported.add(name.toUpperCase())

  class FunctionHandler extends RequestContext {
    static override readonly SUPPORTED_METHODS: readonly string[] = [...supported]
  }
  for (const name of names) {
    const run = functions[name]
    if (typeof run !== 'function' || !/^[a-z][a-z-]*$/.test(name) || isClass(run)) {
      throw new TypeError(`Functions of a rule are given by method, as { get, post }; ${name} is none`)
    }
    Object.defineProperty(FunctionHandler.prototype, name, { value: asMethod(run), configurable: true })
    if (streamsRequestBody(run)) streamRequestBody(FunctionHandler)
  }
  return FunctionHandler
}

/** Whether a target of a rule is a function that answers requests, or functions by method. */
export function isHandlerFunctions(
  target: unknown,
): target is HandlerFunction<never, never> | Readonly<Record<string, HandlerFunction<never, never>>> {
  if (typeof target === 'function') return true
  if (typeof target !== 'object' || target === null || Object.getPrototypeOf(target) !== Object.prototype) {
    return false
  }
  const values = Object.values(target)
  return values.length > 0 && !('startRequest' in target) && values.every((one) => typeof one === 'function')
}

/** Whether a function can only be called with `new`. */
export function isClass(value: unknown): boolean {
  return (
    typeof value === 'function' && Object.getOwnPropertyDescriptor(value, 'prototype')?.writable === false
  )
}

function asMethod(run: HandlerFunction<never, never>): () => HandlerResult {
  return function (this: RequestContext): HandlerResult {
    const { pathArgs } = this
    const context = this as unknown as RequestContext<never, never>
    const result = pathArgs.length === 0 ? run(context) : run(context, ...(pathArgs as readonly string[]))
    return isPromise(result) ? result.then((value) => send(this, value)) : send(this, result)
  }
}

/** Writes what a function has answered, or leaves it to the handler. */
function send(context: RequestContext, result: FunctionResult): HandlerResult {
  if (result === undefined) return undefined
  // Such as a method of a class may return.
  if (typeof result === 'object' && isResponseOrBody(result)) return result as unknown as HandlerResult
  context.write(result)
  return undefined
}

/** By its tag: to ask for the class `Response` would load it, in programs that never use it too. */
function isResponseOrBody(result: object): boolean {
  return (
    Symbol.asyncIterator in result ||
    (Symbol.iterator in result && 'next' in result) ||
    (result as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Response'
  )
}

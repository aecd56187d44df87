import type { HandlerFunction } from '../handlers/request-context.ts'

/**
 * Makes a handler class take the body of its requests in pieces, in place of waiting for it.
 *
 * `prepare` runs when the head has arrived, before the first piece. A class that overrides `dataReceived` is given the pieces by that,
 * and its method runs when the last was taken. In any other the method runs at once, and reads the body by `parts` or
 * `bodyChunks`. `request.body` stays empty and form fields are not parsed. A handler may answer early: the rest of the body is then
 * not read, and the connection closes.
 *
 * As a class decorator, `streamRequestBody(MyHandler)`, or around a function that answers requests; of several functions by method
 * one is enough. Tornado: web.stream_request_body.
 */
export function streamRequestBody<Class extends abstract new (...args: never[]) => unknown>(
  handlerClass: Class,
  context?: ClassDecoratorContext,
): Class
export function streamRequestBody<Settings extends object, State extends object>(
  handler: HandlerFunction<Settings, State>,
): HandlerFunction<Settings, State>
export function streamRequestBody(handler: unknown): unknown {
  streaming.add(handler as WeakKey)
  anyStreaming = true
  return handler
}

/** Whether a class, or one it extends, takes bodies in pieces. */
export function streamsRequestBody(handlerClass: unknown): boolean {
  if (!anyStreaming) return false
  for (let one = handlerClass; typeof one === 'function'; one = Object.getPrototypeOf(one) as unknown) {
    if (streaming.has(one)) return true
  }
  return false
}

/** Not kept by it: tests, and what reloads modules, make classes again and again. */
const streaming = new WeakSet<WeakKey>()
/** Most applications have none, and need not ask for each request. */
let anyStreaming = false

/**
 * Makes a handler class take the body of its requests in pieces, by `dataReceived`, in place of waiting for it.
 *
 * `prepare` runs when the head has arrived, before the first piece; the method when the last piece was taken. `request.body` stays
 * empty and form fields are not parsed. A handler may answer early: the rest of the body is then not read, and the connection
 * closes. As a class decorator, or `streamRequestBody(MyHandler)`. Tornado: web.stream_request_body.
 */
export function streamRequestBody<Class extends abstract new (...args: never[]) => unknown>(
  handlerClass: Class,
  _context?: ClassDecoratorContext,
): Class {
  streaming.add(handlerClass)
  return handlerClass
}

/** Whether a class, or one it extends, takes bodies in pieces. */
export function streamsRequestBody(handlerClass: unknown): boolean {
  if (!anyStreaming()) return false
  for (let one = handlerClass; typeof one === 'function'; one = Object.getPrototypeOf(one) as unknown) {
    if (streaming.has(one)) return true
  }
  return false
}

const streaming = new Set<unknown>()

/** Most applications have none, and need not ask for each request. */
function anyStreaming(): boolean {
  return streaming.size > 0
}

import type { HTTPRequest } from './http-request.ts'
import type { ResolvedSettings } from './settings.ts'

/**
 * Holds the method against the body.
 *
 * @throws {TypeError} On a method that is not known, and a body where there must be none or none where there must be one,
 *   unless `allowNonstandardMethods` is set.
 */
export function checkMethod(request: HTTPRequest, settings: ResolvedSettings): void {
  const { method } = request
  if (method === 'GET' && request.body === null && request.bodyProducer === undefined) return
  if (request.allowNonstandardMethods ?? settings.allowNonstandardMethods) return
  const expectsBody = standardMethods.get(method)
  if (expectsBody === undefined) throw new TypeError(`Unknown method ${JSON.stringify(method.slice(0, 100))}`)
  const hasBody = request.body !== null || request.bodyProducer !== undefined
  if (expectsBody === hasBody) return
  const state = hasBody ? 'not ' : ''
  throw new TypeError(
    `Body must ${state}be given for method ${method} (unless allowNonstandardMethods is true)`,
  )
}

/** Each with whether it has a body. */
const standardMethods: ReadonlyMap<string, boolean> = new Map([
  ['GET', false],
  ['HEAD', false],
  ['POST', true],
  ['DELETE', false],
  ['PATCH', true],
  ['PUT', true],
  ['OPTIONS', false],
])

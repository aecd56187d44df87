import { HTTPError } from './errors.ts'
import type { MethodResult, RequestHandler } from './request-handler.ts'

type Method = (...args: never[]) => MethodResult
type Methods = Pick<
  RequestHandler,
  'get' | 'head' | 'post' | 'put' | 'delete' | 'patch' | 'options' | 'request'
>

/**
 * The method of a handler that answers its request. HEAD is answered by `get` where there is no `head`.
 *
 * @param base What a handler has that overrides none.
 * @throws {HTTPError} With status 405.
 */
export function methodOf(handler: Methods, base: Methods): Method {
  switch (handler.request.method) {
    case 'GET':
      return handler.get
    case 'HEAD':
      return handler.head === base.head ? handler.get : handler.head
    case 'POST':
      return handler.post
    case 'PUT':
      return handler.put
    case 'DELETE':
      return handler.delete
    case 'PATCH':
      return handler.patch
    case 'OPTIONS':
      return handler.options
    default: {
      const method = (handler as unknown as Record<string, unknown>)[handler.request.method.toLowerCase()]
      if (typeof method !== 'function') throw new HTTPError(405)
      return method as Method
    }
  }
}

/** The methods that a handler has, as `Allow` tells them. */
export function allowedMethods(handler: object, base: object): string {
  const own = handler as Record<string, unknown>
  const inherited = base as Record<string, unknown>
  const { SUPPORTED_METHODS } = handler.constructor as unknown as {
    readonly SUPPORTED_METHODS: readonly string[]
  }
  return SUPPORTED_METHODS.filter((method) => {
    const name = method === 'HEAD' && own['head'] === inherited['head'] ? 'get' : method.toLowerCase()
    return name === 'options' || (typeof own[name] === 'function' && own[name] !== inherited[name])
  }).join(', ')
}

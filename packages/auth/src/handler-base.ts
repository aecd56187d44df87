import type { RequestHandler } from '@tornado-ts/web'

/** A class of handlers that a mix-in can extend. */
// oxlint-disable-next-line typescript/no-explicit-any -- what TypeScript asks of the base of a mix-in, and handlers of any settings
export type HandlerBase = new (...args: any[]) => RequestHandler<any>

/** What a mix-in makes of a class: its instances can do `Instance` too, and the class has `Statics`. */
export type HandlerMixin<Base extends HandlerBase, Instance, Statics = unknown> = Base &
  // oxlint-disable-next-line typescript/no-explicit-any -- as above
  (new (...args: any[]) => Instance) &
  Statics

/** The class of a handler, for what subclasses override there. */
export function staticsOf<Statics>(handler: object): Statics {
  return handler.constructor as unknown as Statics
}

/** An endpoint that the class of a handler must name. */
export function endpointOf(handler: object, name: string): string {
  const url = staticsOf<Readonly<Record<string, unknown>>>(handler)[name]
  if (typeof url === 'string' && url !== '') return url
  throw new TypeError(`${handler.constructor.name} has no static ${name}`)
}

/** A required setting of the application. */
export function settingOf<Value>(handler: RequestHandler, name: string, feature: string): Value {
  handler.requireSetting(name as never, feature)
  return (handler.settings as unknown as Readonly<Record<string, Value>>)[name]!
}

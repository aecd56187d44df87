import { inspect } from 'node:util'

/** Makes `console.log` show the `toString()` of these objects: private fields tell it nothing. */
export function inspectAsText(theClass: { readonly prototype: object }): void {
  Object.defineProperty(theClass.prototype, inspect.custom, {
    configurable: true,
    value(this: { toString(): string }) {
      return this.toString()
    },
  })
}

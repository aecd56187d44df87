/** What `OptionParser.mockable` gives. */
export interface MockableOptions extends Disposable {
  [name: string]: unknown
}

/** The part of a parser that is needed here. */
interface Options {
  get(name: string): unknown
  set(name: string, value: unknown): void
}

/**
 * What is set on it is set in the options, once each; deleting it from it, or disposing of the object, sets what was
 * there before.
 */
export function mockableOf(options: Options): MockableOptions {
  const originals = new Map<string, unknown>()
  const restore = (name: string): void => {
    options.set(name, originals.get(name))
    originals.delete(name)
  }
  const dispose = (): void => [...originals.keys()].toReversed().forEach(restore)
  return new Proxy<MockableOptions>(
    { [Symbol.dispose]: dispose },
    {
      get(target, name, receiver) {
        return typeof name === 'symbol' ? Reflect.get(target, name, receiver) : options.get(name)
      },
      set(_target, name, value: unknown) {
        if (typeof name === 'symbol') return false
        if (originals.has(name))
          throw new TypeError(`Option "${name}" is mocked already: use another mockable`)
        const original = options.get(name)
        options.set(name, value)
        originals.set(name, original)
        return true
      },
      deleteProperty(_target, name) {
        if (typeof name === 'symbol' || !originals.has(name)) return false
        restore(name)
        return true
      },
      has: (target, name) => (typeof name === 'symbol' ? Reflect.has(target, name) : originals.has(name)),
      ownKeys: () => [...originals.keys(), Symbol.dispose],
      getOwnPropertyDescriptor(target, name) {
        if (typeof name === 'symbol') return Reflect.getOwnPropertyDescriptor(target, name)
        if (!originals.has(name)) return undefined
        return { value: options.get(name), writable: true, enumerable: true, configurable: true }
      },
    },
  )
}

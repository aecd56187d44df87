import type { SubmitOptions } from './executor.ts'

/**
 * The name of a function in a module, with its types: what can be sent to another thread, as functions cannot.
 * Made by {@link workerModule}.
 */
export class ModuleFunction<Args extends unknown[], Result> {
  /** Address of the module, for `import()`. */
  readonly module: string
  readonly name: string
  /** Used for every call of this object. */
  readonly options: SubmitOptions
  declare protected readonly types: (...args: Args) => Result

  constructor(module: string, name: string, options: SubmitOptions = {}) {
    this.module = module
    this.name = name
    this.options = options
  }

  /** The same function with these options. */
  with(options: SubmitOptions): ModuleFunction<Args, Result> {
    return new ModuleFunction(this.module, this.name, { ...this.options, ...options })
  }
}

/** The functions of a module, as {@link ModuleFunction}s. */
export type ModuleFunctions<Module> = {
  readonly [
    Name in keyof Module as Module[Name] extends (...args: never[]) => unknown ? Name : never
  ]: Module[Name] extends (...args: infer Args) => infer Result
    ? ModuleFunction<Args, Awaited<Result>>
    : never
}

/**
 * Names the functions of a module that an executor is to run. The module itself is loaded by the worker alone.
 *
 * @example
 * const hashing = workerModule<typeof import('./hashing.js')>(new URL('./hashing.js', import.meta.url))
 * const digest = await IOLoop.current().runInExecutor(null, hashing.digest, 'text')
 *
 * @throws {TypeError} When the address is relative.
 */
export function workerModule<Module extends object>(url: URL | string): ModuleFunctions<Module> {
  const module = absolute(url)
  const known = new Map<string, ModuleFunction<unknown[], unknown>>()
  const functions = new Proxy(
    {},
    {
      get(_, name) {
        // Not a promise, whoever asks.
        if (typeof name === 'symbol' || name === 'then') return undefined
        let found = known.get(name)
        if (found === undefined) known.set(name, (found = new ModuleFunction(module, name)))
        return found
      },
    },
  )
  return functions as ModuleFunctions<Module>
}

function absolute(url: URL | string): string {
  if (URL.canParse(url)) return String(url)
  throw new TypeError(`Cannot load module ${String(url)}: use new URL(path, import.meta.url)`)
}

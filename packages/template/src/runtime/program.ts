import { ImportError } from '../errors.ts'
import { defaultNamespace } from './default-namespace.ts'
import { missing } from './helpers.ts'

/** What a template runs in. */
export interface Environment {
  /** The value of a name. */
  get(name: string): unknown
  /** What `import` finds under a specifier. */
  import(specifier: string): unknown
  readonly signal: AbortSignal | undefined
  /** Streamed output is handed on when it is as long as this, in UTF-16 code units. */
  readonly chunkSize: number
}

export type RenderFunction = (environment: Environment) => string | Promise<string>
export type StreamFunction = (environment: Environment) => AsyncGenerator<string, void, undefined>

/** The code of a template. */
export interface TemplateProgram {
  readonly name: string
  /** Whether `render` returns a promise. */
  readonly isAsync: boolean
  readonly render: RenderFunction
  readonly stream: StreamFunction
  /** Modules that it brings along. @default {} */
  readonly imports?: Names
}

/**
 * What `{% module Name(…) %}` finds its modules in: given to a template under the name `_tt_modules`. Their output is
 * not escaped.
 */
export type TemplateModules = Readonly<Record<string, (...values: never[]) => unknown>>

/** Names or modules by name; only properties of their own count. */
export type Names = Readonly<Record<string, unknown>>

/** Where names are looked up when they are used; a map is one. */
export interface NameSource {
  has(name: string): boolean
  get(name: string): unknown
}

export interface EnvironmentOptions {
  readonly namespace: Names
  readonly imports: Names
  readonly names?: NameSource | undefined
  readonly signal?: AbortSignal | undefined
  readonly chunkSize?: number
}

export function makeEnvironment(values: object, options: EnvironmentOptions): Environment {
  const { namespace, imports, names, signal, chunkSize = Infinity } = options
  return {
    get(name) {
      // Not by plain access: `constructor` and `__proto__` are names of variables like any others.
      if (Object.hasOwn(values, name)) return Reflect.get(values, name)
      if (names?.has(name)) return names.get(name)
      if (Object.hasOwn(namespace, name)) return namespace[name]
      return Object.hasOwn(defaultNamespace, name) ? Reflect.get(defaultNamespace, name) : missing
    },
    import(specifier) {
      if (Object.hasOwn(imports, specifier)) return imports[specifier]
      throw new ImportError(specifier)
    },
    signal,
    chunkSize,
  }
}

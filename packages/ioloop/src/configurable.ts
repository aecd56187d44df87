/** A class that makes objects of a {@link Configurable} base. */
export type Implementation<Base extends Configurable, Options extends object> = new (options: Options) => Base

/** A class that can be configured: an implementation to use unless another is chosen, and the base itself. */
export interface ConfigurableClass<Base extends Configurable> {
  readonly name: string
  readonly prototype: Base
  configurableBase(): ConfigurableClass<Base>
  configurableDefault(): Implementation<Base, never>
  configuredClass(): Implementation<Base, never>
}

interface Configuration {
  readonly implementation: Implementation<Configurable, never> | null
  readonly options: object
}

const key = Symbol.for('tornado.ioloop.configured.v1')
// By the base itself, and for the whole process: all copies of this package know what was configured.
const configured: WeakMap<object, Configuration> = ((
  globalThis as { [key]?: WeakMap<object, Configuration> }
)[key] ??= new WeakMap())

/**
 * Base of a class whose implementation is chosen when the program runs: `new Base()` makes an object of the configured
 * subclass, or of the default one.
 *
 * A base extends this class, answers `configurableBase` with itself and `configurableDefault` with a subclass, and has
 * no fields of its own: they would be set a second time on the finished object. Constructors take
 * one object of options; those given to `configure` are the defaults for those given to `new`.
 *
 * @example
 * class Resolver extends Configurable {
 *   static override configurableBase(): typeof Resolver { return Resolver }
 *   static override configurableDefault(): typeof Resolver { return DefaultResolver }
 * }
 * Resolver.configure(CaresResolver, { timeoutMs: 500 })
 * const resolver = new Resolver() // a CaresResolver
 *
 * Tornado: util.Configurable.
 */
export abstract class Configurable {
  constructor(options: object = {}) {
    const base = new.target.configurableBase()
    if (new.target !== base) return
    const merged = { ...configured.get(base)?.options, ...options }
    return Reflect.construct(base.configuredClass(), [merged]) as this
  }

  /** The base that this class is configured by. Every base answers with itself. */
  static configurableBase(): ConfigurableClass<Configurable> {
    throw new TypeError(`${this.name} does not say what its configurableBase is`)
  }

  /** The implementation to use when none was configured. Every base answers with one. */
  static configurableDefault(): Implementation<Configurable, never> {
    throw new TypeError(`${this.name} does not say what its configurableDefault is`)
  }

  /**
   * Chooses what `new Base()` makes from now on, in the whole process.
   *
   * @param implementation A subclass of the base; `null` for the default.
   * @param options Defaults for the options given to `new`.
   * @throws {TypeError} When the implementation is no subclass of the base.
   */
  static configure<Base extends Configurable, Options extends object>(
    this: ConfigurableClass<Base>,
    implementation: Implementation<Base, Options> | null,
    options?: Partial<NoInfer<Options>>,
  ): void {
    const base = this.configurableBase()
    if (implementation !== null && !Object.prototype.isPrototypeOf.call(base, implementation)) {
      throw new TypeError(`${implementation.name} is no subclass of ${base.name}`)
    }
    configured.set(base, { implementation, options: options ?? {} })
  }

  /** What `new Base()` makes now. */
  static configuredClass<Base extends Configurable>(
    this: ConfigurableClass<Base>,
  ): Implementation<Base, never> {
    const base = this.configurableBase()
    const chosen = configured.get(base)?.implementation ?? base.configurableDefault()
    return chosen as Implementation<Base, never>
  }
}

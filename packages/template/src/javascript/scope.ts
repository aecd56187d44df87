import type { Reference } from './script.ts'

/** The names that are declared within a function or block, and those that are used there. */
export class Scope {
  readonly #parent: Scope | null
  readonly #declared = new Set<string>()
  readonly references: Reference[] = []
  readonly isFunction: boolean

  constructor(parent: Scope | null, isFunction: boolean) {
    this.#parent = parent
    this.isFunction = isFunction
  }

  declare(name: string): void {
    this.#declared.add(name)
  }

  /** As `var` and functions do: for the whole function. */
  declareInFunction(name: string): void {
    if (this.isFunction || this.#parent === null) this.declare(name)
    else this.#parent.declareInFunction(name)
  }

  /** Hands what is declared further out to the scope around, which is returned. */
  close(): Scope {
    const outer = this.#parent ?? this
    outer.references.push(...this.references.filter(({ name }) => !this.#declared.has(name)))
    return outer
  }
}

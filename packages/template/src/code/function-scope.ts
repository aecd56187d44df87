/** How urgently a name must be given: it is read, or it is asked whether it is there. */
export type Need = 'required' | 'optional'

/** The variables of a function that is being written: a template's own, or that of an `apply` body. */
export class FunctionScope {
  readonly parent: FunctionScope | null
  /** Names that stand in its code. */
  readonly used: Set<string> = new Set()
  readonly assigned: Set<string> = new Set()
  /** Names whose value must be asked for before the code runs. */
  readonly needed: Map<string, Need> = new Map()
  isAsync: boolean = false
  /** Names that are sure to have a value at this point of the code, and the order in which that was learnt. */
  readonly #known = new Set<string>()
  readonly #learnt: string[] = []

  constructor(parent: FunctionScope | null) {
    this.parent = parent
  }

  /** Whether the name is sure to have a value at this point of the code. */
  knows(name: string): boolean {
    return this.#known.has(name) || this.parent?.knows(name) === true
  }

  learn(name: string): void {
    if (this.knows(name)) return
    this.#known.add(name)
    this.#learnt.push(name)
  }

  /** How many names were learnt so far; for `forget`. */
  get knowledge(): number {
    return this.#learnt.length
  }

  /** Takes back what was learnt since `knowledge` was this. */
  forget(knowledge: number): void {
    for (const name of this.#learnt.splice(knowledge)) this.#known.delete(name)
  }

  need(name: string, need: Need): void {
    if (this.needed.get(name) !== 'optional') this.needed.set(name, need)
  }

  /** Passes on to the function around what this one takes from it. */
  close(): void {
    const { parent } = this
    if (parent === null) return
    for (const name of this.used) parent.used.add(name)
    for (const [name, need] of this.needed) parent.need(name, need)
    parent.isAsync ||= this.isAsync
  }
}

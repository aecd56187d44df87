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
  /** Names that are sure to have a value at this point of the code. */
  known: ReadonlySet<string>
  isAsync: boolean = false

  constructor(parent: FunctionScope | null) {
    this.parent = parent
    this.known = parent?.known ?? new Set()
  }

  learn(name: string): void {
    this.known = new Set([...this.known, name])
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

import { Scope } from './scope.ts'
import type { Reference, ReferenceKind } from './script.ts'
import { TokenCursor } from './token-cursor.ts'
import { isConstant, isInternal, isReserved } from './words.ts'

/** Finds the names in patterns: those that are declared, and those that are assigned to. */
export abstract class PatternParser extends TokenCursor {
  #conditions = 0
  protected scope: Scope = new Scope(null, true)

  protected abstract assignment(): void

  /** An operand with what is asked of it: properties, calls. */
  protected abstract member(): void

  /** Declares the names of a pattern, as parameters and `const` do. */
  protected bindingPattern(declare: (name: string) => void): void {
    if (this.skip('[')) {
      while (!this.skip(']')) {
        if (this.skip(',')) continue
        this.skip('...')
        this.bindingPattern(declare)
      }
    } else if (this.skip('{')) {
      while (!this.skip('}')) {
        if (this.skip(',')) continue
        if (this.skip('...')) this.bindingPattern(declare)
        else this.#bindingProperty(declare)
      }
    } else {
      declare(this.name())
    }
    if (this.skip('=')) this.sometimes(true, () => this.assignment())
  }

  /** The name of something that is declared. */
  protected name(): string {
    const token = this.peek()
    if (token.kind !== 'name' || isReserved(token.text)) this.fail()
    if (isInternal(token.text)) this.fail(`Names that begin with _tt_ are reserved: ${token.text}`)
    return this.take().text
  }

  protected refer(kind: ReferenceKind, isShorthand = false): void {
    const index = this.index
    const name = this.name()
    if (isConstant(name)) return
    this.scope.references.push({ name, index, kind, isShorthand, isConditional: this.#conditions > 0 })
  }

  protected block(work: () => void, isFunction = false): void {
    this.scope = new Scope(this.scope, isFunction)
    work()
    this.scope = this.scope.close()
  }

  protected sometimes(isConditional: boolean, work: () => void): void {
    if (isConditional) this.#conditions++
    work()
    if (isConditional) this.#conditions--
  }

  protected propertyName(): void {
    if (this.skip('[')) {
      this.assignment()
      this.expect(']')
    } else if (!['name', 'string', 'number'].includes(this.take().kind)) {
      this.index--
      this.fail()
    }
  }

  #bindingProperty(declare: (name: string) => void): void {
    const isShorthand = !this.is(':', 1) && !this.is('[')
    if (isShorthand) {
      declare(this.name())
      if (this.skip('=')) this.sometimes(true, () => this.assignment())
      return
    }
    this.propertyName()
    this.expect(':')
    this.bindingPattern(declare)
  }

  /** What is assigned to. The names come back, to be noted after what they are given. */
  protected pattern(): Reference[] {
    const targets: Reference[] = []
    const start = this.index
    if (this.skip('[')) {
      while (!this.skip(']')) {
        if (this.skip(',')) continue
        this.skip('...')
        targets.push(...this.#patternElement())
      }
    } else if (this.skip('{')) {
      while (!this.skip('}')) {
        if (this.skip(',')) continue
        if (this.skip('...')) targets.push(...this.pattern())
        else targets.push(...this.#patternProperty())
      }
    } else {
      this.member()
      const target = this.takeTarget(start, this.index)
      if (target !== undefined) targets.push({ ...target, kind: 'write' })
    }
    return targets
  }

  #patternElement(): Reference[] {
    const targets = this.pattern()
    if (this.skip('=')) this.sometimes(true, () => this.assignment())
    return targets
  }

  #patternProperty(): Reference[] {
    if (this.peek().kind === 'name' && !this.is(':', 1)) {
      const start = this.index
      this.refer('write', true)
      const target = this.takeTarget(start, this.index)
      if (this.skip('=')) this.sometimes(true, () => this.assignment())
      return target === undefined ? [] : [target]
    }
    this.propertyName()
    this.expect(':')
    return this.#patternElement()
  }

  /** The reference that the tokens from `start` consist of, if they are nothing but a name. It is taken away. */
  protected takeTarget(start: number, stop: number): Reference | undefined {
    let first = start
    let last = stop - 1
    while (first < last && this.tokens[first]?.text === '(' && this.tokens[first]?.partner === last) {
      first++
      last--
    }
    const reference = this.scope.references.at(-1)
    if (first !== last || reference?.index !== first) return undefined
    return this.scope.references.pop()
  }

  protected settle(targets: readonly Reference[]): void {
    this.scope.references.push(...targets)
  }
}

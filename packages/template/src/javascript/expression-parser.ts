import { Scope } from './scope.ts'
import type { Reference, ReferenceKind, Script } from './script.ts'
import { ScriptError, type Token } from './token.ts'
import { isConstant, isInternal, isReserved, pythonHint } from './words.ts'

const assignmentOperators = new Set('= += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??='.split(' '))
const binaryOperators = new Set(
  '+ - * / % ** == != === !== < > <= >= << >> >>> & | ^ && || ?? in instanceof'.split(' '),
)
const prefixOperators = new Set('+ - ! ~ typeof void delete await'.split(' '))
const end: Token = { kind: 'punctuator', text: '', offset: -1, gap: '', partner: -1 }

/**
 * Finds the names that an expression takes from outside. It follows the grammar as far as that needs; what else may be
 * wrong with the code, the engine will say.
 */
export abstract class ExpressionParser {
  readonly #tokens: readonly Token[]
  #index = 0
  #conditions = 0
  #functions = 0
  #hasAwait = false
  protected scope: Scope = new Scope(null, true)

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  /** Everything as one expression, or as what stands left of `=`. */
  parse(as: 'expression' | 'target'): Script {
    if (as === 'expression') this.expression()
    else this.#settle(this.#pattern())
    if (this.peek() !== end) this.fail()
    const { references } = this.scope
    return { tokens: this.#tokens, references, hasAwait: this.#hasAwait }
  }

  /** What stands between the braces of a function. */
  protected abstract functionBody(): void

  protected expression(): void {
    do this.assignment()
    while (this.skip(','))
  }

  protected assignment(): void {
    if (this.#isArrowFunction()) return this.#arrowFunction()
    const start = this.#index
    if (this.is('[') || this.is('{')) {
      if (this.#tokens[this.peek().partner + 1]?.text === '=') {
        const targets = this.#pattern()
        this.expect('=')
        this.assignment()
        return this.#settle(targets)
      }
    }
    this.#conditional()
    const operator = this.peek().text
    if (!assignmentOperators.has(operator) || this.peek().kind !== 'punctuator') return
    this.take()
    const target = this.#takeTarget(start, this.#index - 1)
    const isLogical = operator === '&&=' || operator === '||=' || operator === '??='
    this.sometimes(isLogical, () => this.assignment())
    if (target === undefined) return
    const supplies = operator === '??=' || operator === '||='
    this.#settle([{ ...target, kind: operator === '=' ? 'write' : supplies ? 'supply' : 'update' }])
  }

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

  /** The rest of a function, from its parameters on. */
  protected function(): void {
    this.#inFunction(() => {
      this.#parameters()
      this.expect('{')
      this.functionBody()
      this.expect('}')
    })
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

  protected peek(ahead = 0): Token {
    return this.#tokens[this.#index + ahead] ?? end
  }

  protected is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead)
    return token.text === text && (token.kind === 'punctuator' || token.kind === 'name')
  }

  protected take(): Token {
    const token = this.peek()
    if (token === end) this.fail()
    this.#index++
    return token
  }

  protected skip(text: string): boolean {
    if (!this.is(text)) return false
    this.#index++
    return true
  }

  protected expect(text: string): void {
    if (!this.skip(text)) this.fail()
  }

  /** The name of something that is declared. */
  protected name(): string {
    const token = this.peek()
    if (token.kind !== 'name' || isReserved(token.text)) this.fail()
    if (isInternal(token.text)) this.fail(`Names that begin with _tt_ are reserved: ${token.text}`)
    return this.take().text
  }

  protected refer(kind: ReferenceKind, isShorthand = false): void {
    const index = this.#index
    const name = this.name()
    if (isConstant(name)) return
    this.scope.references.push({ name, index, kind, isShorthand, isConditional: this.#conditions > 0 })
  }

  protected fail(message?: string): never {
    const token = this.peek()
    const last = this.#tokens.at(-1)
    if (token === end) {
      throw new ScriptError(message ?? 'The expression is not complete', last?.offset ?? 0)
    }
    const hint = pythonHint(token.text) || pythonHint(this.#tokens[this.#index - 1]?.text ?? '')
    throw new ScriptError(message ?? `Unexpected ${token.text}${hint}`, token.offset)
  }

  #bindingProperty(declare: (name: string) => void): void {
    const isShorthand = !this.is(':', 1) && !this.is('[')
    if (isShorthand) {
      declare(this.name())
      if (this.skip('=')) this.sometimes(true, () => this.assignment())
      return
    }
    this.#propertyName()
    this.expect(':')
    this.bindingPattern(declare)
  }

  /** What is assigned to. The names come back, to be noted after what they are given. */
  #pattern(): Reference[] {
    const targets: Reference[] = []
    const start = this.#index
    if (this.skip('[')) {
      while (!this.skip(']')) {
        if (this.skip(',')) continue
        this.skip('...')
        targets.push(...this.#patternElement())
      }
    } else if (this.skip('{')) {
      while (!this.skip('}')) {
        if (this.skip(',')) continue
        if (this.skip('...')) targets.push(...this.#pattern())
        else targets.push(...this.#patternProperty())
      }
    } else {
      this.#member()
      const target = this.#takeTarget(start, this.#index)
      if (target !== undefined) targets.push({ ...target, kind: 'write' })
    }
    return targets
  }

  #patternElement(): Reference[] {
    const targets = this.#pattern()
    if (this.skip('=')) this.sometimes(true, () => this.assignment())
    return targets
  }

  #patternProperty(): Reference[] {
    if (this.peek().kind === 'name' && !this.is(':', 1)) {
      const start = this.#index
      this.refer('write', true)
      const target = this.#takeTarget(start, this.#index)
      if (this.skip('=')) this.sometimes(true, () => this.assignment())
      return target === undefined ? [] : [target]
    }
    this.#propertyName()
    this.expect(':')
    return this.#patternElement()
  }

  /** The reference that the tokens from `start` consist of, if they are nothing but a name. It is taken away. */
  #takeTarget(start: number, stop: number): Reference | undefined {
    let first = start
    let last = stop - 1
    while (first < last && this.#tokens[first]?.text === '(' && this.#tokens[first]?.partner === last) {
      first++
      last--
    }
    const reference = this.scope.references.at(-1)
    if (first !== last || reference?.index !== first) return undefined
    return this.scope.references.pop()
  }

  #settle(targets: readonly Reference[]): void {
    this.scope.references.push(...targets)
  }

  #conditional(): void {
    this.#binary()
    if (!this.skip('?')) return
    this.sometimes(true, () => {
      this.assignment()
      this.expect(':')
      this.assignment()
    })
  }

  #binary(): void {
    let conditions = 0
    this.#unary()
    while (binaryOperators.has(this.peek().text) && this.peek().kind !== 'string') {
      const operator = this.take().text
      if (operator === '&&' || operator === '||' || operator === '??') conditions++
      // What stands behind `&&` may not be reached, whatever binds closer.
      this.sometimes(conditions > 0, () => this.#unary())
    }
  }

  #unary(): void {
    const token = this.peek()
    if (this.is('++') || this.is('--')) {
      this.take()
      const start = this.#index
      this.#unary()
      return this.#update(start)
    }
    if (prefixOperators.has(token.text) && (token.kind === 'punctuator' || token.kind === 'name')) {
      this.take()
      if (token.text === 'await' && this.#functions === 0) this.#hasAwait = true
      if (token.text === 'typeof' && this.#typeofName()) return
      return this.#unary()
    }
    const start = this.#index
    this.#member()
    if ((this.is('++') || this.is('--')) && this.peek().gap !== '\n') {
      this.#update(start)
      this.take()
    }
  }

  #update(start: number): void {
    const target = this.#takeTarget(start, this.#index)
    if (target !== undefined) this.#settle([{ ...target, kind: 'update' }])
  }

  /** `typeof name` and `typeof (name)`, which do not mind a name that is missing. */
  #typeofName(): boolean {
    const depth = this.is('(') ? 1 : 0
    const token = this.peek(depth)
    const next = this.peek(depth === 0 ? 1 : 3)
    if (token.kind !== 'name' || isReserved(token.text) || (depth === 1 && !this.is(')', 2))) return false
    if (next.kind === 'template' || ['.', '?.', '[', '(', '=>'].includes(next.text)) return false
    if (depth === 1) this.take()
    this.refer('typeof')
    if (depth === 1) this.take()
    return true
  }

  /** An operand with what is asked of it: properties, calls. */
  #member(): void {
    this.#primary()
    let isOptional = false
    for (;;) {
      if (this.skip('.')) {
        if (this.take().kind !== 'name') this.fail()
      } else if (this.skip('?.')) {
        isOptional = true
        if (this.peek().kind === 'name') this.take()
        else if (!this.is('[') && !this.is('(')) this.fail()
      } else if (this.skip('[')) {
        this.sometimes(isOptional, () => this.expression())
        this.expect(']')
      } else if (this.skip('(')) {
        this.sometimes(isOptional, () => this.#list(')'))
      } else if (this.peek().kind === 'template' && this.peek().text.startsWith('`')) {
        this.sometimes(isOptional, () => this.#template())
      } else {
        return
      }
    }
  }

  #primary(): void {
    const token = this.peek()
    switch (token.kind) {
      case 'number':
      case 'string':
      case 'regexp':
        this.take()
        return
      case 'template':
        return this.#template()
      case 'name':
        return this.#word(token)
      case 'punctuator':
        if (this.skip('(')) {
          this.expression()
          this.expect(')')
        } else if (this.skip('[')) {
          this.#list(']')
        } else if (this.skip('{')) {
          this.#object()
        } else {
          this.fail()
        }
    }
  }

  #word({ text }: Token): void {
    switch (text) {
      case 'this':
      case 'null':
      case 'true':
      case 'false':
        this.take()
        return
      case 'new':
        this.take()
        if (this.is('.')) this.fail('new.target is not for templates')
        return this.#primary()
      case 'import':
        return this.fail('import() is not for templates: pass what they need')
      case 'class':
        return this.fail('Classes are not for templates: pass what they need')
      case 'function':
        this.take()
        return this.#functionExpression()
      case 'async':
        if (!this.is('function', 1) || this.peek(1).gap === '\n') return this.refer('read')
        this.take()
        this.take()
        return this.#functionExpression()
      default:
        this.refer('read')
    }
  }

  #template(): void {
    while (this.take().text.endsWith('${')) {
      this.expression()
      if (this.peek().kind !== 'template') this.fail()
    }
  }

  /** Elements or arguments, up to the bracket that ends them. */
  #list(closer: string): void {
    while (!this.skip(closer)) {
      if (closer === ']' && this.skip(',')) continue
      this.skip('...')
      this.assignment()
      if (!this.is(closer)) this.expect(',')
    }
  }

  #object(): void {
    while (!this.skip('}')) {
      if (this.skip('...')) this.assignment()
      else this.#property()
      if (!this.is('}')) this.expect(',')
    }
  }

  #property(): void {
    if (this.peek().kind === 'name' && (this.is(',', 1) || this.is('}', 1))) return this.refer('read', true)
    for (const modifier of ['async', 'get', 'set', '*']) {
      if (this.is(modifier) && !this.is('(', 1) && !this.is(':', 1)) this.take()
    }
    this.#propertyName()
    if (this.is('(')) return this.function()
    this.expect(':')
    this.assignment()
  }

  #propertyName(): void {
    if (this.skip('[')) {
      this.assignment()
      this.expect(']')
    } else if (!['name', 'string', 'number'].includes(this.take().kind)) {
      this.#index--
      this.fail()
    }
  }

  #isArrowFunction(): boolean {
    const hasAsync =
      this.is('async') && this.peek(1).gap !== '\n' && (this.is('(', 1) || this.peek(1).kind === 'name')
    const first = hasAsync && !this.is('=>', 1) ? 1 : 0
    const token = this.peek(first)
    if (token.kind === 'name') return this.is('=>', first + 1)
    return token.text === '(' && this.#tokens[token.partner + 1]?.text === '=>'
  }

  #arrowFunction(): void {
    if (this.is('async') && !this.is('=>', 1)) this.take()
    this.#inFunction(() => {
      if (this.is('(')) this.#parameters()
      else this.scope.declare(this.name())
      this.expect('=>')
      if (!this.skip('{')) return this.assignment()
      this.functionBody()
      this.expect('}')
    })
  }

  #functionExpression(): void {
    this.skip('*')
    this.block(() => {
      if (!this.is('(')) this.scope.declare(this.name())
      this.function()
    })
  }

  #parameters(): void {
    this.expect('(')
    while (!this.skip(')')) {
      this.skip('...')
      this.bindingPattern((name) => this.scope.declare(name))
      if (!this.is(')')) this.expect(',')
    }
  }

  #inFunction(work: () => void): void {
    this.#functions++
    this.sometimes(true, () => this.block(work, true))
    this.#functions--
  }
}

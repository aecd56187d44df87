import { PatternParser } from './pattern-parser.ts'
import type { Script } from './script.ts'
import type { Token } from './token.ts'
import { isReserved } from './words.ts'

const assignmentOperators = new Set('= += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??='.split(' '))
const binaryOperators = new Set(
  '+ - * / % ** == != === !== < > <= >= << >> >>> & | ^ && || ?? in instanceof'.split(' '),
)
const prefixOperators = new Set('+ - ! ~ typeof void delete await'.split(' '))

/**
 * Finds the names that an expression takes from outside. It follows the grammar as far as that needs; what else may be
 * wrong with the code, the engine will say.
 */
export abstract class ExpressionParser extends PatternParser {
  #functions = 0
  #hasAwait = false

  /** Everything as one expression, or as what stands left of `=`. */
  parse(as: 'expression' | 'target'): Script {
    if (as === 'expression') this.expression()
    else this.settle(this.pattern())
    if (!this.atEnd) this.fail()
    const { references } = this.scope
    return { tokens: this.tokens, references, hasAwait: this.#hasAwait }
  }

  /** What stands between the braces of a function. */
  protected abstract functionBody(): void

  protected expression(): void {
    do this.assignment()
    while (this.skip(','))
  }

  protected override assignment(): void {
    if (this.#isArrowFunction()) return this.#arrowFunction()
    const start = this.index
    if (this.is('[') || this.is('{')) {
      if (this.tokens[this.peek().partner + 1]?.text === '=') {
        const targets = this.pattern()
        this.expect('=')
        this.assignment()
        return this.settle(targets)
      }
    }
    this.#conditional()
    const operator = this.peek().text
    if (!assignmentOperators.has(operator) || this.peek().kind !== 'punctuator') return
    this.take()
    const target = this.takeTarget(start, this.index - 1)
    const isLogical = operator === '&&=' || operator === '||=' || operator === '??='
    this.sometimes(isLogical, () => this.assignment())
    if (target === undefined) return
    const supplies = operator === '??=' || operator === '||='
    this.settle([{ ...target, kind: operator === '=' ? 'write' : supplies ? 'supply' : 'update' }])
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
      const start = this.index
      this.#unary()
      return this.#update(start)
    }
    if (prefixOperators.has(token.text) && (token.kind === 'punctuator' || token.kind === 'name')) {
      this.take()
      if (token.text === 'await' && this.#functions === 0) this.#hasAwait = true
      if (token.text === 'typeof' && this.#typeofName()) return
      return this.#unary()
    }
    const start = this.index
    this.member()
    if ((this.is('++') || this.is('--')) && this.peek().gap !== '\n') {
      this.#update(start)
      this.take()
    }
  }

  #update(start: number): void {
    const target = this.takeTarget(start, this.index)
    if (target !== undefined) this.settle([{ ...target, kind: 'update' }])
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

  protected override member(): void {
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
    this.propertyName()
    if (this.is('(')) return this.function()
    this.expect(':')
    this.assignment()
  }

  #isArrowFunction(): boolean {
    const hasAsync =
      this.is('async') && this.peek(1).gap !== '\n' && (this.is('(', 1) || this.peek(1).kind === 'name')
    const first = hasAsync && !this.is('=>', 1) ? 1 : 0
    const token = this.peek(first)
    if (token.kind === 'name') return this.is('=>', first + 1)
    return token.text === '(' && this.tokens[token.partner + 1]?.text === '=>'
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

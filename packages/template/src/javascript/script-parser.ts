import { ExpressionParser } from './expression-parser.ts'

/** Adds statements, which stand in the bodies of functions. */
export class ScriptParser extends ExpressionParser {
  protected override functionBody(): void {
    while (!this.is('}')) this.#statement()
  }

  #statement(): void {
    const token = this.peek()
    if (token.kind === 'punctuator' || token.kind === 'name') {
      if (this.skip(';')) return
      if (this.skip('{')) return this.#block()
      if (token.kind === 'name' && this.#keyword(token.text)) return
    }
    this.expression()
    this.skip(';')
  }

  #keyword(word: string): boolean {
    switch (word) {
      case 'let':
      case 'const':
      case 'var':
        this.#declaration()
        break
      case 'async':
        if (!this.is('function', 1)) return false
        this.take()
        this.#functionDeclaration()
        break
      case 'function':
        this.#functionDeclaration()
        break
      case 'if':
        this.take()
        this.#parenthesised()
        this.#statement()
        if (this.skip('else')) this.#statement()
        break
      case 'for':
        this.take()
        this.skip('await')
        this.block(() => this.#for())
        break
      case 'while':
        this.take()
        this.#parenthesised()
        this.#statement()
        break
      case 'do':
        this.take()
        this.#statement()
        this.expect('while')
        this.#parenthesised()
        break
      case 'return':
      case 'throw':
        this.take()
        if (!this.is(';') && !this.is('}') && this.peek().gap !== '\n') this.expression()
        break
      case 'break':
      case 'continue':
        this.take()
        if (this.peek().kind === 'name' && this.peek().gap !== '\n') this.take()
        break
      case 'debugger':
        this.take()
        break
      case 'try':
        this.#try()
        break
      case 'switch':
        this.#switch()
        break
      default:
        return this.#label()
    }
    this.skip(';')
    return true
  }

  #label(): boolean {
    if (!this.is(':', 1)) return false
    this.name()
    this.take()
    this.#statement()
    return true
  }

  #block(): void {
    this.block(() => {
      while (!this.skip('}')) this.#statement()
    })
  }

  #parenthesised(): void {
    this.expect('(')
    this.expression()
    this.expect(')')
  }

  #declaration(): void {
    const isVar = this.take().text === 'var'
    do {
      this.bindingPattern((name) => (isVar ? this.scope.declareInFunction(name) : this.scope.declare(name)))
    } while (this.skip(','))
  }

  #functionDeclaration(): void {
    this.expect('function')
    this.skip('*')
    this.scope.declareInFunction(this.name())
    this.function()
  }

  #for(): void {
    this.expect('(')
    if (this.is('let') || this.is('const') || this.is('var')) this.#declaration()
    else if (this.peek().kind === 'name' && (this.is('of', 1) || this.is('in', 1))) this.refer('write')
    else if (!this.is(';')) this.expression()
    if (this.skip('of') || this.skip('in')) {
      this.expression()
    } else {
      for (const last of [';', ')']) {
        this.expect(';')
        if (!this.is(last)) this.expression()
      }
    }
    this.expect(')')
    this.#statement()
  }

  #try(): void {
    this.take()
    this.expect('{')
    this.#block()
    if (this.skip('catch')) {
      this.block(() => {
        if (this.skip('(')) {
          this.bindingPattern((name) => this.scope.declare(name))
          this.expect(')')
        }
        this.expect('{')
        this.#block()
      })
    }
    if (!this.skip('finally')) return
    this.expect('{')
    this.#block()
  }

  #switch(): void {
    this.take()
    this.#parenthesised()
    this.expect('{')
    this.block(() => {
      while (!this.skip('}')) {
        if (this.skip('case')) {
          this.expression()
          this.expect(':')
        } else if (this.is('default') && this.is(':', 1)) {
          this.take()
          this.take()
        } else {
          this.#statement()
        }
      }
    })
  }
}

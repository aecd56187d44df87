import { parseTarget, type Source } from '../javascript/parse-script.ts'
import { ScriptError, type Token } from '../javascript/token.ts'
import { tokenize } from '../javascript/tokenize.ts'
import type { ImportBinding } from './nodes.ts'

export interface ParsedImport {
  readonly specifier: string
  readonly bindings: readonly ImportBinding[]
}

/**
 * `import a`, `import a.b as c`, `import a, b`, `import "./a.js" as a`, `from a import b, c as d`, and as JavaScript has
 * it: `import { b, c as d } from "a"`, `import * as a from "a"`, `import a from "a"`.
 *
 * @throws {ScriptError}
 */
export function parseImport(statement: Source): ParsedImport[] {
  return new ImportParser(typeof statement === 'string' ? tokenize(statement).tokens : statement).parse()
}

class ImportParser {
  readonly #tokens: readonly Token[]
  #index = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  parse(): ParsedImport[] {
    const imports = this.#skip('from') ? [this.#pythonFrom()] : this.#import()
    if (this.#index < this.#tokens.length) this.#fail()
    return imports
  }

  #pythonFrom(): ParsedImport {
    const specifier = this.#specifier()
    this.#expect('import')
    const isParenthesised = this.#skip('(')
    const bindings = this.#names()
    if (isParenthesised) this.#expect(')')
    return { specifier, bindings }
  }

  #import(): ParsedImport[] {
    this.#expect('import')
    if (this.#tokens.some(({ kind, text }) => kind === 'name' && text === 'from')) return [this.#scriptFrom()]
    const imports: ParsedImport[] = []
    do {
      const { offset } = this.#peek()
      const specifier = this.#specifier()
      const local = this.#skip('as') ? this.#name() : specifier
      if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(local)) {
        throw new ScriptError(`import ${specifier} needs a name: import ${specifier} as name`, offset)
      }
      imports.push({ specifier, bindings: [{ imported: null, target: parseTarget(local) }] })
    } while (this.#skip(','))
    return imports
  }

  #scriptFrom(): ParsedImport {
    let bindings: ImportBinding[]
    if (this.#skip('*')) {
      this.#expect('as')
      bindings = [{ imported: null, target: parseTarget(this.#name()) }]
    } else if (this.#skip('{')) {
      bindings = this.#names()
      this.#expect('}')
    } else {
      bindings = [{ imported: 'default', target: parseTarget(this.#name()) }]
    }
    this.#expect('from')
    return { specifier: this.#specifier(), bindings }
  }

  #names(): ImportBinding[] {
    const bindings: ImportBinding[] = []
    do {
      const imported = this.#name()
      bindings.push({ imported, target: parseTarget(this.#skip('as') ? this.#name() : imported) })
    } while (this.#skip(','))
    return bindings
  }

  #specifier(): string {
    const token = this.#peek()
    if (token.kind === 'string') {
      this.#index++
      return token.text.slice(1, -1)
    }
    let specifier = this.#name()
    while (this.#skip('.')) specifier += `.${this.#name()}`
    return specifier
  }

  #name(): string {
    const token = this.#peek()
    if (token.kind !== 'name') this.#fail()
    this.#index++
    return token.text
  }

  #peek(): Token {
    return this.#tokens[this.#index] ?? this.#fail()
  }

  #skip(text: string): boolean {
    if (this.#tokens[this.#index]?.text !== text) return false
    this.#index++
    return true
  }

  #expect(text: string): void {
    if (!this.#skip(text)) this.#fail()
  }

  #fail(): never {
    const token = this.#tokens[this.#index]
    if (token === undefined) throw new ScriptError('The import is not complete', 0)
    throw new ScriptError(`Unexpected ${token.text} in an import`, token.offset)
  }
}

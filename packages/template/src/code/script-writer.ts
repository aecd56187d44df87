import { type Reference, type Script, scriptCode } from '../javascript/script.ts'
import { variableName } from '../javascript/words.ts'
import { defaultNamespace } from '../runtime/default-namespace.ts'
import { FunctionScope } from './function-scope.ts'

/**
 * Writes the JavaScript of a template, and before it checks that the names are there that it cannot do without: each
 * where it is first sure to be read.
 */
export class ScriptWriter {
  readonly #writeLine: (code: string) => void
  /** Of the function that is being written. */
  scope: FunctionScope = new FunctionScope(null)

  constructor(writeLine: (code: string) => void) {
    this.#writeLine = writeLine
  }

  /** The code of a script, after checks that the names are there that it cannot do without. */
  code(script: Script): string {
    const scope = this.scope
    scope.isAsync ||= script.hasAwait
    const guarded = new Set<Reference>()
    for (const reference of script.references) {
      scope.used.add(reference.name)
      if (this.#check(reference)) guarded.add(reference)
    }
    return scriptCode(script, (reference) => {
      const variable = variableName(reference.name)
      if (!guarded.has(reference)) return variable
      if (reference.kind === 'typeof') return `(${variable} === _tt_missing ? undefined : ${variable})`
      const call = `_tt_unknown(${JSON.stringify(reference.name)})`
      return `(${variable} === _tt_missing ? ${call} : ${variable})`
    })
  }

  /** Answers whether the reference must be guarded where it stands. */
  #check({ name, kind, isConditional }: Reference): boolean {
    const scope = this.scope
    if (kind !== 'read' && kind !== 'typeof') scope.assigned.add(name)
    if (scope.knows(name)) return false
    if (kind === 'write') {
      if (!isConditional) scope.learn(name)
      return false
    }
    scope.need(name, kind === 'typeof' || kind === 'supply' ? 'optional' : 'required')
    if (Object.hasOwn(defaultNamespace, name)) return false
    const variable = variableName(name)
    const lacks = `${variable} === _tt_missing`
    if (kind === 'typeof' || (kind === 'read' && isConditional)) return true
    if (kind === 'supply') this.#writeLine(`if (${lacks}) ${variable} = undefined;`)
    else this.#writeLine(`if (${lacks}) _tt_unknown(${JSON.stringify(name)});`)
    scope.learn(name)
    return false
  }

  /** What is learnt in code that may not run does not count after it. */
  maybe(write: () => void): void {
    const { knowledge } = this.scope
    write()
    this.scope.forget(knowledge)
  }

  /** Has the work write the body of a function within, and answers its scope. */
  inFunction(work: () => void): FunctionScope {
    const outer = this.scope
    const inner = new FunctionScope(outer)
    this.scope = inner
    work()
    this.scope = outer
    inner.close()
    return inner
  }

  /** A name that the template's own function takes, wherever it is used. */
  needOutside(name: string): void {
    let { scope } = this
    while (scope.parent !== null) scope = scope.parent
    scope.need(name, 'required')
  }

  /** The variables of the function that is being written. */
  declarations(): string[] {
    const { used, needed, assigned } = this.scope
    return [...used].map((name) => {
      const variable = variableName(name)
      const keyword = assigned.has(name) ? 'let' : 'const'
      return needed.has(name)
        ? `${keyword} ${variable} = _tt_env.get(${JSON.stringify(name)});`
        : `let ${variable};`
    })
  }
}

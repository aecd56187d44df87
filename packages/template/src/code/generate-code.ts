import { type Script, type Reference, scriptCode } from '../javascript/script.ts'
import { variableName, wordsOf } from '../javascript/words.ts'
import { defaultNamespace } from '../runtime/default-namespace.ts'
import { describePosition, type Line, type TemplatePosition } from '../runtime/position.ts'
import type { LinkedNode, LinkedTemplate, Section } from '../syntax/link-template.ts'
import type {
  ApplyNode,
  ForNode,
  Handler,
  IfNode,
  ImportNode,
  OutputNode,
  ParsedFile,
  TryNode,
  WhileNode,
} from '../syntax/nodes.ts'
import { CodeWriter } from './code-writer.ts'
import { FunctionScope, type Need } from './function-scope.ts'
import type { Survey } from './survey.ts'

/** A function that renders a template, as text. */
export interface GeneratedCode {
  /** An expression. */
  readonly code: string
  /** What `_tt_positions` must hold. */
  readonly positions: readonly TemplatePosition[]
  /** The names that it asks for. */
  readonly names: ReadonlyMap<string, Need>
}

/** `render` answers the whole text; `stream` yields it in pieces. */
export type CodeKind = 'render' | 'stream'

interface Loop {
  /** The variable that tells whether it ran to its end, where anything asks. */
  readonly flag: string | null
  readonly position: number
}

/** Where the code that is being written stands in the templates. */
interface Place {
  /** The directives that led there, innermost first. */
  readonly via: readonly Line[]
  /** The numbers of the positions that its lines have so far. */
  readonly lines: Map<number, number>
}

/** Writes the code of a template as a function of its environment. */
export function generateCode(template: LinkedTemplate, facts: Survey, kind: CodeKind): GeneratedCode {
  return new CodeGenerator(template, facts, kind).generate()
}

/**
 * Every word of the template that might be taken for a variable. As parameters around the function they keep it from
 * reaching the globals of that name, whatever they stand for in it.
 */
export function shieldNames({ scripts }: Survey): string[] {
  const words = new Set<string>()
  for (const { script } of scripts) for (const word of wordsOf(script.tokens)) words.add(word)
  return [...words]
}

class CodeGenerator {
  readonly #template: LinkedTemplate
  readonly #facts: Survey
  readonly #kind: CodeKind
  readonly #out = new CodeWriter()
  readonly #positions: TemplatePosition[] = []
  /** The variables of escaping functions, by their names. */
  readonly #escapers = new Map<string, string>()
  #file: ParsedFile
  #place: Place = { via: [], lines: new Map() }
  #scope = new FunctionScope(null)
  #loops: Loop[] = []
  #lastPosition = -1
  #counter = 0

  constructor(template: LinkedTemplate, facts: Survey, kind: CodeKind) {
    this.#template = template
    this.#facts = facts
    this.#kind = kind
    this.#file = template.root
    this.#position(1)
  }

  generate(): GeneratedCode {
    const out = this.#out
    let mark = 0
    out.block(`${this.#functionHead()}(_tt_env)`, () => {
      out.line('let _tt_at = 0;')
      out.line('let _tt_out = "";')
      out.line('try {')
      out.indented(() => {
        mark = out.mark()
        this.#nodes(this.#template.body)
        if (this.#kind === 'stream') out.line('if (_tt_out !== "") yield _tt_out;')
        else out.line('return _tt_out;')
        out.insert(mark, this.#declarations())
      })
      out.line('} catch (_tt_error) {')
      out.line('  throw _tt_trace(_tt_error, _tt_positions[_tt_at]);')
      out.line('}')
    })
    const names = new Map([...this.#scope.needed].filter(([name]) => !Object.hasOwn(defaultNamespace, name)))
    return { code: String(out), positions: this.#positions, names }
  }

  #functionHead(): string {
    if (this.#kind === 'stream') return 'async function* stream'
    return this.#facts.isAsync ? 'async function render' : 'function render'
  }

  #declarations(): string[] {
    const { used, needed, assigned } = this.#scope
    const lines = [...used].map((name) => {
      const variable = variableName(name)
      const keyword = assigned.has(name) ? 'let' : 'const'
      return needed.has(name)
        ? `${keyword} ${variable} = _tt_env.get(${JSON.stringify(name)});`
        : `let ${variable};`
    })
    for (const [name, variable] of this.#escapers) {
      const text = JSON.stringify(name)
      lines.push(`const ${variable} = _tt_escaper(_tt_env.get(${text}), ${text});`)
    }
    return lines
  }

  #nodes(nodes: readonly LinkedNode[]): void {
    for (const node of nodes) this.#node(node)
  }

  #node(node: LinkedNode): void {
    switch (node.kind) {
      case 'text':
        return this.#out.text(node.text)
      case 'output':
        return this.#output(node)
      case 'set':
        this.#at(node.line)
        for (const script of node.scripts) this.#statement(this.#script(script))
        return
      case 'import':
        return this.#import(node)
      case 'section':
        return this.#section(node)
      case 'if':
        return this.#if(node)
      case 'for':
        return this.#for(node)
      case 'while':
        return this.#while(node)
      case 'try':
        return this.#try(node)
      case 'apply':
        return this.#apply(node)
      case 'flush':
        return this.#flush()
      case 'break':
      case 'continue':
        return this.#jump(node.kind)
    }
  }

  #output({ script, line, isEscaped, isAwaited }: OutputNode): void {
    this.#at(line)
    const { autoescape } = this.#file
    this.#scope.isAsync ||= isAwaited
    const value = `${isAwaited ? 'await ' : ''}(${this.#script(script)})`
    if (!isEscaped || autoescape === null) return this.#out.line(`_tt_out += _tt_text(${value});`)
    const [first] = autoescape.references
    const isName = autoescape.tokens.length === 1 && first !== undefined
    if (isName && !this.#facts.assigned.has(first.name)) {
      return this.#out.line(`_tt_out += ${this.#escaper(first.name)}(${value});`)
    }
    this.#out.line(`_tt_out += _tt_text((${this.#script(autoescape)})(_tt_text(${value})));`)
  }

  #escaper(name: string): string {
    const variable = this.#escapers.get(name) ?? `_tt_escape${this.#escapers.size}`
    this.#escapers.set(name, variable)
    // A variable it is not, but it must be given.
    if (!Object.hasOwn(defaultNamespace, name)) this.#scopeOfAll().need(name, 'required')
    return variable
  }

  #import({ line, specifier, bindings }: ImportNode): void {
    this.#at(line)
    const text = JSON.stringify(specifier)
    for (const { imported, target } of bindings) {
      const module = `_tt_env.import(${text})`
      const value = imported === null ? module : `_tt_export(${module}, ${text}, ${JSON.stringify(imported)})`
      this.#statement(`${this.#script(target)} = ${value}`)
    }
  }

  #section({ file, line, body }: Section): void {
    const outer = this.#file
    const place = this.#place
    this.#file = file
    // A block that is not overridden is in the same place as what surrounds it.
    if (file !== outer) {
      this.#place = { via: [{ filename: outer.name, lineno: line }, ...place.via], lines: new Map() }
      this.#lastPosition = -1
    }
    this.#nodes(body)
    this.#file = outer
    this.#place = place
    if (file !== outer) this.#lastPosition = -1
  }

  #if({ branches, otherwise }: IfNode<LinkedNode>): void {
    const [branch, ...others] = branches
    if (branch === undefined) return this.#nodes(otherwise ?? [])
    this.#at(branch.line)
    const condition = this.#script(branch.condition)
    const hasElse = others.length > 0 || otherwise !== null
    this.#out.block(`if (${condition})`, () => this.#body(branch.body), hasElse ? '} else {' : '}')
    if (hasElse) {
      this.#out.indented(() => this.#maybe(() => this.#if({ kind: 'if', branches: others, otherwise })))
      this.#out.line('}')
    }
    this.#lastPosition = -1
  }

  #for({ line, isAwait, target, iterable, body, otherwise }: ForNode<LinkedNode>): void {
    this.#at(line)
    const source = this.#script(iterable)
    const outside = this.#scope.known
    const variable = this.#script(target)
    this.#scope.isAsync ||= isAwait
    const head = `for ${isAwait ? 'await ' : ''}(${variable} of (${source}))`
    this.#loop(line, otherwise, outside, () => {
      this.#out.block(head, () => {
        this.#pulse()
        this.#nodes(body)
        this.#at(line)
      })
    })
  }

  #while({ line, condition, body, otherwise }: WhileNode<LinkedNode>): void {
    this.#loop(line, otherwise, this.#scope.known, () => {
      this.#out.block('while (true)', () => {
        this.#at(line)
        const code = this.#script(condition)
        this.#out.line(`if (!(${code})) break;`)
        this.#pulse()
        this.#nodes(body)
      })
    })
  }

  /** `known` are the names that are there even if the loop does not run once. */
  #loop(
    line: number,
    otherwise: readonly LinkedNode[] | null,
    known: ReadonlySet<string>,
    write: () => void,
  ): void {
    const flag = otherwise === null ? null : this.#variable('done')
    if (flag !== null) this.#out.line(`let ${flag} = true;`)
    this.#loops.push({ flag, position: this.#position(line) })
    this.#lastPosition = -1
    write()
    this.#loops.pop()
    this.#scope.known = known
    this.#lastPosition = -1
    if (otherwise !== null) this.#out.block(`if (${flag})`, () => this.#body(otherwise))
    this.#lastPosition = -1
  }

  #jump(kind: 'break' | 'continue'): void {
    const loop = this.#loops.at(-1)
    if (kind === 'break' && loop?.flag) this.#out.line(`${loop.flag} = false;`)
    // What goes wrong in the loop's head must not be told of the line left.
    if (kind === 'continue' && loop !== undefined) this.#out.line(`_tt_at = ${loop.position};`)
    this.#out.line(`${kind};`)
  }

  /** What happens at the beginning of each round of a loop, where the code can stop. */
  #pulse(): void {
    if (this.#kind === 'stream' && this.#scope.parent === null) {
      this.#out.line('if (_tt_out.length >= _tt_env.chunkSize) { yield _tt_out; _tt_out = ""; }')
    }
    if (this.#kind === 'stream' || this.#facts.isAsync) {
      this.#out.line('_tt_env.signal?.throwIfAborted();')
    }
  }

  #flush(): void {
    if (this.#kind !== 'stream' || this.#scope.parent !== null) return
    this.#out.line('if (_tt_out !== "") { yield _tt_out; _tt_out = ""; }')
  }

  #try({ body, handlers, otherwise, final }: TryNode<LinkedNode>): void {
    const flag = otherwise === null ? null : this.#variable('done')
    const write = (): void => {
      if (handlers.length === 0) return this.#body(body)
      if (flag !== null) this.#out.line(`let ${flag} = false;`)
      const error = this.#variable('error')
      this.#out.line('try {')
      this.#out.indented(() => {
        this.#body(body)
        if (flag !== null) this.#out.line(`${flag} = true;`)
      })
      this.#out.block(`} catch (${error})`, () => {
        const position = this.#variable('at')
        this.#out.line(`const ${position} = _tt_at;`)
        this.#maybe(() => this.#handlers(handlers, error, position))
      })
      if (otherwise !== null) this.#out.block(`if (${flag})`, () => this.#body(otherwise))
    }
    if (final === null) {
      write()
    } else {
      this.#out.line('try {')
      this.#out.indented(write)
      this.#out.block('} finally', () => {
        const position = this.#variable('at')
        this.#out.line(`const ${position} = _tt_at;`)
        this.#body(final)
        this.#out.line(`_tt_at = ${position};`)
      })
    }
    this.#lastPosition = -1
  }

  #handlers(handlers: readonly Handler<LinkedNode>[], error: string, position: string): void {
    const [handler, ...others] = handlers
    if (handler === undefined) {
      this.#out.line(`_tt_at = ${position};`)
      this.#out.line(`throw ${error};`)
      return
    }
    const { line, types, target, body } = handler
    const write = (): void => {
      this.#maybe(() => {
        if (target !== null) this.#statement(`${this.#script(target)} = ${error}`)
        this.#nodes(body)
      })
    }
    this.#lastPosition = -1
    this.#at(line)
    if (types === null) return write()
    const list = types.map((type) => `(${this.#script(type)})`).join(', ')
    this.#out.block(`if (_tt_matches(${error}, [${list}]))`, write, '} else {')
    this.#out.indented(() => this.#maybe(() => this.#handlers(others, error, position)))
    this.#out.line('}')
  }

  #apply({ line, script, isAwaited, body }: ApplyNode<LinkedNode>): void {
    this.#at(line)
    const applied = this.#script(script)
    const result = this.#variable('apply')
    const outer = this.#scope
    const loops = this.#loops
    const inner = new FunctionScope(outer)
    this.#scope = inner
    this.#loops = []
    const written = this.#out.mark()
    this.#out.indented(() => {
      this.#out.line('let _tt_out = "";')
      this.#nodes(body)
      this.#out.line('return _tt_out;')
    })
    const variables = [...inner.assigned].map(variableName).join(', ')
    const head = inner.isAsync ? 'await (async ' : '('
    this.#out.insert(written, [`const ${result} = ${head}(${variables}) => {`])
    this.#out.line(`})(${variables});`)
    this.#scope = outer
    this.#loops = loops
    inner.close()
    this.#lastPosition = -1
    this.#at(line)
    this.#out.line(`_tt_out += _tt_text(${isAwaited ? 'await ' : ''}(${applied})(${result}));`)
    outer.isAsync ||= isAwaited
  }

  /** A body that may not run, or not to its end. */
  #body(nodes: readonly LinkedNode[]): void {
    this.#maybe(() => this.#nodes(nodes))
    this.#lastPosition = -1
  }

  /** What is learnt in code that may not run does not count after it. */
  #maybe(write: () => void): void {
    const { known } = this.#scope
    write()
    this.#scope.known = known
  }

  #statement(code: string): void {
    this.#out.line(`(${code});`)
  }

  /** The code of a script, after checks that the names are there that it cannot do without. */
  #script(script: Script): string {
    const scope = this.#scope
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
    const scope = this.#scope
    if (kind !== 'read' && kind !== 'typeof') scope.assigned.add(name)
    if (scope.known.has(name)) return false
    if (kind === 'write') {
      if (!isConditional) scope.learn(name)
      return false
    }
    this.#need(name, kind === 'typeof' || kind === 'supply' ? 'optional' : 'required')
    if (Object.hasOwn(defaultNamespace, name)) return false
    const variable = variableName(name)
    const lacks = `${variable} === _tt_missing`
    if (kind === 'typeof' || (kind === 'read' && isConditional)) return true
    if (kind === 'supply') this.#out.line(`if (${lacks}) ${variable} = undefined;`)
    else this.#out.line(`if (${lacks}) _tt_unknown(${JSON.stringify(name)});`)
    scope.learn(name)
    return false
  }

  #need(name: string, need: Need): void {
    this.#scope.need(name, need)
  }

  #scopeOfAll(): FunctionScope {
    let scope = this.#scope
    while (scope.parent !== null) scope = scope.parent
    return scope
  }

  #at(line: number): void {
    const position = this.#position(line)
    if (position === this.#lastPosition) return
    this.#lastPosition = position
    const place = this.#positions[position]
    const comment = place === undefined ? '' : ` // ${printable(describePosition(place))}`
    this.#out.line(`_tt_at = ${position};${comment}`)
  }

  /** The number of a line of the file that is being written. */
  #position(lineno: number): number {
    let position = this.#place.lines.get(lineno)
    if (position === undefined) {
      position = this.#positions.push({ filename: this.#file.name, lineno, via: this.#place.via }) - 1
      this.#place.lines.set(lineno, position)
    }
    return position
  }

  #variable(what: string): string {
    return `_tt_${what}${++this.#counter}`
  }
}

/** A name of a template may hold anything, and must not end a comment. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what must not be printed
  return text.replaceAll(/[\0-\x1f\x7f\u2028\u2029]/g, ' ')
}

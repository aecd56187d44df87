import { variableName, wordsOf } from '../javascript/words.ts'
import { defaultNamespace } from '../runtime/default-namespace.ts'
import { describePosition, type TemplatePosition } from '../runtime/position.ts'
import type { LinkedNode, LinkedTemplate, Section } from '../syntax/link-template.ts'
import type {
  ApplyNode,
  ForNode,
  Handler,
  IfNode,
  ImportNode,
  OutputNode,
  TryNode,
  WhileNode,
} from '../syntax/nodes.ts'
import { CodeWriter } from './code-writer.ts'
import type { Need } from './function-scope.ts'
import { PositionTable } from './position-table.ts'
import { ScriptWriter } from './script-writer.ts'
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
  readonly #scripts = new ScriptWriter((code) => this.#out.line(code))
  readonly #places: PositionTable
  /** The variables of escaping functions, by their names. */
  readonly #escapers = new Map<string, string>()
  #loops: Loop[] = []
  #lastPosition = -1
  #counter = 0

  constructor(template: LinkedTemplate, facts: Survey, kind: CodeKind) {
    this.#template = template
    this.#facts = facts
    this.#kind = kind
    this.#places = new PositionTable(template.root)
    // Position 0, for what goes wrong before the first directive.
    this.#places.numberOf(1)
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
        out.insert(mark, [...this.#scripts.declarations(), ...this.#escaperDeclarations()])
      })
      out.line('} catch (_tt_error) {')
      out.line('  throw _tt_trace(_tt_error, _tt_positions[_tt_at]);')
      out.line('}')
    })
    const needed = [...this.#scripts.scope.needed]
    const names = new Map(needed.filter(([name]) => !Object.hasOwn(defaultNamespace, name)))
    return { code: String(out), positions: this.#places.positions, names }
  }

  #functionHead(): string {
    if (this.#kind === 'stream') return 'async function* stream'
    return this.#facts.isAsync ? 'async function render' : 'function render'
  }

  #escaperDeclarations(): string[] {
    return [...this.#escapers].map(([name, variable]) => {
      const text = JSON.stringify(name)
      return `const ${variable} = _tt_escaper(_tt_env.get(${text}), ${text});`
    })
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
        for (const script of node.scripts) this.#statement(this.#scripts.code(script))
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
    const { autoescape } = this.#places.file
    this.#scripts.scope.isAsync ||= isAwaited
    const value = `${isAwaited ? 'await ' : ''}(${this.#scripts.code(script)})`
    if (!isEscaped || autoescape === null) return this.#out.line(`_tt_out += _tt_text(${value});`)
    const [first] = autoescape.references
    const isName = autoescape.tokens.length === 1 && first !== undefined
    if (isName && !this.#facts.assigned.has(first.name)) {
      return this.#out.line(`_tt_out += ${this.#escaper(first.name)}(${value});`)
    }
    this.#out.line(`_tt_out += _tt_text((${this.#scripts.code(autoescape)})(_tt_text(${value})));`)
  }

  #escaper(name: string): string {
    const variable = this.#escapers.get(name) ?? `_tt_escape${this.#escapers.size}`
    this.#escapers.set(name, variable)
    // A variable it is not, but it must be given.
    if (!Object.hasOwn(defaultNamespace, name)) this.#scripts.needOutside(name)
    return variable
  }

  #import({ line, specifier, bindings }: ImportNode): void {
    this.#at(line)
    const text = JSON.stringify(specifier)
    for (const { imported, target } of bindings) {
      const module = `_tt_env.import(${text})`
      const value = imported === null ? module : `_tt_export(${module}, ${text}, ${JSON.stringify(imported)})`
      this.#statement(`${this.#scripts.code(target)} = ${value}`)
    }
  }

  #section({ file, line, body }: Section): void {
    const isElsewhere = file !== this.#places.file
    if (isElsewhere) this.#lastPosition = -1
    this.#places.within(file, line, () => this.#nodes(body))
    if (isElsewhere) this.#lastPosition = -1
  }

  #if({ branches, otherwise }: IfNode<LinkedNode>): void {
    const [branch, ...others] = branches
    if (branch === undefined) return this.#nodes(otherwise ?? [])
    this.#at(branch.line)
    const condition = this.#scripts.code(branch.condition)
    const hasElse = others.length > 0 || otherwise !== null
    this.#out.block(`if (${condition})`, () => this.#body(branch.body), hasElse ? '} else {' : '}')
    if (hasElse) {
      this.#out.indented(() =>
        this.#scripts.maybe(() => this.#if({ kind: 'if', branches: others, otherwise })),
      )
      this.#out.line('}')
    }
    this.#lastPosition = -1
  }

  #for({ line, isAwait, target, iterable, body, otherwise }: ForNode<LinkedNode>): void {
    this.#at(line)
    const source = this.#scripts.code(iterable)
    const outside = this.#scripts.scope.knowledge
    const variable = this.#scripts.code(target)
    this.#scripts.scope.isAsync ||= isAwait
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
    this.#loop(line, otherwise, this.#scripts.scope.knowledge, () => {
      this.#out.block('while (true)', () => {
        this.#at(line)
        const code = this.#scripts.code(condition)
        this.#out.line(`if (!(${code})) break;`)
        this.#pulse()
        this.#nodes(body)
      })
    })
  }

  /** `outside` is what was known before: it holds even if the loop does not run once. */
  #loop(line: number, otherwise: readonly LinkedNode[] | null, outside: number, write: () => void): void {
    const flag = otherwise === null ? null : this.#variable('done')
    if (flag !== null) this.#out.line(`let ${flag} = true;`)
    this.#loops.push({ flag, position: this.#places.numberOf(line) })
    this.#lastPosition = -1
    write()
    this.#loops.pop()
    this.#scripts.scope.forget(outside)
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
    if (this.#kind === 'stream' && this.#scripts.scope.parent === null) {
      this.#out.line('if (_tt_out.length >= _tt_env.chunkSize) { yield _tt_out; _tt_out = ""; }')
    }
    if (this.#kind === 'stream' || this.#facts.isAsync) {
      this.#out.line('_tt_env.signal?.throwIfAborted();')
    }
  }

  #flush(): void {
    if (this.#kind !== 'stream' || this.#scripts.scope.parent !== null) return
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
        this.#scripts.maybe(() => this.#handlers(handlers, error, position))
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
      this.#scripts.maybe(() => {
        if (target !== null) this.#statement(`${this.#scripts.code(target)} = ${error}`)
        this.#nodes(body)
      })
    }
    this.#lastPosition = -1
    this.#at(line)
    if (types === null) return write()
    const list = types.map((type) => `(${this.#scripts.code(type)})`).join(', ')
    this.#out.block(`if (_tt_matches(${error}, [${list}]))`, write, '} else {')
    this.#out.indented(() => this.#scripts.maybe(() => this.#handlers(others, error, position)))
    this.#out.line('}')
  }

  #apply({ line, script, isAwaited, body }: ApplyNode<LinkedNode>): void {
    this.#at(line)
    const applied = this.#scripts.code(script)
    const result = this.#variable('apply')
    const loops = this.#loops
    this.#loops = []
    const written = this.#out.mark()
    const inner = this.#scripts.inFunction(() => {
      this.#out.indented(() => {
        this.#out.line('let _tt_out = "";')
        this.#nodes(body)
        this.#out.line('return _tt_out;')
      })
    })
    this.#loops = loops
    const variables = [...inner.assigned].map(variableName).join(', ')
    const head = inner.isAsync ? 'await (async ' : '('
    this.#out.insert(written, [`const ${result} = ${head}(${variables}) => {`])
    this.#out.line(`})(${variables});`)
    this.#lastPosition = -1
    this.#at(line)
    this.#out.line(`_tt_out += _tt_text(${isAwaited ? 'await ' : ''}(${applied})(${result}));`)
    this.#scripts.scope.isAsync ||= isAwaited
  }

  /** A body that may not run, or not to its end. */
  #body(nodes: readonly LinkedNode[]): void {
    this.#scripts.maybe(() => this.#nodes(nodes))
    this.#lastPosition = -1
  }

  #statement(code: string): void {
    this.#out.line(`(${code});`)
  }

  #at(line: number): void {
    const position = this.#places.numberOf(line)
    if (position === this.#lastPosition) return
    this.#lastPosition = position
    const place = this.#places.positions[position]
    const comment = place === undefined ? '' : ` // ${printable(describePosition(place))}`
    this.#out.line(`_tt_at = ${position};${comment}`)
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

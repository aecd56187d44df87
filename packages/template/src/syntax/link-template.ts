import { ParseError } from '../errors.ts'
import type {
  ApplyNode,
  BlockNode,
  ForNode,
  IfNode,
  LeafNode,
  ParsedFile,
  TemplateNode,
  TryNode,
  WhileNode,
} from './nodes.ts'

/** A piece of a template that comes from another place than what surrounds it. */
export interface Section {
  readonly kind: 'section'
  readonly file: ParsedFile
  /** The line of the directive in the surrounding file that led here. */
  readonly line: number
  readonly body: readonly LinkedNode[]
}

/** A node after inheritance and inclusion: other nodes than these stand in its bodies no more. */
export type LinkedNode =
  | LeafNode
  | IfNode<LinkedNode>
  | ForNode<LinkedNode>
  | WhileNode<LinkedNode>
  | TryNode<LinkedNode>
  | ApplyNode<LinkedNode>
  | Section

/** A template with everything that it extends and includes. */
export interface LinkedTemplate {
  /** The file whose text the output begins with: the last one that nothing else is extended by. */
  readonly root: ParsedFile
  readonly body: readonly LinkedNode[]
  /** Every file it was made of, the template's own first. */
  readonly files: readonly ParsedFile[]
}

/** Finds a template's text by a name that stands in another template. */
export type FindFile = (name: string, from: string, line: number) => ParsedFile

interface Definition {
  readonly block: BlockNode
  readonly file: ParsedFile
}

/**
 * Puts in place of `extends`, `block`, `include` and `super` what they stand for.
 *
 * @throws {ParseError} For files that extend or include themselves, and blocks that contain themselves.
 */
export function linkTemplate(file: ParsedFile, find: FindFile): LinkedTemplate {
  return new Linker(find).link(file)
}

class Linker {
  readonly #find: FindFile
  readonly #files = new Set<ParsedFile>()
  /** The definitions of each block, the basic one first; each overrides the one before. */
  readonly #blocks = new Map<string, Definition[]>()
  /** What is being linked: includes and blocks that must not be met again. */
  readonly #active: unknown[] = []

  constructor(find: FindFile) {
    this.#find = find
  }

  link(file: ParsedFile): LinkedTemplate {
    const ancestors = this.#ancestors(file)
    const root = ancestors.at(-1) ?? file
    for (const ancestor of ancestors.toReversed()) this.#collect(ancestor.body, ancestor)
    const body = this.#within(root, () => this.#nodes(root.body, root))
    return { root, body, files: [...this.#files] }
  }

  /** The file, what it extends, what that extends … */
  #ancestors(file: ParsedFile): ParsedFile[] {
    const ancestors: ParsedFile[] = []
    let next = file
    for (;;) {
      ancestors.push(next)
      this.#files.add(next)
      if (next.extends === null) return ancestors
      const { name, line } = next.extends
      const parent = this.#find(name, next.name, line)
      if (ancestors.some((each) => each.name === parent.name)) {
        throw new ParseError(`${parent.name} extends itself`, next.name, line)
      }
      next = parent
    }
  }

  #collect(nodes: readonly TemplateNode[], file: ParsedFile): void {
    for (const node of nodes) {
      if (node.kind === 'block') this.#define(node, file)
      if (node.kind === 'include') {
        const included = this.#include(node.name, node.line, file)
        this.#within(included, () => this.#collect(included.body, included))
      }
      for (const body of bodiesOf(node)) this.#collect(body, file)
    }
  }

  #define(block: BlockNode, file: ParsedFile): void {
    const definitions = this.#blocks.get(block.name) ?? []
    // Of one file the last definition counts.
    if (definitions.at(-1)?.file === file) definitions.pop()
    definitions.push({ block, file })
    this.#blocks.set(block.name, definitions)
  }

  #include(name: string, line: number, file: ParsedFile): ParsedFile {
    const included = this.#find(name, file.name, line)
    this.#files.add(included)
    if (this.#active.includes(included)) {
      throw new ParseError(`${included.name} includes itself`, file.name, line)
    }
    if (included.extends !== null) {
      throw new ParseError(
        `${included.name} extends another template and cannot be included`,
        file.name,
        line,
      )
    }
    return included
  }

  #nodes(nodes: readonly TemplateNode[], file: ParsedFile, within: Definition | null = null): LinkedNode[] {
    return nodes.map((node): LinkedNode => {
      const inner = (body: readonly TemplateNode[]): LinkedNode[] => this.#nodes(body, file, within)
      const orNull = (body: readonly TemplateNode[] | null): LinkedNode[] | null => body && inner(body)
      switch (node.kind) {
        case 'block':
          return this.#block(this.#blocks.get(node.name)?.at(-1), node.line, file)
        case 'super':
          return this.#block(this.#overridden(within, node.line, file), node.line, file)
        case 'include': {
          const included = this.#include(node.name, node.line, file)
          const body = this.#within(included, () => this.#nodes(included.body, included))
          return { kind: 'section', file: included, line: node.line, body }
        }
        case 'if': {
          const branches = node.branches.map((branch) => ({ ...branch, body: inner(branch.body) }))
          return { ...node, branches, otherwise: orNull(node.otherwise) }
        }
        case 'for':
        case 'while':
          return { ...node, body: inner(node.body), otherwise: orNull(node.otherwise) }
        case 'try': {
          const handlers = node.handlers.map((handler) => ({ ...handler, body: inner(handler.body) }))
          const rest = { otherwise: orNull(node.otherwise), final: orNull(node.final) }
          return { ...node, body: inner(node.body), handlers, ...rest }
        }
        case 'apply':
          return { ...node, body: inner(node.body) }
        case 'text':
        case 'output':
        case 'set':
        case 'import':
        case 'flush':
        case 'break':
        case 'continue':
          return node
      }
    })
  }

  #block(definition: Definition | undefined, line: number, file: ParsedFile): Section {
    if (definition === undefined) throw new ParseError('The block is defined nowhere', file.name, line)
    const { block, file: source } = definition
    if (this.#active.includes(block))
      throw new ParseError(`block ${block.name} contains itself`, file.name, line)
    const body = this.#within(block, () => this.#nodes(block.body, source, definition))
    return { kind: 'section', file: source, line, body }
  }

  /** What `super` stands for within a definition. */
  #overridden(within: Definition | null, line: number, file: ParsedFile): Definition {
    if (within === null) throw new ParseError('super outside block', file.name, line)
    const { name } = within.block
    const definitions = this.#blocks.get(name) ?? []
    const overridden = definitions[definitions.indexOf(within) - 1]
    if (overridden === undefined) {
      throw new ParseError(`super in block ${name}, which overrides no other`, file.name, line)
    }
    return overridden
  }

  #within<T>(what: unknown, work: () => T): T {
    this.#active.push(what)
    const result = work()
    this.#active.pop()
    return result
  }
}

function bodiesOf(node: TemplateNode): (readonly TemplateNode[])[] {
  switch (node.kind) {
    case 'if':
      return [...node.branches.map(({ body }) => body), node.otherwise ?? []]
    case 'for':
    case 'while':
      return [node.body, node.otherwise ?? []]
    case 'try':
      return [node.body, ...node.handlers.map(({ body }) => body), node.otherwise ?? [], node.final ?? []]
    case 'apply':
    case 'block':
      return [node.body]
    case 'text':
    case 'output':
    case 'set':
    case 'import':
    case 'include':
    case 'super':
    case 'flush':
    case 'break':
    case 'continue':
      return []
  }
}

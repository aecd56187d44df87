import { minifySync, parseSync } from 'vite'

interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
}

interface Identifier extends Node {
  readonly name: string
}

const lineSize = 120
/** Stands before the name of a private method while others are shortened. */
const mark = '__private_'

/**
 * The same module with short names for its variables, parameters and private fields. Functions, classes and methods keep theirs, private
 * ones too: they stand in stack traces and in inspected objects.
 */
export function shortenNames(source: string): string {
  const { code, errors } = minifySync('module.js', markPrivateMethods(restoreClassNames(source)), {
    module: true,
    compress: {
      keepNames: { function: true, class: true },
      target: 'node22',
      sequences: false,
      joinVars: false,
    },
    mangle: { toplevel: true, keepNames: true },
  })
  const [error] = errors
  if (error !== undefined) throw new Error(`Cannot shorten names: ${error.message}`)
  return breakLines(code.replaceAll(mark, '#'))
}

/** Takes back what a bundle does to a class that names itself: `var A = class _A {}`. */
function restoreClassNames(source: string): string {
  const names: Identifier[] = []
  const restored = new Set<string>()
  visit(parse(source), (node, parent) => {
    if (!isIdentifier(node)) return
    names.push(node)
    if (parent.type === 'ClassExpression' && /^_[A-Z]/.test(node.name)) restored.add(node.name)
  })
  const found = names.filter(({ name }) => restored.has(name))
  return splice(
    source,
    found.map(({ start }) => ({ start, end: start + 1, text: '' })),
  )
}

/** Makes ordinary names of those of private methods, since private names cannot be excluded from being shortened. */
function markPrivateMethods(source: string): string {
  if (source.includes(mark)) throw new Error(`Cannot shorten names where one begins with ${mark}`)
  const used: Identifier[] = []
  const methods = new Set<string>()
  const asked = new Set<string>()
  visit(parse(source), (node, parent) => {
    if (!isPrivateName(node)) return
    used.push(node)
    if (parent.type === 'MethodDefinition') methods.add(node.name)
    if (parent.type === 'BinaryExpression') asked.add(node.name)
  })
  // `#name in object` has no counterpart among ordinary names: such a method is shortened.
  const marked = used.filter(({ name }) => methods.has(name) && !asked.has(name))
  return splice(
    source,
    // The space parts it from a word that touches the `#`, as in `async#read(){}`.
    marked.map(({ start }) => ({ start, end: start + 1, text: ` ${mark}` })),
  )
}

/** Puts statements and members of classes onto lines of about 120 characters. */
function breakLines(source: string): string {
  const starts: number[] = []
  visit(parse(source), (node) => {
    if (/Statement$|Declaration$|^(MethodDefinition|PropertyDefinition)$/.test(node.type))
      starts.push(node.start)
  })
  let lineStart = 0
  let previous = 0
  const breaks: number[] = []
  for (const start of [...starts.toSorted((a, b) => a - b), source.length]) {
    if (start - lineStart > lineSize && previous > lineStart) breaks.push((lineStart = previous))
    previous = start
  }
  return splice(
    source,
    breaks.map((at) => ({ start: at, end: at, text: '\n' })),
  )
}

function parse(source: string): Node {
  const { program, errors } = parseSync('module.js', source, { sourceType: 'module' })
  const [error] = errors
  if (error !== undefined) throw new Error(`Cannot parse what was built: ${error.message}`)
  return program
}

function visit(node: Node, see: (node: Node, parent: Node) => void, parent: Node = node): void {
  see(node, parent)
  for (const value of Object.values(node)) {
    for (const each of Array.isArray(value) ? value : [value]) if (isNode(each)) visit(each, see, node)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

function isIdentifier(node: Node): node is Identifier {
  return node.type === 'Identifier'
}

function isPrivateName(node: Node): node is Identifier {
  return node.type === 'PrivateIdentifier'
}

function splice(source: string, edits: { start: number; end: number; text: string }[]): string {
  let spliced = ''
  let at = 0
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    spliced += source.slice(at, start) + text
    at = end
  }
  return spliced + source.slice(at)
}

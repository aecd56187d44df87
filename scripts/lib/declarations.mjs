// Which declarations of a package lead somewhere: its entries, what they export, and what that names.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parseSync } from 'vite'

/**
 * Reads the declarations that entries lead to. In each module `parts` are its statements with the comments before them; `used` says of
 * parts and of the names that they import or export whether an entry leads there.
 *
 * @param {string[]} entries absolute paths
 * @returns {Map<string, object>} modules by path, in the order in which they were reached
 */
export function readDeclarations(entries) {
  const modules = new Map()

  function read(path) {
    if (!modules.has(path)) modules.set(path, existsSync(path) ? readModule(path) : undefined)
    return modules.get(path)
  }

  function markAll(path) {
    const module = read(path)
    if (module === undefined || module.whole) return
    module.whole = true
    for (const { declares } of module.parts) for (const name of declares) markLocal(module, name)
    for (const part of module.parts) {
      for (const specifier of part.specifiers) if (specifier.exported) markSpecifier(module, specifier)
      if (part.star !== undefined) markAll(part.star)
    }
  }

  /** Marks what a module exports as `name`. */
  function markExport(path, name) {
    const module = read(path)
    if (module === undefined) return
    if (name === '*') return markAll(path)
    const found = specifiersOf(module).filter(({ exported }) => exported === name)
    for (const specifier of found) markSpecifier(module, specifier)
    if (found.length > 0) return
    markLocal(module, name)
    for (const { star } of module.parts) if (star !== undefined) markExport(star, name)
  }

  /** Marks what a module itself calls `name`: its own declarations, or an import. */
  function markLocal(module, name) {
    for (const part of module.parts) if (part.declares.has(name)) markDeclaration(module, part)
    for (const specifier of specifiersOf(module)) {
      if (specifier.local === name && !specifier.exported) markSpecifier(module, specifier)
    }
  }

  function markDeclaration(module, part) {
    if (part.used) return
    part.used = true
    for (const name of part.names) markLocal(module, name)
    for (const source of part.sources) markAll(source)
  }

  function markSpecifier(module, specifier) {
    if (specifier.used) return
    specifier.used = true
    if (specifier.source === undefined) markLocal(module, specifier.local)
    else markExport(specifier.source, specifier.imported)
  }

  for (const entry of entries) markAll(entry)
  return new Map([...modules].filter(([, module]) => module !== undefined))
}

export const specifiersOf = (module) => module.parts.flatMap(({ specifiers }) => specifiers)

function readModule(path) {
  const text = readFileSync(path, 'utf8')
  const { program, errors } = parseSync(path, text, { lang: 'dts', sourceType: 'module' })
  if (errors.length > 0) throw new Error(`Cannot read ${path}: ${errors[0].message}`)
  const toPath = (source) =>
    source.startsWith('.') ? resolve(dirname(path), source.replace(/\.[jt]s$/, '.d.ts')) : source
  let start = 0
  const parts = program.body.map((node) => {
    const part = readPart(node, start, toPath)
    start = node.end
    return part
  })
  return { text, parts, whole: false }
}

/** A statement with the comments before it. */
function readPart(node, start, toPath) {
  const part = {
    start,
    end: node.end,
    exportAt: node.start,
    declareAt: node.declaration?.start ?? node.start,
    declares: new Set(),
    names: new Set(),
    sources: [],
    specifiers: [],
  }
  if (node.type === 'ExportAllDeclaration') return { ...part, star: toPath(node.source.value), used: true }
  if (node.specifiers !== undefined && !node.declaration) {
    const source = node.source ? toPath(node.source.value) : undefined
    const specifiers = node.specifiers.map((specifier) => readSpecifier(specifier, source))
    // Without names it is `export {}`, or an import for what it does.
    return { ...part, specifiers, used: specifiers.length === 0 }
  }
  const declaration = node.declaration ?? node
  for (const { id } of declaration.declarations ?? [declaration]) part.declares.add(id.name)
  const own = new Set()
  visit(declaration, (each, key, parent) => {
    if (each.type === 'TSImportType') part.sources.push(toPath(each.source.value))
    if (each.type === 'TSTypeParameter') own.add(each.name.name)
    if (each.type === 'Identifier' && isReference(key, parent)) part.names.add(each.name)
  })
  for (const name of own) part.names.delete(name)
  return { ...part, used: false }
}

function readSpecifier({ type, start, end, local, imported, exported }, source) {
  const nameOf = (name) => name.name ?? name.value
  const position = { start, end, source, used: false }
  if (type === 'ExportSpecifier') {
    return { ...position, local: nameOf(local), imported: nameOf(local), exported: nameOf(exported) }
  }
  return {
    ...position,
    local: local.name,
    imported: type === 'ImportSpecifier' ? nameOf(imported) : '*',
    exported: null,
  }
}

/** Whether a name that is the `key` of `parent` stands for something declared elsewhere. */
function isReference(key, parent) {
  switch (key) {
    case 'typeName':
    case 'exprName':
    case 'superClass':
    case 'expression':
    case 'left':
    case 'object':
      return true
    case 'key':
      return parent.computed
    default:
      return false
  }
}

function visit(node, see, key = '', parent = node) {
  see(node, key, parent)
  for (const [name, value] of Object.entries(node)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (typeof each?.type === 'string') visit(each, see, name, node)
    }
  }
}

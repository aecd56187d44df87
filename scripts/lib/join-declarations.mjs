// Writes the declarations that the entries of a package lead to into as few files as can be.
import { dirname, join } from 'node:path'
import { readDeclarations, specifiersOf } from './declarations.mjs'

/**
 * A package with one entry gets one file, one with more a `types.d.ts` that all of them export from.
 *
 * @param {string[]} entries absolute paths in one folder
 * @returns {Map<string, string>} the texts by path; no other declarations are needed
 * @throws {Error} When the declarations cannot stand in one file, such as two of the same name
 */
export function joinDeclarations(entries) {
  const modules = readDeclarations(entries)
  const { imports } = checkNames(modules)
  const exportsOf = new Map(entries.map((entry) => [entry, listExports(modules, entry)]))
  const home = entries.length === 1 ? entries[0] : join(dirname(entries[0]), 'types.d.ts')
  const shown = new Set()
  for (const list of exportsOf.values()) {
    for (const { source, local, exported } of list) {
      if (source === undefined && (home !== entries[0] || local === exported)) shown.add(local)
    }
  }
  const declarations = [...modules.values()].flatMap((module) => {
    return module.parts
      .filter(({ declares, used }) => used && declares.size > 0)
      .map(writePart(module, shown))
  })
  const texts = new Map([[home, [...writeImports(imports), ...declarations]]])
  for (const [entry, list] of exportsOf) {
    const rest = list.filter(({ source, local, exported }) => {
      return home !== entry || source !== undefined || local !== exported
    })
    const here = home === entry ? undefined : './types.ts'
    texts.set(entry, [...(texts.get(entry) ?? []), ...writeExports(rest, here)])
  }
  // Without an export list everything in a declaration counts as exported.
  return new Map([...texts].map(([path, lines]) => [path, `${[...lines, 'export {};'].join('\n')}\n`]))
}

/** Holds that each name means the same wherever the declarations of the package use it. */
function checkNames(modules) {
  const meanings = new Map()
  const imports = new Map()
  const add = (name, meaning) => {
    const other = meanings.get(name) ?? meaning
    if (other !== meaning)
      throw new Error(`Two things are called ${name} in declarations: ${other} and ${meaning}`)
    meanings.set(name, meaning)
  }
  for (const [path, { parts }] of modules) {
    for (const { declares, used, star } of parts) {
      if (star !== undefined) throw new Error(`${path} exports names that it does not list`)
      if (used) for (const name of declares) add(name, path)
    }
  }
  for (const [path, module] of modules) {
    for (const { source, local, imported, exported, used } of specifiersOf(module)) {
      if (!used || source === undefined || exported !== null) continue
      if (!modules.has(source)) {
        add(local, `${imported} of ${source}`)
        imports.set(local, { source, imported, local })
      } else if (local !== imported) throw new Error(`${path} imports ${imported} by another name`)
    }
  }
  for (const [path, module] of modules) {
    const known = new Set(specifiersOf(module).map(({ local }) => local))
    for (const { declares } of module.parts) for (const name of declares) known.add(name)
    for (const { names, used, sources } of module.parts) {
      if (!used) continue
      if (sources.length > 0) throw new Error(`${path} has a type with import()`)
      for (const name of names)
        if (!known.has(name) && meanings.has(name)) add(name, `a global name in ${path}`)
    }
  }
  return { imports }
}

/** What an entry exports: `source` is the package that it comes from, if not this one. */
function listExports(modules, entry) {
  const { parts } = modules.get(entry)
  const declared = parts.filter(({ exportAt, declareAt }) => exportAt !== declareAt)
  return [
    ...declared.flatMap(({ declares }) => [...declares].map((name) => ({ local: name, exported: name }))),
    ...specifiersOf(modules.get(entry))
      .filter(({ exported }) => exported !== null)
      .map(({ exported }) => ({ ...findOrigin(modules, entry, exported), exported })),
  ]
}

/** Where a name that a module exports is declared: in this package, or in another (`source`). */
function findOrigin(modules, path, name) {
  const specifiers = specifiersOf(modules.get(path))
  const found = specifiers.find(({ exported }) => exported === name)
  const local = found?.local ?? name
  const from = found?.source
    ? found
    : specifiers.find((each) => each.exported === null && each.local === local)
  if (from === undefined) return { local }
  if (!modules.has(from.source)) return { source: from.source, local: from.imported }
  return findOrigin(modules, from.source, from.imported)
}

/** A declaration with its comments, exported if it is to be `shown`; each level of indentation is a tab. */
function writePart({ text }, shown) {
  return ({ start, end, exportAt, declareAt, declares }) => {
    const comments = text.slice(start, exportAt).trimStart()
    const declaration = text.slice(declareAt, end)
    const exported = [...declares].some((name) => shown.has(name))
    const tabs = (spaces) => '\t'.repeat(spaces.length / 4) + ' '.repeat(spaces.length % 4)
    return `${comments}${exported ? 'export ' : ''}${declaration}`.replaceAll(/^ +/gm, tabs)
  }
}

function writeImports(imports) {
  const bySource = Map.groupBy(imports.values(), ({ source }) => source)
  return [...bySource].flatMap(([source, list]) => {
    const named = list.filter(({ imported }) => imported !== '*')
    const all = list.filter(({ imported }) => imported === '*')
    const names = named.map(({ local, imported }) => rename(imported, local)).join(', ')
    return [
      ...all.map(({ local }) => `import * as ${local} from '${source}';`),
      ...(named.length > 0 ? [`import { ${names} } from '${source}';`] : []),
    ]
  })
}

function writeExports(list, here) {
  const bySource = Map.groupBy(list, ({ source }) => source ?? here)
  return [...bySource].map(([source, names]) => {
    const text = names.map(({ local, exported }) => rename(local, exported)).join(', ')
    return `export { ${text} }${source === undefined ? '' : ` from '${source}'`};`
  })
}

const rename = (name, other) => (name === other ? name : `${name} as ${other}`)

// What one TypeScript file imports and of what kind it is, read from its syntax tree:
// comments, strings and examples in doc comments do not count.
import { parseSync } from 'vite'

/**
 * @returns {{
 *   imports: { specifier: string, line: number, isType: boolean, isDynamic: boolean }[],
 *   isExportList: boolean,
 *   tsupEntries: string[] | undefined,
 * }}
 * `isType`: the import leaves no trace in JavaScript. `isExportList`: the file does nothing but export what
 * others define. `tsupEntries`: the strings of `entry: […]`, where the file has such a property.
 */
export function readSourceFile(name, text) {
  const { program, module, errors } = parseSync(name, text)
  if (errors.length > 0) throw new Error(`Cannot parse ${name}: ${errors[0].message}`)
  const found = []
  const add = (start, specifier, kind) =>
    found.push({ specifier, line: lineAt(text, start), isType: false, isDynamic: false, ...kind })

  for (const { start, moduleRequest, entries } of module.staticImports) {
    add(start, moduleRequest.value, { isType: entries.length > 0 && entries.every((entry) => entry.isType) })
  }
  for (const { entries } of module.staticExports) {
    const from = entries.filter((entry) => entry.moduleRequest)
    if (from.length === 0) continue
    add(from[0].start, from[0].moduleRequest.value, { isType: from.every((entry) => entry.isType) })
  }
  let tsupEntries
  walk(program, (node) => {
    if (node.type === 'ImportExpression' && isString(node.source)) {
      add(node.start, node.source.value, { isDynamic: true })
    }
    if (node.type === 'TSImportType' && isString(node.source)) {
      add(node.start, node.source.value, { isType: true })
    }
    if (node.type === 'Property' && node.key.name === 'entry' && node.value.type === 'ArrayExpression') {
      tsupEntries = node.value.elements.filter(isString).map((element) => element.value)
    }
  })
  return {
    imports: found.toSorted((a, b) => a.line - b.line),
    isExportList: program.body.length > 0 && program.body.every(onlyExports),
    tsupEntries,
  }
}

function onlyExports(node) {
  if (node.type === 'ExportAllDeclaration') return true
  return node.type === 'ExportNamedDeclaration' && node.declaration === null
}

function isString(node) {
  return node?.type === 'Literal' && typeof node.value === 'string'
}

function lineAt(text, offset) {
  return text.slice(0, offset).split('\n').length
}

function walk(node, visit) {
  visit(node)
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') walk(child, visit)
    }
  }
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSourceFile } from './source-file.mjs'

function specifiers(text) {
  return readSourceFile('x.ts', text).imports.map((found) => found.specifier)
}

test('finds every form of import, with its line', () => {
  const text = `import { a } from './a.ts'
import type { B } from 'b'
import { type C, type D } from 'c'
import 'd'
export * from 'e'
export { f } from 'f'
export type { G } from 'g'
const h = await import('h')
/* ü 🌪 “ */ type I = import('i').I
`
  const kinds = readSourceFile('x.ts', text).imports.map(({ specifier, line, isType, isDynamic }) => {
    const kind = isType ? 'type' : isDynamic ? 'dynamic' : 'value'
    return `${line} ${specifier} ${kind}`
  })
  assert.deepEqual(kinds, [
    '1 ./a.ts value',
    '2 b type',
    '3 c type',
    '4 d value',
    '5 e value',
    '6 f value',
    '7 g type',
    '8 h dynamic',
    '9 i type',
  ])
})

test('a list of exports over several lines is one import', () => {
  assert.deepEqual(specifiers("export {\n  a,\n  b,\n} from './a.ts'\n"), ['./a.ts'])
})

test('is not fooled by comments, strings, templates and examples', () => {
  const text = `// import a from 'a'
/** @example
 * import { b } from 'b'
 * {@link import('b2')}
 */
const c = "import c from 'c'"
const d = \`import d from 'd' \${'export * from "d2"'}\`
const e = /import 'e'/
export { c, d, e }
`
  assert.deepEqual(specifiers(text), [])
})

test('leaves a computed import alone', () => {
  assert.deepEqual(specifiers("const name = 'a'\nexport const b = import(name)\n"), [])
})

test('tells an export list from a module with a life of its own', () => {
  const isExportList = (text) => readSourceFile('x.ts', text).isExportList
  assert.equal(isExportList("export { a } from './a.ts'\nexport type { B } from './b.ts'\nexport {}\n"), true)
  assert.equal(isExportList("export { a } from './a.ts'\nexport const b = 1\n"), false)
  assert.equal(isExportList("import { a } from './a.ts'\nexport { a }\n"), false)
  assert.equal(isExportList('// nothing\n'), false)
})

test('reads the entries of a tsup configuration', () => {
  const text = "export default defineConfig({ entry: ['src/index.ts', 'src/tcp.ts'], clean: true })"
  assert.deepEqual(readSourceFile('tsup.config.ts', text).tsupEntries, ['src/index.ts', 'src/tcp.ts'])
  assert.equal(readSourceFile('tsup.config.ts', 'export default {}').tsupEntries, undefined)
})

test('names a file it cannot parse', () => {
  assert.throws(() => readSourceFile('x.ts', 'import {'), /Cannot parse x\.ts/)
})

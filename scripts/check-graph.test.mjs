import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkWorkspace } from './check-graph.mjs'
import { fakeManifest, fakeTable, fakeWorkspace } from './graph/fake-workspace.mjs'
import { allowedImports, graph, mayUseTesting } from './graph/table.mjs'

/** Breaks the good tree by `changes` and expects exactly the problems that match. */
function breaks(title, changes, ...expected) {
  test(title, (t) => {
    const problems = checkWorkspace(fakeWorkspace(t, changes), fakeTable)
    assert.equal(problems.length, expected.length, problems.join('\n'))
    expected.forEach((pattern, index) => assert.match(problems[index], pattern))
  })
}

const workspace = 'workspace:^'

breaks('a tree that keeps to every rule has no problem', {})

breaks(
  'an import against the graph',
  { 'packages/low/src/low.ts': "\nimport { mid } from '@tornado-ts/mid'\nexport const low = mid\n" },
  /^packages\/low\/src\/low\.ts:2 {2}low imports @tornado-ts\/mid; it may import no other package$/,
)
breaks(
  'a type import counts as well',
  { 'packages/mid/src/mid-worker.ts': "export type T = import('@tornado-ts/top').T\n" },
  /^packages\/mid\/src\/mid-worker\.ts:1 {2}mid imports @tornado-ts\/top; it may import bytes, log, low$/,
)
breaks(
  'an import that the graph allows and package.json does not declare',
  {
    'packages/top/src/top.ts':
      "import '@tornado-ts/mid'\nimport '@tornado-ts/low'\nimport 'redis'\nimport '@tornado-ts/log'\nexport const a = 1\n",
  },
  /^packages\/top\/src\/top\.ts:4 {2}@tornado-ts\/log is not among the dependencies/,
)
breaks(
  'a test imports what is not declared',
  { 'packages/low/src/low.test.ts': "import '@tornado-ts/mid'\n" },
  /^packages\/low\/src\/low\.test\.ts:1 {2}@tornado-ts\/mid is not among the dependencies/,
)
breaks(
  'an app imports what it does not declare',
  { 'apps/hello/src/main.ts': "import '@tornado-ts/top'\nimport '@tornado-ts/mid'\n" },
  /^apps\/hello\/src\/main\.ts:2 {2}@tornado-ts\/mid is not among the dependencies/,
)
breaks(
  'a dependency against the graph',
  { 'packages/bytes/package.json': (manifest) => (manifest.dependencies = { '@tornado-ts/low': workspace }) },
  /^packages\/bytes\/package\.json {2}depends on @tornado-ts\/low; bytes may import no other package$/,
  /depends on @tornado-ts\/low, which no source file imports$/,
)
breaks(
  'a dependency that only a test uses',
  {
    'packages/testing/src/serve.ts': 'export const serve = 1\n',
    'packages/testing/src/serve.test.ts': "import '@tornado-ts/mid'\n",
  },
  /depends on @tornado-ts\/mid, which no source file imports; only tests do, so it is a devDependency$/,
)
breaks(
  'a devDependency that no test uses',
  { 'packages/top/src/top.test.ts': 'export {}\n' },
  /^packages\/top\/package\.json {2}devDependency @tornado-ts\/testing is imported by no test$/,
)
breaks(
  'a version range in place of workspace:^',
  { 'packages/testing/package.json': (manifest) => (manifest.dependencies['@tornado-ts/mid'] = '^0.1.0') },
  /@tornado-ts\/mid is \^0\.1\.0; write workspace:\^$/,
)
breaks(
  'a private package below a public one',
  { 'packages/top/package.json': (manifest) => (manifest.devDependencies['@tornado-ts/hello'] = workspace) },
  /circle/,
  /@tornado-ts\/hello is no public package of this workspace$/,
  /devDependency @tornado-ts\/hello is imported by no test$/,
)
breaks(
  'a cycle through a devDependency',
  {
    'packages/low/package.json': (manifest) => (manifest.devDependencies = { '@tornado-ts/mid': workspace }),
    'packages/low/src/low.test.ts': "import '@tornado-ts/mid'\n",
  },
  /^packages depend on each other in a circle: @tornado-ts\/mid → @tornado-ts\/low → @tornado-ts\/mid$/,
)
breaks(
  'testing below a server',
  {
    'packages/bytes/package.json': (manifest) =>
      (manifest.devDependencies = { '@tornado-ts/testing': workspace }),
    'packages/bytes/src/index.test.ts': "import '@tornado-ts/testing'\n",
  },
  /circle/,
  /@tornado-ts\/testing is for the tests of packages above a server$/,
)
breaks(
  'a package without a row in the graph',
  {
    'packages/new/package.json': fakeManifest('new'),
    'packages/new/src/index.ts': 'export {}\n',
    'packages/new/tsup.config.ts': "export default { entry: ['src/index.ts'] }\n",
  },
  /new has no row in scripts\/graph\/table\.mjs$/,
)
breaks(
  "another package's internals",
  {
    'packages/top/src/top.ts':
      "import '@tornado-ts/mid'\nimport '@tornado-ts/low/src/low.ts'\nimport 'redis'\nexport const a = 1\n",
  },
  /top\.ts:2 {2}@tornado-ts\/low\/src\/low\.ts reaches into the package; it exports \., \.\/extra, \.\/package\.json$/,
)
breaks(
  'a relative path out of the package, in a test too',
  { 'packages/low/src/low.test.ts': "import '../../mid/src/mid.ts'\n" },
  /\.\.\/\.\.\/mid\/src\/mid\.ts leaves the package; import it by its package name$/,
)
breaks(
  'what tests share, from another file than a test',
  {
    'packages/top/src/top.ts':
      "import '@tornado-ts/mid'\nimport '@tornado-ts/low'\nimport 'redis'\nimport '../../../scripts/vitest/readme-program.ts'\nexport const a = 1\n",
  },
  /scripts\/vitest\/readme-program\.ts leaves the package; import it by its package name$/,
)
breaks(
  'a package that does not exist',
  { 'packages/low/src/low.test.ts': "import '@tornado-ts/nowhere'\n" },
  /@tornado-ts\/nowhere: no such package in this workspace$/,
)
breaks(
  'a source that imports its own package by name',
  { 'packages/low/src/low.ts': "import '@tornado-ts/low/extra'\nexport const low = 1\n" },
  /@tornado-ts\/low\/extra is this package itself/,
)
breaks(
  'a relative import without its extension',
  { 'packages/low/src/low.test.ts': "import './low'\nimport './low.js'\n" },
  /low\.test\.ts:1 {2}\.\/low lacks its extension: \.ts$/,
  /low\.test\.ts:2 {2}\.\/low\.js lacks its extension: \.ts$/,
)
breaks(
  'a source that imports a test',
  { 'packages/low/src/low.ts': "import './low.test.ts'\nexport const low = 1\n" },
  /\.\/low\.test\.ts belongs to the tests and is not published$/,
)
breaks(
  'a barrel inside src',
  {
    'packages/low/src/parts/index.ts': 'export const a = 1\n',
    'packages/low/src/parts.ts': "export { low } from './low.ts'\n",
  },
  /^packages\/low\/src\/parts\.ts:1 {2}only exports what other files define and is no entry/,
  /^packages\/low\/src\/parts\/index\.ts:1 {2}a barrel inside src/,
)
breaks(
  'an entry with code of its own',
  { 'packages/low/src/extra.ts': 'export const extra = 1\n' },
  /^packages\/low\/src\/extra\.ts:1 {2}an entry is a list of exports only/,
)
breaks(
  'a protocol core that leaves its limits',
  {
    'packages/mid/src/protocol/decode.ts':
      "import '@tornado-ts/bytes'\nimport 'node:net'\nimport '@tornado-ts/low'\nimport '../mid.ts'\nimport 'ffi'\nexport const decode = 1\n",
  },
  /decode\.ts:2 {2}a protocol core imports node:net; it may import @tornado-ts\/bytes, @tornado-ts\/httputil and its own folder$/,
  /decode\.ts:3 {2}a protocol core imports @tornado-ts\/low;/,
  /decode\.ts:4 {2}a protocol core imports \.\.\/mid\.ts; it may import its own folder and \.\.\/errors\.ts$/,
  /decode\.ts:5 {2}a protocol core imports ffi;/,
)
breaks('a protocol core of bytes may import bytes', {
  'packages/bytes/src/bytes.ts': 'export const bytes = 1\n',
  'packages/bytes/src/protocol/take.ts': "import { bytes } from '../bytes.ts'\nexport const take = bytes\n",
})
breaks(
  'the errors that a protocol core throws are held to its limits',
  { 'packages/mid/src/errors.ts': "import 'node:net'\nexport class MidError extends Error {}\n" },
  /^packages\/mid\/src\/errors\.ts:1 {2}a protocol core imports node:net;/,
)
breaks(
  'a third-party dependency where there may be none',
  {
    'packages/low/package.json': (manifest) => (manifest.dependencies = { redis: 'catalog:' }),
    'packages/low/src/low.ts': "import 'redis'\nimport 'left-pad'\nexport const low = 1\n",
  },
  /low\.ts:2 {2}left-pad is not among the dependencies/,
  /^packages\/low\/package\.json {2}depends on redis; the graph allows no such dependency$/,
)
breaks(
  'an optional peer that is loaded at once',
  { 'packages/mid/src/mid-worker.ts': "import { call } from 'ffi'\nexport const worker = call\n" },
  /mid-worker\.ts:1 {2}ffi is an optional peer: load it by import\(\) where it is used$/,
)
breaks(
  'a peer that the graph does not know, and one that is not optional',
  {
    'packages/mid/package.json': (manifest) => {
      manifest.peerDependencies['left-pad'] = '^1.0.0'
      delete manifest.peerDependenciesMeta.ffi
      manifest.peerDependenciesMeta['left-pad'] = { optional: true }
    },
  },
  /the peer ffi must be optional$/,
  /has the peer left-pad; the graph allows no such peer$/,
)
breaks(
  'a built-in module without its prefix',
  { 'packages/low/src/low.ts': "import 'net'\nexport const low = 1\n" },
  /low\.ts:1 {2}write node:net$/,
)
breaks(
  'an export without its source, and a source that is not built',
  {
    'packages/low/src/extra.ts': null,
    'packages/low/tsup.config.ts': "export default { entry: ['src/index.ts'] }\n",
    'packages/mid/src/mid.ts': null,
  },
  /packages\/low\/package\.json {2}exports \.\/extra, but there is no src\/extra\.ts$/,
  /packages\/low\/tsup\.config\.ts {2}does not build src\/extra\.ts$/,
  /packages\/mid\/package\.json {2}depends on @tornado-ts\/low, which no source file imports$/,
  /packages\/mid\/package\.json {2}depends on @tornado-ts\/log, which no source file imports$/,
)
breaks(
  'a build entry that nothing exports',
  {
    'packages/low/tsup.config.ts':
      "export default { entry: ['src/index.ts', 'src/extra.ts', 'src/low.ts'] }\n",
  },
  /packages\/low\/tsup\.config\.ts {2}builds src\/low\.ts, no entry$/,
)
breaks(
  'conditions in another order, or missing when published',
  {
    'packages/low/package.json': (manifest) => {
      const { types, ...rest } = manifest.exports['.']
      manifest.exports['.'] = { types, ...rest }
      delete manifest.publishConfig.exports['./extra']
    },
  },
  /exports \. must be \{"@tornado-ts\/source":"\.\/src\/index\.ts","types":"\.\/dist\/index\.d\.ts","default":"\.\/dist\/index\.js"\}$/,
  /publishConfig\.exports must be exports without the @tornado-ts\/source lines$/,
)
breaks(
  'versions that move together',
  { '.changeset/config.json': { fixed: [['@tornado-ts/*']], linked: [] } },
  /\.changeset\/config\.json {2}fixed must stay empty: versions are independent$/,
)
breaks(
  'changesets for nobody',
  {
    '.changeset/a.md':
      '---\n"@tornado-ts/nowhere": minor\n"@tornado-ts/hello": patch\n"@tornado-ts/low": huge\n---\n\nText.\n',
    '.changeset/b.md': '---\n"@tornado-ts/low": patch\n---\n',
    '.changeset/c.md': 'Text.\n',
    '.changeset/d.md': '---\n---\n\nNothing to release.\n',
    '.changeset/README.md': 'About changesets.\n',
  },
  /a\.md:2 {2}@tornado-ts\/nowhere is no public package of this workspace$/,
  /a\.md:3 {2}@tornado-ts\/hello is no public package/,
  /a\.md:4 {2}huge is no kind of release$/,
  /b\.md {2}says nothing to the users of the packages$/,
  /c\.md:1 {2}is not a changeset/,
)

test('the arrows of the graph point down', () => {
  for (const [name, { level, imports }] of Object.entries(graph)) {
    for (const target of imports) assert.ok(graph[target].level < level, `${name} → ${target}`)
  }
})

test('a package may import what its arrows reach, and log', () => {
  assert.deepEqual([...allowedImports('httputil')].toSorted(), ['escape', 'log'])
  assert.deepEqual([...allowedImports('escape')], [])
  const web = allowedImports('web')
  for (const name of ['httpserver', 'httputil', 'ioloop', 'template', 'log']) assert.ok(web.has(name), name)
  for (const name of ['httpclient', 'websocket', 'testing', 'web']) assert.ok(!web.has(name), name)
})

test('testing is used above servers only', () => {
  const users = Object.keys(graph).filter((name) => mayUseTesting(name))
  assert.deepEqual(users.toSorted(), ['auth', 'curl-client', 'web', 'websocket', 'wsgi-compat'])
})

// A small workspace in a temporary folder that keeps to every rule, for tests to break.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** low ← mid ← top; low is of level 0, mid holds a protocol core and may use an optional peer. */
export const fakeTable = {
  log: { level: 0, imports: [] },
  bytes: { level: 0, imports: [] },
  low: { level: 0, imports: [] },
  mid: { level: 1, imports: ['low', 'bytes'], optionalPeers: ['ffi'] },
  top: { level: 5, imports: ['mid'], dependencies: ['redis'] },
  testing: { level: 5, imports: ['mid'] },
}

/** A public package's manifest: one entry for each name, `.` for index. */
export function fakeManifest(name, { entries = ['.'], ...rest } = {}) {
  const exports = {}
  const published = {}
  for (const entry of entries) {
    const file = entry === '.' ? 'index' : entry.slice(2)
    const built = { types: `./dist/${file}.d.ts`, default: `./dist/${file}.js` }
    exports[entry] = { '@tornado-ts/source': `./src/${file}.ts`, ...built }
    published[entry] = built
  }
  exports['./package.json'] = './package.json'
  published['./package.json'] = './package.json'
  return {
    name: `@tornado-ts/${name}`,
    version: '0.1.0',
    exports,
    publishConfig: { exports: published },
    ...rest,
  }
}

function goodFiles() {
  const workspace = 'workspace:^'
  const tsup = (...entries) => `export default { entry: ${JSON.stringify(entries)} }\n`
  return {
    'package.json': { name: 'fake', private: true, devDependencies: { vitest: '1.0.0' } },
    '.changeset/config.json': { fixed: [], linked: [] },
    '.changeset/first-words.md': '---\n"@tornado-ts/low": minor\n---\n\nA first release.\n',

    'packages/log/package.json': fakeManifest('log'),
    'packages/log/src/index.ts': 'export {}\n',
    'packages/log/tsup.config.ts': tsup('src/index.ts'),

    'packages/bytes/package.json': fakeManifest('bytes'),
    'packages/bytes/src/index.ts': 'export {}\n',
    'packages/bytes/tsup.config.ts': tsup('src/index.ts'),

    'packages/low/package.json': fakeManifest('low', { entries: ['.', './extra'] }),
    'packages/low/src/index.ts': "export { low } from './low.ts'\n",
    'packages/low/src/extra.ts': "export { low as extra } from './low.ts'\n",
    'packages/low/src/low.ts': 'export const low = 1\n',
    'packages/low/src/low.test.ts':
      "import { it } from 'vitest'\nimport { low } from './low.ts'\nit('', () => low)\n",
    'packages/low/tsup.config.ts': tsup('src/index.ts', 'src/extra.ts'),

    'packages/mid/package.json': fakeManifest('mid', {
      dependencies: {
        '@tornado-ts/low': workspace,
        '@tornado-ts/bytes': workspace,
        '@tornado-ts/log': workspace,
      },
      peerDependencies: { ffi: '^1.0.0' },
      peerDependenciesMeta: { ffi: { optional: true } },
    }),
    'packages/mid/src/index.ts': "export { mid } from './mid.ts'\n",
    'packages/mid/src/mid.ts': `import { extra } from '@tornado-ts/low/extra'
import '@tornado-ts/log'
import { decode } from './protocol/decode.ts'
import type { Call } from 'ffi'
import { connect } from 'node:net'
export const mid = async (): Promise<Call> => (await import('ffi')).call(extra, decode, connect)
`,
    'packages/mid/src/errors.ts': 'export class MidError extends Error {}\n',
    'packages/mid/src/protocol/decode.ts':
      "import '@tornado-ts/bytes'\nimport { MidError } from '../errors.ts'\nexport const decode = MidError\n",
    'packages/mid/tsup.config.ts': tsup('src/index.ts', 'src/mid-worker.ts'),
    'packages/mid/src/mid-worker.ts': 'export const worker = 1\n',

    'packages/top/package.json': fakeManifest('top', {
      dependencies: { '@tornado-ts/mid': workspace, '@tornado-ts/low': workspace, redis: 'catalog:' },
      devDependencies: { '@tornado-ts/testing': workspace, '@tornado-ts/log': workspace },
    }),
    'packages/top/src/index.ts': "export { top } from './top.ts'\n",
    'packages/top/src/top.ts':
      "import { mid } from '@tornado-ts/mid'\nimport '@tornado-ts/low'\nimport 'redis'\nexport const top = mid\n",
    'packages/top/src/top.test.ts': "import '@tornado-ts/testing'\nimport '@tornado-ts/top'\n",
    'packages/top/tsup.config.ts': tsup('src/index.ts'),

    'packages/testing/package.json': fakeManifest('testing', {
      dependencies: { '@tornado-ts/mid': workspace },
    }),
    'packages/testing/src/index.ts': "export { serve } from './serve.ts'\n",
    'packages/testing/src/serve.ts': "import { mid } from '@tornado-ts/mid'\nexport const serve = mid\n",
    'packages/testing/tsup.config.ts': tsup('src/index.ts'),

    'apps/hello/package.json': {
      name: '@tornado-ts/hello',
      private: true,
      dependencies: { '@tornado-ts/top': workspace },
    },
    'apps/hello/src/main.ts': "import { top } from '@tornado-ts/top'\nconsole.log(top)\n",
  }
}

/**
 * Writes the good tree with `changes` over it: text or an object replaces a file, a function changes the
 * manifest it gets, `null` leaves the file out. The folder goes away with the test.
 */
export function fakeWorkspace(t, changes = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'graph-'))
  t.after(() => rmSync(dir, { recursive: true }))
  const files = goodFiles()
  for (const [path, change] of Object.entries(changes)) {
    if (change === null) delete files[path]
    else if (typeof change === 'function') change(files[path])
    else files[path] = change
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true })
    writeFileSync(join(dir, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return dir
}

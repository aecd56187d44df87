// The site: the guide, and the API reference of every public package, with one search over both.
//   pnpm docs:build      into docs/dist/site
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Application, Converter } from 'typedoc'
import { root } from '../../scripts/lib/workspace.mjs'
import { listEntries } from './entries.mjs'

const docs = join(root, 'docs')
const out = join(docs, 'dist', 'site')
const entries = listEntries()
const app = await Application.bootstrap({
  name: 'tornado-ts',
  readme: join(root, 'README.md'),
  entryPoints: entries.map((entry) => entry.file),
  alwaysCreateEntryPointModule: true,
  basePath: root,
  tsconfig: join(docs, 'site', 'tsconfig.json'),
  // The sources are checked by `npm test`, with the compiler they are written for.
  skipErrorChecking: true,
  projectDocuments: globSync('guide/*.md', { cwd: docs })
    .toSorted()
    .map((path) => join(docs, path)),
  sort: ['source-order'],
  kindSortOrder: ['Document', 'Module', 'Class', 'Function', 'Interface', 'TypeAlias', 'Variable'],
  router: 'structure',
  disableSources: true,
  disableGit: true,
  excludePrivate: true,
  excludeInternal: true,
  searchInComments: true,
  searchInDocuments: true,
  navigation: { includeGroups: false, includeCategories: false, includeFolders: false },
  customCss: join(docs, 'site', 'site.css'),
  hideGenerator: true,
  githubPages: false,
  // Options are documented field by field where they are defined; that a signature takes them apart is no matter of the reader's.
  suppressCommentWarningsInDeclarationFiles: true,
  logLevel: 'Error',
})

const byModule = new Map(entries.map((entry) => [moduleName(entry.file), entry]))
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const module of project.children ?? []) {
    const entry = byModule.get(module.name)
    if (entry === undefined) continue
    module.name = entry.specifier
    if (entry.readme !== undefined && existsSync(entry.readme)) {
      module.readme = [{ kind: 'text', text: readFileSync(entry.readme, 'utf8').replace(/^# .*\n/, '') }]
    }
  }
})

const project = await app.convert()
if (project === undefined) process.exit(1)
await app.generateDocs(project, out)
if (app.logger.hasErrors()) process.exit(1)
const missing = entries.filter(({ specifier }) => !project.children?.some(({ name }) => name === specifier))
if (missing.length > 0)
  throw new Error(`Not in the site: ${missing.map((entry) => entry.specifier).join(', ')}`)
console.log(`${entries.length} entries; the site is ${relative(process.cwd(), join(out, 'index.html'))}`)

/** What TypeDoc calls the module of a file. */
function moduleName(file) {
  return relative(root, file)
    .replaceAll('\\', '/')
    .replace(/(\/index)?\.ts$/, '')
}

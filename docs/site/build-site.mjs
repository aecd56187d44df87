// The site: the guide, and the API reference of every public package, with one search over both.
//   pnpm docs:build      into docs/dist/site
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Application, Converter, IndexEvent, StructureRouter } from 'typedoc'
import { root } from '../../scripts/lib/workspace.mjs'
import { readChapters, slugOf, splitLinks } from './chapters.mjs'
import { findDeadLinks } from './dead-links.mjs'
import { listEntries } from './entries.mjs'

const docs = join(root, 'docs')
const out = join(docs, 'dist', 'site')
const entries = listEntries()
const chapters = readChapters(join(docs, 'guide'))
/** README.md in Chinese, which the first page links to. */
const chinese = join(root, 'README.zh-CN.md')
const app = await Application.bootstrap({
  name: 'tornado-ts',
  readme: join(root, 'README.md'),
  favicon: join(docs, 'site', 'favicon.svg'),
  entryPoints: entries.map((entry) => entry.file),
  alwaysCreateEntryPointModule: true,
  basePath: root,
  tsconfig: join(docs, 'site', 'tsconfig.json'),
  // The sources are checked by `npm test`, with the compiler they are written for.
  skipErrorChecking: true,
  projectDocuments: [...chapters.map((chapter) => chapter.path), chinese],
  sort: ['source-order'],
  kindSortOrder: ['Document', 'Module', 'Class', 'Function', 'Interface', 'TypeAlias', 'Variable'],
  router: 'guide',
  disableSources: true,
  disableGit: true,
  excludePrivate: true,
  excludeInternal: true,
  searchInComments: true,
  searchInDocuments: true,
  searchGroupBoosts: { Documents: 3, Modules: 2, Classes: 2, Functions: 2, Interfaces: 1.5 },
  navigation: { includeGroups: false, includeCategories: false, includeFolders: false },
  customCss: join(docs, 'site', 'site.css'),
  hideGenerator: true,
  githubPages: false,
  logLevel: 'Error',
})

/** Where each chapter stands: a title makes a poor address. */
const slugs = new Map()
class GuideRouter extends StructureRouter {
  getIdealBaseName(reflection) {
    const slug = slugs.get(reflection)
    return slug === undefined ? super.getIdealBaseName(reflection) : `guide/${slug}`
  }
}
app.renderer.defineRouter('guide', GuideRouter)

const byModule = new Map(entries.map((entry) => [moduleName(entry.file), entry]))
app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
  for (const document of project.documents ?? []) {
    if (document.name.startsWith('README.zh-CN')) {
      slugs.set(document, 'zh-CN')
      document.name = '中文'
      continue
    }
    const chapter = chapters.find(({ file }) => document.name.endsWith(file.replace(/\.md$/, '')))
    if (chapter === undefined) throw new Error(`${document.name} is no chapter`)
    slugs.set(document, slugOf(chapter.file))
    document.name = chapter.title
  }
  for (const module of project.children ?? []) {
    const entry = byModule.get(module.name)
    if (entry === undefined) continue
    module.name = entry.specifier
    if (entry.readme !== undefined && existsSync(entry.readme)) {
      // What links to the package, or to its README, leads to its page.
      for (const path of [entry.readme, dirname(entry.readme)]) project.files.registerReflection(path, module)
      module.readme = readmeParts(project.files, entry.readme)
    }
  }
  for (const { readme, content } of [project, ...(project.documents ?? []), ...(project.children ?? [])]) {
    for (const part of readme ?? content ?? []) {
      if (part.kind !== 'relative-link' || part.target === undefined) continue
      const path = project.files.resolvePath(part.target)
      if (project.files.resolve(part.target, project) === path) leadToFile(project.files, part, path)
    }
  }
})

/** A README without its title, with links to other files of the repository as TypeDoc has them. */
function readmeParts(files, readme) {
  return splitLinks(readFileSync(readme, 'utf8').replace(/^# .*\n/, '')).map(({ text, path, anchor }) =>
    path === undefined
      ? { kind: 'text', text }
      : {
          kind: 'relative-link',
          text,
          target: files.registerAbsolute(join(dirname(readme), path)).target,
          targetAnchor: anchor,
        },
  )
}

/** A folder cannot be copied to the site: its README is, or what comes first in it. */
function leadToFile(files, part, path) {
  if (path === undefined || !statSync(path).isDirectory()) return
  const [first] = globSync('*.md', { cwd: path }).toSorted()
  const file = existsSync(join(path, 'README.md')) ? 'README.md' : first
  if (file !== undefined) part.target = files.registerAbsolute(join(path, file)).target
}

// A method is found once: at the class that defines it, or the first that shows it where that one is not public.
app.renderer.on(IndexEvent.PREPARE_INDEX, (event) => {
  for (let index = event.searchResults.length - 1; index >= 0; index--) {
    if (event.searchResults[index].inheritedFrom?.reflection !== undefined) event.removeResult(index)
  }
})

const project = await app.convert()
if (project === undefined) process.exit(1)
await app.generateDocs(project, out)
if (app.logger.hasErrors()) process.exit(1)
const missing = entries.filter(({ specifier }) => !project.children?.some(({ name }) => name === specifier))
if (missing.length > 0)
  throw new Error(`Not in the site: ${missing.map((entry) => entry.specifier).join(', ')}`)
const dead = findDeadLinks(out)
if (dead.length > 0) throw new Error(`Links that lead nowhere:\n${dead.join('\n')}`)
console.log(`${entries.length} entries; the site is ${relative(process.cwd(), join(out, 'index.html'))}`)

/** What TypeDoc calls the module of a file. */
function moduleName(file) {
  return relative(root, file)
    .replaceAll('\\', '/')
    .replace(/(\/index)?\.ts$/, '')
}

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { ParseError, TemplateNotFoundError } from '../errors.ts'
import { type FileLoaderOptions, Loader } from '../loader.ts'
import { type ModuleText, writeIndex, writeModule } from './write-module.ts'

/** Settings of {@link compileTemplates}. */
export interface CompileTemplatesOptions extends Pick<FileLoaderOptions, 'autoescape' | 'whitespace'> {
  /** The directory of the templates. */
  directory: string
  /** Where the modules are written; made when it is not there. */
  out: string
  /** Endings of the files that are templates. @default ['.html', '.htm', '.xml', '.txt'] */
  extensions?: readonly string[]
  /** Names that whoever generates the templates adds, left out of the types of their contexts. @default [] */
  provided?: readonly string[]
}

/** What {@link compileTemplates} did. */
export interface CompiledTemplates {
  /** The names of the templates. */
  readonly names: readonly string[]
  /** What is wrong with some of them; if there is any, nothing was written. */
  readonly errors: readonly (ParseError | TemplateNotFoundError)[]
}

/**
 * Compiles every template of a directory to a module with its declarations, and writes an `index.js` that has them all.
 *
 * @throws For a directory that cannot be read or written.
 */
export function compileTemplates(options: CompileTemplatesOptions): CompiledTemplates {
  const { directory, out, extensions = ['.html', '.htm', '.xml', '.txt'], provided = [] } = options
  const { autoescape, whitespace } = options
  const loader = new Loader(directory, {
    ...(autoescape === undefined ? {} : { autoescape }),
    ...(whitespace === undefined ? {} : { whitespace }),
  })
  const names = listFiles(directory).filter((name) => extensions.some((each) => name.endsWith(each)))
  const modules = new Map<string, ModuleText>()
  const errors: (ParseError | TemplateNotFoundError)[] = []
  for (const name of names) {
    const toSource = slashes(relative(dirname(resolve(out, name)), dirname(resolve(directory, name))))
    try {
      modules.set(name, writeModule(loader.load(name), { toSource, provided: new Set(provided) }))
    } catch (error) {
      if (!(error instanceof ParseError) && !(error instanceof TemplateNotFoundError)) throw error
      errors.push(error)
    }
  }
  if (errors.length === 0) {
    for (const [name, text] of modules) writeText(join(out, name), text)
    writeText(join(out, 'index'), writeIndex(names))
  }
  return { names, errors }
}

function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => slashes(relative(directory, join(entry.parentPath, entry.name))))
    .filter((name) => !/(?:^|\/)(?:\.|node_modules\/)/.test(name))
    .toSorted()
}

function writeText(path: string, { javascript, declarations }: ModuleText): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(`${path}.js`, javascript)
  writeFileSync(`${path}.d.ts`, declarations)
}

function slashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/')
}

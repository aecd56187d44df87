import { posix } from 'node:path'
import { generateCode, shieldNames } from '../code/generate-code.ts'
import type { Need } from '../code/function-scope.ts'
import { modulesName } from '../javascript/words.ts'
import { helpers } from '../runtime/helpers.ts'
import type { LinkedNode } from '../syntax/link-template.ts'
import { type Template, templateParts } from '../template.ts'

/** The two files that a template becomes. */
export interface ModuleText {
  readonly javascript: string
  readonly declarations: string
}

export interface ModuleOptions {
  /** From the folder of the module to that of the template, with slashes. */
  readonly toSource: string
  /** Names that whoever generates the template adds, so that the context need not have them. */
  readonly provided: ReadonlySet<string>
}

const runtime = '@tornado-ts/template/runtime'

/** Writes a template as a module that needs no compiler. */
export function writeModule(template: Template, options: ModuleOptions): ModuleText {
  return { javascript: javascriptOf(template, options), declarations: declarationsOf(template, options) }
}

/** The module that has all templates by name. */
export function writeIndex(names: readonly string[]): ModuleText {
  const notice = noticeOf('all templates')
  const imports = names.map((name, index) => {
    return `import { program as program${index} } from ${JSON.stringify(`./${specifierOf(name)}.js`)}`
  })
  const entries = names.map((name, index) => `  ${JSON.stringify(name)}: program${index},`)
  return {
    javascript: lines(
      notice,
      `import { CompiledLoader } from '${runtime}'`,
      ...imports,
      '',
      'export const programs = {',
      ...entries,
      '}',
      '',
      'export const loader = new CompiledLoader(programs)',
    ),
    declarations: lines(
      notice,
      `import type { CompiledLoader, TemplateProgram } from '${runtime}'`,
      '',
      'export declare const programs: {',
      ...names.map((name) => `  readonly ${JSON.stringify(name)}: TemplateProgram`),
      '}',
      'export declare const loader: CompiledLoader',
    ),
  }
}

function javascriptOf(template: Template, { toSource }: ModuleOptions): string {
  const { linked, facts, generated } = templateParts(template)
  const stream = generateCode(linked, facts, 'stream')
  const specifiers = [...new Set(importsOf(linked.body))].filter(isRelative)
  const imports = specifiers.map((specifier, index) => {
    return `import * as _tt_import${index} from ${JSON.stringify(moved(specifier, specifierOf(toSource)))}`
  })
  const byName = specifiers.map((specifier, index) => `${JSON.stringify(specifier)}: _tt_import${index}`)
  return lines(
    noticeOf(template.name),
    `import { CompiledTemplate, helpers } from '${runtime}'`,
    ...imports,
    '',
    `const { ${Object.keys(helpers).join(', ')} } = helpers`,
    `const _tt_positions = ${JSON.stringify(generated.positions)}`,
    // As parameters the words of the template cannot be globals.
    `const _tt_functions = ((${shieldNames(facts).join(', ')}) => ({`,
    `render: ${generated.code},`,
    `stream: ${stream.code},`,
    '}))()',
    '',
    'export const program = {',
    `  name: ${JSON.stringify(template.name)},`,
    `  isAsync: ${template.isAsync},`,
    `  imports: { ${byName.join(', ')} },`,
    '  ..._tt_functions,',
    '}',
    'export const template = new CompiledTemplate(program)',
    template.isAsync
      ? 'export const render = (values, options) => template.generateAsync(values, options)'
      : 'export const render = (values) => template.generate(values)',
  )
}

function declarationsOf(template: Template, { toSource, provided }: ModuleOptions): string {
  const { linked, generated } = templateParts(template)
  const used = [...generated.names].filter(([name]) => !provided.has(name)).map(propertyOf)
  const declared = linked.files.flatMap(({ contextType }) =>
    contextType === null ? [] : [`(${contextType})`],
  )
  const types = [...new Set(declared)].map((type) => withMovedImports(type, toSource))
  const given = types.join(' & ')
  return lines(
    noticeOf(template.name),
    `import type { CompiledTemplate, GenerateOptions, TemplateModules, TemplateProgram, TemplateValues } from '${runtime}'`,
    '',
    'interface Used {',
    ...used,
    '}',
    ...(given === '' ? [] : [`type Declared = ${given}`]),
    '',
    `/** What ${printable(template.name)} is given. */`,
    `export type Context = ${given === '' ? 'Used' : 'Declared & Omit<Used, keyof Declared>'}`,
    'export declare const program: TemplateProgram',
    'export declare const template: CompiledTemplate<Context>',
    template.isAsync
      ? 'export declare function render(values: Context, options?: GenerateOptions): Promise<string>'
      : 'export declare function render(...values: TemplateValues<Context>): string',
  )
}

function propertyOf([name, need]: [string, Need]): string {
  const type = name === modulesName ? 'TemplateModules' : 'unknown'
  return `  readonly ${JSON.stringify(name)}${need === 'optional' ? '?' : ''}: ${type}`
}

function* importsOf(nodes: readonly LinkedNode[] | null): Generator<string> {
  for (const node of nodes ?? []) {
    if (node.kind === 'import') yield node.specifier
    if ('body' in node) yield* importsOf(node.body)
    if ('otherwise' in node) yield* importsOf(node.otherwise)
    if (node.kind === 'if') for (const { body } of node.branches) yield* importsOf(body)
    if (node.kind === 'try') {
      for (const { body } of node.handlers) yield* importsOf(body)
      yield* importsOf(node.final)
    }
  }
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('./') || specifier.startsWith('../')
}

/** A path that was told from the template's folder, told from the module's. */
function moved(specifier: string, toSource: string): string {
  const path = posix.join(toSource, specifier)
  return path.startsWith('../') ? path : `./${path}`
}

/** A path as modules import it: what has a meaning in URLs is escaped. */
function specifierOf(path: string): string {
  return path.replaceAll(/[%#?\\]/g, encodeURIComponent)
}

function withMovedImports(type: string, toSource: string): string {
  return type.replaceAll(
    /import\(\s*(["'])(\.\.?\/[^"']*)\1\s*\)/g,
    (_, quote: string, specifier: string) => {
      return `import(${quote}${moved(specifier, toSource)}${quote})`
    },
  )
}

function noticeOf(name: string): string {
  return `// Made of ${printable(name)} by tornado-template; what is changed here is lost when it runs again.`
}

/** A file's name may hold anything, and must not end a comment. */
function printable(name: string): string {
  return JSON.stringify(name)
    .replaceAll('*/', '* /')
    .replaceAll(/[\u2028\u2029]/g, ' ')
}

function lines(...text: string[]): string {
  return `${text.join('\n')}\n`
}

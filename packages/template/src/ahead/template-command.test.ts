import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Loader } from '../loader.ts'
import { runTemplateCommand } from './template-command.ts'

const packageRoot = join(import.meta.dirname, '../..')
const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']

let home: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'compile-'))
  mkdirSync(join(home, 'node_modules/@tornado-ts'), { recursive: true })
  symlinkSync(packageRoot, join(home, 'node_modules/@tornado-ts/template'))
  symlinkSync(join(packageRoot, '../../node_modules/@types'), join(home, 'node_modules/@types'))
  write('package.json', '{ "type": "module" }')
})

afterEach(() => {
  rmSync(home, { recursive: true })
})

function write(path: string, text: string): void {
  mkdirSync(dirname(join(home, path)), { recursive: true })
  writeFileSync(join(home, path), text)
}

function run(...args: string[]): { status: number; stdout: string; stderr: string } {
  let stdout = ''
  let stderr = ''
  const status = runTemplateCommand(args, {
    stdout: (text) => void (stdout += text),
    stderr: (text) => void (stderr += text),
  })
  return { status, stdout, stderr }
}

function compile(...args: string[]): { status: number; stdout: string; stderr: string } {
  return run('compile', join(home, 'templates'), '--out', join(home, 'build/pages'), ...args)
}

/** What a program prints that may not make code of strings. */
async function evaluate(program: string): Promise<string> {
  write('program.js', program)
  const flags = [
    '--disable-warning=ExperimentalWarning',
    '--disallow-code-generation-from-strings',
    ...conditions,
  ]
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, 'program.js'], {
    cwd: home,
  })
  expect(stderr).toBe('')
  return stdout
}

const templates = {
  'base.html': '<title>{% block title %}{% end %}</title>{% block body %}{% end %}',
  'list.html': `{% extends base.html %}{# context: { rows: readonly import('../src/row.ts').Row[]; title?: string } #}
{% from "../src/double.js" import double as twice %}
{% block title %}{% from "../src/double.js" import double %}{{ typeof title }}{% end %}
{% block body %}{% for row in rows %}{{ row.name }}={{ double(row.id) }}{% flush %}{% end %}{% if rows.length == 0 %}{{ nothing }}{% end %}{% end %}`,
  'deep/mail.txt': 'Dear {{ name }},\n\n{% module Footer("<") %}{{ process }}',
  'slow.html': '{{ await value }}',
  'plain.html': 'nothing\n  at all',
  'odd \'"`\u2028 name 100%25 #1?.html': '{% raw x %}',
  'deep#/own.html': '{% from "./own.js" import own %}{{ own }}',
}

function writeTemplates(): void {
  for (const [name, text] of Object.entries(templates)) write(`templates/${name}`, text)
  write('src/double.js', 'export const double = (n) => n * 2')
  write('templates/deep#/own.js', 'export const own = 7')
  write('src/row.ts', 'export interface Row {\n  readonly id: number\n  readonly name: string\n}')
}

it('writes modules that render what the templates do, without making code of strings', async () => {
  writeTemplates()
  expect(compile()).toEqual({
    status: 0,
    stdout: `Compiled 7 templates into ${join(home, 'build/pages')}\n`,
    stderr: '',
  })
  const values = {
    rows: [
      { id: 1, name: '<a>' },
      { id: 2, name: 'b' },
    ],
  }
  const output = await evaluate(`
    import { render as list, template } from './build/pages/list.html.js'
    import { render as mail } from './build/pages/deep/mail.txt.js'
    import { render as slow } from './build/pages/slow.html.js'
    import { loader } from './build/pages/index.js'
    const values = ${JSON.stringify(values)}
    const modules = { Footer: (text) => '[' + text + ']' }
    const pieces = []
    for await (const piece of template.stream(values)) pieces.push(piece)
    let complaint
    try { list({ rows: [] }) } catch (error) { complaint = error.stack.split('\\n').slice(0, 2) }
    console.log(JSON.stringify([
      list(values),
      pieces,
      mail({ name: 'Ann', _tt_modules: modules, process: 'given' }),
      await slow({ value: Promise.resolve('<') }),
      loader.load('../plain.html', 'deep/x').generate(),
      loader.load(${JSON.stringify('odd \'"`\u2028 name 100%25 #1?.html')}).generate({ x: '<' }),
      loader.load('deep#/own.html').generate(),
      complaint,
    ]))`)
  expect(JSON.parse(output)).toEqual([
    '<title>undefined</title>&lt;a&gt;=2b=4',
    ['<title>undefined</title>&lt;a&gt;=2', 'b=4'],
    'Dear Ann,\n\n[<]given',
    '&lt;',
    'nothing\nat all',
    '<',
    '7',
    [
      'NameError: nothing is not defined at list.html:4 (via base.html:1)',
      '    at template list.html:4 (via base.html:1)',
    ],
  ])
}, 30_000)

it('renders as the loader does', async () => {
  writeTemplates()
  compile('--whitespace', 'oneline', '--autoescape', 'None')
  const loader = new Loader(join(home, 'templates'), { whitespace: 'oneline', autoescape: null })
  const output = await evaluate(`
    import { programs } from './build/pages/index.js'
    import { CompiledLoader } from '@tornado-ts/template/runtime'
    const loader = new CompiledLoader(programs, { namespace: { name: '<Ann>', process: 1, _tt_modules: { Footer: String } } })
    process.stdout.write(loader.load('plain.html').generate() + loader.load('deep/mail.txt').generate())`)
  const values = { name: '<Ann>', process: 1, _tt_modules: { Footer: String } }
  expect(output).toBe(loader.load('plain.html').generate() + loader.load('deep/mail.txt').generate(values))
  expect(output).toBe('nothing at allDear <Ann>, <1')
}, 30_000)

it('the declarations hold programs to the contexts', async () => {
  writeTemplates()
  compile('--provided', 'process,nothing')
  const settings = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      target: 'es2024',
      module: 'nodenext',
      types: ['node'],
      skipLibCheck: true,
      allowImportingTsExtensions: true,
      exactOptionalPropertyTypes: true,
    },
    include: ['check.ts'],
  }
  write('tsconfig.json', JSON.stringify(settings))
  write(
    'check.ts',
    `
    import { render as list, template, type Context } from './build/pages/list.html.js'
    import { render as mail } from './build/pages/deep/mail.txt.js'
    import { render as slow } from './build/pages/slow.html.js'
    import { render as plain } from './build/pages/plain.html.js'
    import { loader } from './build/pages/index.js'
    const context: Context = { rows: [{ id: 1, name: 'a' }] }
    const text: string = list(context) + list({ rows: [], title: 'x' }) + template.generate(context) + plain() + plain({})
    const promise: Promise<string> = slow({ value: 1 })
    const pieces: AsyncGenerator<string> = template.stream(context, { chunkSize: 1 })
    mail({ name: 'Ann', _tt_modules: { Footer: (text: string) => text } })
    loader.load('list.html').generate({ anything: 1 })
    // @ts-expect-error -- id is no string
    list({ rows: [{ id: 'x', name: 'a' }] })
    // @ts-expect-error -- rows are missing
    list({})
    // @ts-expect-error -- nothing is given
    list()
    // @ts-expect-error -- name is missing
    mail({ _tt_modules: {} })
    // @ts-expect-error -- a promise is no text
    const wrong: string = slow({ value: 1 })
    export { text, promise, pieces, wrong }
  `,
  )
  const tsc = join(packageRoot, '../../node_modules/typescript/bin/tsc')
  const checked = promisify(execFile)(process.execPath, [
    tsc,
    '--customConditions',
    conditions.length === 0 ? '' : '@tornado-ts/source',
    '-p',
    home,
  ])
  await expect(checked.catch((error: { stdout: string }) => error.stdout)).resolves.toEqual({
    stdout: '',
    stderr: '',
  })
}, 60_000)

it('tells every error with its place, and writes nothing then', () => {
  write('templates/good.html', 'good')
  write('templates/bad.html', '\n{{ 1 + }}')
  write('templates/lost.html', '{% include nowhere.html %}')
  write('templates/.hidden.html', '{{')
  write('templates/picture.png', '{{')
  expect(compile()).toEqual({
    status: 1,
    stdout: '',
    stderr: [
      'tornado-template: The expression is not complete at bad.html:2',
      'tornado-template: Cannot load the template "nowhere.html": there is none of that name at lost.html:1',
      '',
    ].join('\n'),
  })
  expect(existsSync(join(home, 'build'))).toBe(false)
  expect(compile('--ext', '.png').stderr).toBe(
    'tornado-template: Missing end expression }} at picture.png:1\n',
  )
  expect(run('compile', join(home, 'nowhere'), '--out', join(home, 'build'))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('ENOENT'),
  })
})

it('tells how it is used, and ends with 2 when it is used otherwise', () => {
  expect(run('--help')).toMatchObject({
    status: 0,
    stderr: '',
    stdout: expect.stringMatching(/^Usage: tornado-template compile/),
  })
  const messages: Record<string, string> = {
    '': 'Unknown command (none); there is compile',
    'build x': 'Unknown command build; there is compile',
    compile: 'compile takes one directory',
    'compile a b --out c': 'compile takes one directory',
    'compile a': '--out is missing',
    'compile a --out b --whitespace most': '--whitespace is all, single or oneline, not most',
    'compile a --nonsense': "Unknown option '--nonsense'",
  }
  for (const [words, message] of Object.entries(messages)) {
    const { status, stdout, stderr } = run(...words.split(' ').filter((word) => word !== ''))
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toMatch(/^tornado-template: .*\n$/s)
    expect(stderr).toContain(message)
  }
})

it('what it writes is the same each time, and has no paths of the machine', () => {
  writeTemplates()
  compile()
  const read = (): string =>
    ['list.html.js', 'list.html.d.ts', 'index.js', 'index.d.ts']
      .map((name) => readFileSync(join(home, 'build/pages', name), 'utf8'))
      .join('')
  const first = read()
  compile()
  expect(read()).toBe(first)
  expect(first).not.toContain(home)
  expect(first).toContain("import('../../src/row.ts').Row")
})

it.skipIf(conditions.length > 0)('the command of the built package is the same', async () => {
  writeTemplates()
  const bin = join(packageRoot, 'bin/tornado-template.js')
  const command = [bin, 'compile', 'templates', '--out', 'build']
  const { stdout, stderr } = await promisify(execFile)(process.execPath, command, { cwd: home })
  expect({ stdout, stderr }).toEqual({ stdout: 'Compiled 7 templates into build\n', stderr: '' })
  const failed = promisify(execFile)(process.execPath, [bin, 'compile'], { cwd: home })
  await expect(failed).rejects.toMatchObject({
    code: 2,
    stderr: 'tornado-template: compile takes one directory\n',
  })
})

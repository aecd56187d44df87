// Writes docs/guide/15-names.md: what each of Tornado's public names is called here.
//   node docs/src/guide/write-names.ts FILE      FILE: the inventory of Tornado's names, tornado-api.json; after a build
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Row {
  readonly module: string
  readonly name: string
  readonly kind: string
  readonly signature: string
  readonly status: string
}

const root = join(import.meta.dirname, '..', '..', '..')

/** Where the names of a module stand here, in the order of the page. */
const entries: Readonly<Record<string, string>> = {
  tornado: '@tornado-ts/web',
  'tornado.web': '@tornado-ts/web',
  'tornado.websocket': '@tornado-ts/websocket',
  'tornado.httpserver': '@tornado-ts/httpserver',
  'tornado.routing': '@tornado-ts/httpserver/routing',
  'tornado.httputil': '@tornado-ts/httputil',
  'tornado.httpclient': '@tornado-ts/httpclient',
  'tornado.simple_httpclient': '@tornado-ts/httpclient',
  'tornado.curl_httpclient': '@tornado-ts/curl-client',
  'tornado.http1connection': '@tornado-ts/http1',
  'tornado.template': '@tornado-ts/template',
  'tornado.escape': '@tornado-ts/escape',
  'tornado.locale': '@tornado-ts/locale',
  'tornado.ioloop': '@tornado-ts/ioloop',
  'tornado.gen': '@tornado-ts/ioloop',
  'tornado.concurrent': '@tornado-ts/ioloop',
  'tornado.locks': '@tornado-ts/ioloop/locks',
  'tornado.queues': '@tornado-ts/ioloop/queues',
  'tornado.autoreload': '@tornado-ts/ioloop/autoreload',
  'tornado.util': '@tornado-ts/ioloop',
  'tornado.iostream': '@tornado-ts/iostream',
  'tornado.tcpserver': '@tornado-ts/iostream/tcp',
  'tornado.tcpclient': '@tornado-ts/iostream/tcp',
  'tornado.netutil': '@tornado-ts/iostream/netutil',
  'tornado.platform.caresresolver': '@tornado-ts/iostream/netutil',
  'tornado.process': '@tornado-ts/iostream/process',
  'tornado.auth': '@tornado-ts/auth',
  'tornado.wsgi': '@tornado-ts/wsgi-compat',
  'tornado.options': '@tornado-ts/options',
  'tornado.log': '@tornado-ts/log',
  'tornado.testing': '@tornado-ts/testing',
}

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('Name the inventory: node docs/src/guide/write-names.ts FILE')
const rows = JSON.parse(readFileSync(file, 'utf8')) as Row[]
const exceptions = JSON.parse(readFileSync(join(root, 'parity.json'), 'utf8')) as Readonly<
  Record<string, { readonly as?: string; readonly na?: string }>
>
const declared = new Set(
  globSync('packages/*/dist/**/*.d.ts', { cwd: root }).flatMap((path) => {
    const text = readFileSync(join(root, path), 'utf8').replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gm, '')
    return text.match(/[A-Za-z_$][\w$]*/g) ?? []
  }),
)

writeFileSync(join(root, 'docs', 'guide', '15-names.md'), page())

function page(): string {
  const modules = new Map<string, string[]>()
  for (const row of rows) {
    if (row.status !== 'current' && row.module !== 'tornado.platform.caresresolver') continue
    if (row.module.startsWith('tornado.test.')) continue
    const line = toLine(row)
    if (line === null) continue
    modules.set(row.module, [...(modules.get(row.module) ?? []), line])
  }
  const known = Object.keys(entries)
  const order = [...modules.keys()].toSorted((a, b) => indexIn(known, a) - indexIn(known, b))
  return `# Names

Every public name of Tornado 6.6 that is another here, by its module. What is not listed has the same name. Where a name has no
counterpart the reason stands in its place. Arguments and settings are marked _option_: they are fields of the options object.

${order.map((module) => section(module, modules.get(module)!)).join('\n')}`
}

function section(module: string, lines: readonly string[]): string {
  const entry = entries[module] === undefined ? '' : ` in \`${entries[module]}\``
  return `## \`${module}\`${entry}\n\n| Tornado | tornado-ts |\n| --- | --- |\n${lines.join('\n')}\n`
}

function indexIn(known: readonly string[], module: string): number {
  const index = known.indexOf(module)
  return index === -1 ? known.length : index
}

/** A line of a table; null where the name is the same. */
function toLine({ module, name, kind, signature }: Row): string | null {
  const { as, na } = exceptions[`${module}.${name}`] ?? {}
  const cell = kind === 'option' || kind === 'setting' ? `\`${name}\`, _option_` : `\`${name}\``
  if (as === 'main' && name.startsWith('-')) return `| ${cell} | of the command \`tornado-autoreload\` |`
  if (na !== undefined) return `| ${cell} | ${na.replaceAll('|', '\\|')} |`
  // What must be given stands in its place, without a name.
  if (kind === 'option' && signature.includes('(required)') && as === undefined) return null
  const own = ownName(name)
  const here = as ?? withUnit(toCamelCase(own), kind)
  if (here === own) return null
  return `| ${cell} | \`${here}\` |`
}

/** `RequestHandler.get_argument` is `get_argument`, `HTTPServer(xheaders)` is `xheaders`. */
function ownName(name: string): string {
  const option = /\(\*{0,2}(\w+)\)$/.exec(name)
  if (option !== null) return option[1]!
  const plain = name.replace(/\(.*$/, '').replace(/^(define|option) /, '')
  return plain.split('.').at(-1)!.replace(/^--/, '').replaceAll('-', '_')
}

function toCamelCase(name: string): string {
  if (/^[A-Z0-9_]+$/.test(name)) return name
  return name.replace(/^_+/, '').replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** Durations end in `Ms`. */
function withUnit(name: string, kind: string): string {
  const mayBeDuration = kind === 'option' || kind === 'setting' || !declared.has(name)
  const isDuration = mayBeDuration && /timeout|interval|maxAge|checkTime/i.test(name)
  return isDuration && declared.has(`${name}Ms`) ? `${name}Ms` : name
}

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import {
  defaultKeywords,
  extractFromScript,
  extractFromTemplate,
  type ExtractResult,
} from './extract-messages.ts'
import { type Keyword, parseKeyword } from '../keyword.ts'
import { mergeMessages } from './merge-messages.ts'
import { writePot } from './write-pot.ts'

/** Where a command writes to. */
export interface CommandOutput {
  stdout(text: string): void
  stderr(text: string): void
}

const usage = `Usage: tornado-locale extract [OPTIONS] PATH…

Collects the messages of templates and of JavaScript and TypeScript below the
paths, from calls of _(), translate() and pgettext(), into a .pot file.

  -o, --output=FILE    file to write, - for the standard output (default messages.pot)
  -k, --keyword=NAME[:PLACES]
                       another function that takes messages, in the form of
                       xgettext: t:1,2 (message, plural) or t:1c,2 (context, message)
  --extension=LIST     what names of templates end in (default html,htm,xml,txt,tmpl)
  --comments=TAG       how comments for translators begin (default TRANSLATORS:)
  --root=DIR           folder that places are told relative to (default: this one)
  -h, --help           show this
`

const scripts: ReadonlySet<string> = new Set(['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'])

/**
 * Runs the command `tornado-locale` with these arguments.
 *
 * @returns The exit status: 0, 1 if a file cannot be read or written, 2 if the arguments are wrong.
 */
export function runLocaleCommand(args: readonly string[], output: CommandOutput): number {
  let settings: Settings
  try {
    const parsed = parseSettings(args)
    if (parsed === null) {
      output.stdout(usage)
      return 0
    }
    settings = parsed
  } catch (error) {
    output.stderr(`tornado-locale: ${firstLine(error)}; see --help\n`)
    return 2
  }
  try {
    extract(settings, output)
    return 0
  } catch (error) {
    output.stderr(`tornado-locale: ${firstLine(error)}\n`)
    return 1
  }
}

interface Settings {
  readonly paths: readonly string[]
  readonly output: string
  readonly keywords: readonly Keyword[]
  readonly extensions: ReadonlySet<string>
  readonly commentTag: string
  readonly root: string
}

/** @returns `null` if help is asked for. */
function parseSettings(args: readonly string[]): Settings | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      output: { type: 'string', short: 'o', default: 'messages.pot' },
      keyword: { type: 'string', short: 'k', multiple: true, default: [] },
      extension: { type: 'string', default: 'html,htm,xml,txt,tmpl' },
      comments: { type: 'string', default: 'TRANSLATORS:' },
      root: { type: 'string', default: '.' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  const [command, ...paths] = positionals
  if (command === undefined) throw new RangeError('No command given')
  if (command !== 'extract') throw new RangeError(`Unknown command ${JSON.stringify(command)}`)
  if (paths.length === 0) throw new RangeError('No file or folder given')
  return {
    paths,
    output: values.output,
    keywords: [...defaultKeywords, ...values.keyword.map(parseKeyword)],
    extensions: new Set(values.extension.split(',').map((each) => `.${each.trim().replace(/^\./, '')}`)),
    commentTag: values.comments,
    root: values.root,
  }
}

function extract(settings: Settings, output: CommandOutput): void {
  const names = [...new Set(settings.paths.flatMap((path) => listFiles(path, settings.extensions)))]
  const files = names.map((name) => {
    const { messages, problems } = extractFile(name, settings)
    const file = relative(settings.root, name).replaceAll('\\', '/')
    for (const { line, text } of problems) output.stderr(`${file}:${line}: ${text}\n`)
    return { file, messages }
  })
  const messages = mergeMessages(files, ({ file, line }, { message, plural }) => {
    output.stderr(
      `${file}:${line}: ${JSON.stringify(message)} has the other plural ${JSON.stringify(plural)}\n`,
    )
  })
  const pot = writePot(messages)
  if (settings.output === '-') {
    output.stdout(pot)
    return
  }
  writeFileSync(settings.output, pot)
  output.stderr(`${settings.output}: ${messages.length} messages of ${names.length} files\n`)
}

/** A file that is named is read whatever its name ends in; of a folder, templates and scripts. */
function listFiles(path: string, extensions: ReadonlySet<string>): string[] {
  if (!statSync(path).isDirectory()) return [path]
  const entries = readdirSync(path, { withFileTypes: true })
  return entries
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') return []
      if (entry.isDirectory()) return listFiles(join(path, entry.name), extensions)
      const extension = extname(entry.name)
      const isWanted =
        extensions.has(extension) || (scripts.has(extension) && !/\.d\.[cm]?ts$/.test(entry.name))
      return entry.isFile() && isWanted ? [join(path, entry.name)] : []
    })
}

function extractFile(path: string, options: Settings): ExtractResult {
  const text = readFileSync(path, 'utf8')
  return scripts.has(extname(path)) ? extractFromScript(text, options) : extractFromTemplate(text, options)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}

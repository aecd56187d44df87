import { parseArgs } from 'node:util'
import { isWhitespaceMode } from '../syntax/filter-whitespace.ts'
import { compileTemplates, type CompileTemplatesOptions } from './compile-templates.ts'

/** Where a command writes. */
export interface CommandOutput {
  stdout(text: string): void
  stderr(text: string): void
}

const usage = `Usage: tornado-template compile DIRECTORY --out DIRECTORY [options]

Compiles the templates of a directory to JavaScript modules with type declarations.

  --out DIRECTORY      where the modules are written
  --ext LIST           endings of the files that are templates (.html,.htm,.xml,.txt)
  --autoescape NAME    the function that values go through; None for none (xhtml_escape)
  --whitespace MODE    all, single or oneline (single for .html and .js, else all)
  --provided LIST      names that are added when a template is generated, such as handler,request
  --help               this text
`

/**
 * The command `tornado-template`. Answers the exit status: 0 when all went well, 1 for errors in templates and files, 2
 * for wrong arguments.
 */
export function runTemplateCommand(args: readonly string[], output: CommandOutput): number {
  let options: CompileTemplatesOptions | null
  try {
    options = readArguments(args)
  } catch (error) {
    output.stderr(`tornado-template: ${messageOf(error)}\n`)
    return 2
  }
  if (options === null) {
    output.stdout(usage)
    return 0
  }
  try {
    const { names, errors } = compileTemplates(options)
    for (const error of errors) output.stderr(`tornado-template: ${error.message}\n`)
    if (errors.length > 0) return 1
    output.stdout(
      `Compiled ${names.length} ${names.length === 1 ? 'template' : 'templates'} into ${options.out}\n`,
    )
    return 0
  } catch (error) {
    output.stderr(`tornado-template: ${messageOf(error)}\n`)
    return 1
  }
}

/** `null` when help is asked for. */
function readArguments(args: readonly string[]): CompileTemplatesOptions | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      out: { type: 'string' },
      ext: { type: 'string' },
      autoescape: { type: 'string' },
      whitespace: { type: 'string' },
      provided: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { out, ext, autoescape, whitespace, provided, help } = values
  if (help) return null
  const [command, directory, ...others] = positionals
  if (command !== 'compile') throw new TypeError(`Unknown command ${command ?? '(none)'}; there is compile`)
  if (directory === undefined || others.length > 0) throw new TypeError('compile takes one directory')
  if (out === undefined) throw new TypeError('--out is missing')
  if (whitespace !== undefined && !isWhitespaceMode(whitespace)) {
    throw new TypeError(`--whitespace is all, single or oneline, not ${whitespace}`)
  }
  return {
    directory,
    out,
    ...(ext === undefined ? {} : { extensions: splitList(ext) }),
    ...(autoescape === undefined ? {} : { autoescape: autoescape === 'None' ? null : autoescape }),
    ...(whitespace === undefined ? {} : { whitespace }),
    ...(provided === undefined ? {} : { provided: splitList(provided) }),
  }
}

function splitList(text: string): string[] {
  return text.split(',').filter((word) => word !== '')
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { extname, resolve } from 'node:path'
import { OptionError } from './errors.ts'
import { readPythonLiterals } from './python-literals.ts'

const modules: ReadonlySet<string> = new Set(['.js', '.mjs', '.cjs', '.ts', '.mts', '.cts'])

/**
 * The names and values in a configuration file: a JSON object, the exports of a module if it may be run, or the
 * assignments of literals in a file of Python Tornado.
 *
 * @throws {OptionError} For a file that cannot be read, or is none of these.
 */
export function readConfigFile(path: string, allowCode: boolean): Iterable<readonly [string, unknown]> {
  try {
    if (modules.has(extname(path))) {
      if (!allowCode)
        throw new OptionError('a module is run to be read; pass { allowCode: true }, or write JSON')
      return readModule(resolve(path))
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
    if (extname(path) === '.json' || text.trimStart().startsWith('{')) return readJSON(text)
    return readPythonLiterals(text, { __file__: resolve(path) })
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException
    const reason = code === 'ENOENT' ? 'no such file' : (message.split('\n')[0] ?? '')
    throw new OptionError(`Cannot read the configuration: ${reason}`, { file: path, cause })
  }
}

function readJSON(text: string): Iterable<readonly [string, unknown]> {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OptionError('the JSON text is no object')
  }
  return Object.entries(value)
}

/** What the module exports by name, and the fields of what it exports by default. */
function readModule(path: string): Iterable<readonly [string, unknown]> {
  const exports: unknown = createRequire(path)(path)
  if (typeof exports !== 'object' || exports === null) throw new OptionError('the module exports no values')
  const { default: fields, ...named } = exports as Record<string, unknown>
  const entries = Object.entries(named).filter(([name]) => name !== 'module.exports' && name !== '__esModule')
  return typeof fields === 'object' && fields !== null ? [...Object.entries(fields), ...entries] : entries
}

import { toUnicode, xhtmlEscape } from '@tornado-ts/escape'
import { ImportError, NameError } from '../errors.ts'
import { modulesName, pythonHint } from '../javascript/words.ts'
import { traceError } from './template-trace.ts'

/** What stands for a name that a template was not given. */
export const missing: unique symbol = Symbol('missing')

/** What generated code works with. */
export interface Helpers {
  readonly _tt_missing: symbol
  readonly _tt_unknown: typeof unknown
  readonly _tt_text: typeof toText
  readonly _tt_escaper: typeof escaperFor
  readonly _tt_matches: typeof matches
  readonly _tt_export: typeof exportOf
  readonly _tt_trace: typeof traceError
}

function unknown(name: string): never {
  if (name === modulesName) throw new NameError(name, ': the template was given no modules')
  throw new NameError(name, pythonHint(name))
}

/** Text as it is, UTF-8 bytes decoded, everything else as `String` has it. */
function toText(value: unknown): string {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? toUnicode(value) : String(value)
}

function escapeValue(value: unknown): string {
  if (typeof value === 'string') return xhtmlEscape(value)
  // A number has nothing to escape.
  return typeof value === 'number' ? String(value) : xhtmlEscape(toText(value))
}

/** What values go through where the function of this name, which may be missing, escapes them. */
function escaperFor(escape: unknown, name: string): (value: unknown) => string {
  if (escape === xhtmlEscape) return escapeValue
  return (value) => {
    if (escape === missing) unknown(name)
    if (typeof escape !== 'function') throw new TypeError(`autoescape ${name} is not a function`)
    return toText(escape(toText(value)))
  }
}

/** Whether an error is of one of these: classes, `name`s of errors, lists of them. */
function matches(error: unknown, types: readonly unknown[]): boolean {
  return types.some((type) => {
    if (Array.isArray(type)) return matches(error, type)
    if (typeof type === 'string') return error instanceof Error && error.name === type
    if (typeof type === 'function') return error instanceof type
    throw new TypeError('except takes classes of errors or their names')
  })
}

function exportOf(module: unknown, specifier: string, name: string): unknown {
  if (typeof module === 'object' && module !== null && Object.hasOwn(module, name)) {
    return Reflect.get(module, name)
  }
  throw new ImportError(specifier, name)
}

export const helpers: Helpers = {
  _tt_missing: missing,
  _tt_unknown: unknown,
  _tt_text: toText,
  _tt_escaper: escaperFor,
  _tt_matches: matches,
  _tt_export: exportOf,
  _tt_trace: traceError,
}

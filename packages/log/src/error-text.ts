import { describe } from './message.ts'

const maxErrors = 20

/**
 * The stack of an error and of what caused it, for a log.
 *
 * Own properties are left out, since errors of clients and parsers carry requests, and those carry
 * secrets. Causes and the parts of an `AggregateError` follow, twenty errors at most.
 * What was thrown without being an `Error` is shown as `util.inspect` shows it.
 */
export function errorText(error: unknown): string {
  const seen = new Set<unknown>()
  const lines: string[] = []
  let full = false
  const add = (title: string, value: unknown): void => {
    if (full) return
    if (lines.length === maxErrors) {
      lines.push('[more errors left out]')
      full = true
      return
    }
    if (seen.has(value)) {
      lines.push(`${title}[circular]`)
      return
    }
    seen.add(value)
    lines.push(title + stackOf(value))
    for (const part of partsOf(value)) add('Together with: ', part)
    const cause = read(value, 'cause')
    if (cause !== undefined) add('Caused by: ', cause)
  }
  add('', error)
  return lines.join('\n')
}

function stackOf(value: unknown): string {
  const stack = isError(value) ? read(value, 'stack') : undefined
  return typeof stack === 'string' && stack !== '' ? stack : describe(value)
}

function partsOf(value: unknown): readonly unknown[] {
  const errors = isError(value) ? read(value, 'errors') : undefined
  try {
    return Array.isArray(errors)
      ? Array.from({ length: Math.min(errors.length, maxErrors) }, (_, index) => errors[index])
      : []
  } catch {
    return []
  }
}

function isError(value: unknown): boolean {
  try {
    // Errors of another realm (vm contexts, workers) are no instances of ours.
    return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]'
  } catch {
    return false
  }
}

function read(value: unknown, property: string): unknown {
  try {
    return typeof value === 'object' && value !== null ? Reflect.get(value, property) : undefined
  } catch {
    return undefined
  }
}

import { relative } from 'node:path'
import { normalizeOptionName } from './option-name.ts'
import type { Option } from './option.ts'

/** Where a help is printed: `process.stdout`, or whatever collects text. */
export interface HelpStream {
  write(text: string): unknown
  /** Width of the terminal, if it is one. */
  readonly columns?: number | undefined
}

/** Column in which the texts begin. */
const textColumn = 35
const nameWidth = 30
const narrowest = 20

/**
 * The help of a program: its options by groups, by their names within, texts wrapped to the width.
 *
 * Tornado: options.OptionParser.print_help.
 */
export function formatHelp(options: Iterable<Option<unknown>>, program: string, columns: number): string {
  const groups = new Map<string, Option<unknown>[]>()
  for (const option of options) {
    const heading = headingOf(option.group)
    const group = groups.get(heading) ?? []
    if (group.length === 0) groups.set(heading, group)
    group.push(option)
  }
  const lines = [`Usage: ${program} [OPTIONS]`, '', 'Options:', '']
  for (const [heading, group] of [...groups].toSorted(([a], [b]) => compare(a, b))) {
    if (heading !== '') lines.push('', `${heading} options:`, '')
    const width = Math.max(narrowest, columns - 1 - textColumn)
    for (const option of group.toSorted((a, b) => compare(a.name, b.name)))
      lines.push(...describe(option, width))
  }
  return `${lines.join('\n')}\n\n`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** A file is told as seen from the working directory. */
function headingOf(group: string): string {
  const shorter = /^(?:\/|[A-Za-z]:\\)/.test(group) ? relative(process.cwd(), group) : group
  return shorter.startsWith('..') ? group : shorter
}

function describe(option: Option<unknown>, width: number): string[] {
  const name = normalizeOptionName(option.name) + (option.metavar === null ? '' : `=${option.metavar}`)
  const shownDefault = option.formatDefault()
  const text = shownDefault === '' ? option.help : `${option.help} (default ${shownDefault})`
  const lines = wrap(text, width)
  const isLong = name.length > nameWidth
  const first = isLong ? '' : (lines[0] ?? '')
  const rest = isLong ? lines : lines.slice(1)
  return [
    `  --${name.padEnd(nameWidth)} ${first}`.trimEnd(),
    ...rest.map((line) => ' '.repeat(textColumn) + line),
  ]
}

/** Lines of at most `width` characters; a longer word is broken. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (let word of text.split(/\s+/).filter((each) => each !== '')) {
    if (line !== '' && line.length + 1 + word.length <= width) {
      line += ` ${word}`
      continue
    }
    if (line !== '') lines.push(line)
    for (; word.length > width; word = word.slice(width)) lines.push(word.slice(0, width))
    line = word
  }
  if (line !== '') lines.push(line)
  return lines
}

import { existsSync, readFileSync, writeFileSync } from 'node:fs'

/** A part of the file that a run replaces as a whole, or leaves as it is. */
export interface Section {
  readonly name: string
  /** The heading it stands under, in common with its neighbours of the same group. */
  readonly group: string
}

const introduction = `# Results

Written by \`pnpm bench\`; how it measures is told in README.md. Figures of one case were taken side by side and can be
compared; those of two cases only where a budget does so. "CPU" is the server's user and system time, median and
least of all rounds; ratios are medians over medians.`

/** What stands between the marks of each section, by name. */
export function readSections(text: string): Map<string, string> {
  const marked = text.matchAll(/^<!-- begin (\S+) -->\n([\s\S]*?)\n<!-- end \1 -->$/gm)
  return new Map(Array.from(marked, ([, name = '', content = '']) => [name, content]))
}

/**
 * The file anew: every section of `order` with its content in `fresh`, else with what `previous` has of it, else
 * not at all. What `order` does not name is dropped.
 */
export function mergeResults(
  previous: string,
  fresh: ReadonlyMap<string, string>,
  order: readonly Section[],
): string {
  const kept = readSections(previous)
  const parts = [introduction]
  let group: string | undefined
  for (const section of order) {
    const content = fresh.get(section.name) ?? kept.get(section.name)
    if (content === undefined) continue
    if (section.group !== group) parts.push(`## ${section.group}`)
    group = section.group
    parts.push(`<!-- begin ${section.name} -->\n${content}\n<!-- end ${section.name} -->`)
  }
  return `${parts.join('\n\n')}\n`
}

/** The file's text, empty when there is none yet. */
export function readResults(file: URL): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** Brings the sections of `fresh` into the file. */
export function updateResults(
  file: URL,
  fresh: ReadonlyMap<string, string>,
  order: readonly Section[],
): void {
  writeFileSync(file, mergeResults(readResults(file), fresh, order))
}

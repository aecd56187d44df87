/**
 * The name under which an option is found: `logFilePrefix`, `log_file_prefix` and `log-file-prefix` are one, the last
 * of them being the form of the command line.
 */
export function normalizeOptionName(name: string): string {
  return name
    .replaceAll('_', '-')
    .replaceAll(/([\p{Ll}\d])(\p{Lu})/gu, '$1-$2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1-$2')
    .toLowerCase()
}

/** `LOG_FILE_PREFIX`, behind the prefix. */
export function environmentName(name: string, prefix: string): string {
  return (
    prefix +
    normalizeOptionName(name)
      .replaceAll(/[^\p{L}\d]/gu, '_')
      .toUpperCase()
  )
}

/** The name most like `name`, if they differ by a slip. */
export function closestName(name: string, names: Iterable<string>): string | null {
  let best: string | null = null
  // Two letters of three would be another word.
  let bestDistance = name.length < 4 ? 2 : 3
  if (name.length > 40) return null
  for (const candidate of names) {
    const distance = editDistance(name, candidate)
    if (distance >= bestDistance) continue
    best = candidate
    bestDistance = distance
  }
  return best
}

/** How many letters must be put in, left out or exchanged. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

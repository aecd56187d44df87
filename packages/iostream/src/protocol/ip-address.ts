/** Whether the text is an IPv4 address: four decimal numbers without leading zeros. */
export function isIPv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)
}

/** The eight groups of an IPv6 address, or `null` when the text is none (RFC 4291 §2.2; no zones). */
export function parseIPv6(text: string): number[] | null {
  const halves = text.split('::')
  if (halves.length > 2) return null
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?]
  const parts = [...head, ...(tail ?? [])]
  const last = parts.at(-1)
  let size = parts.length
  if (last?.includes('.')) {
    if (!isIPv4(last) || !text.endsWith(last)) return null
    size++
  }
  const missing = 8 - size
  if (tail === undefined ? missing !== 0 : missing < 1) return null
  const groups = [...toGroups(head), ...Array.from({ length: missing }, () => 0), ...toGroups(tail ?? [])]
  return groups.includes(NaN) ? null : groups
}

/** As RFC 5952 §4 writes an address: lower case, and the longest run of zeros, the first of equals, as `::`. */
export function formatIPv6(groups: readonly number[]): string {
  let start = 0
  let longest = 0
  for (let i = 0, run = 0; i < 8; i++) {
    run = groups[i] === 0 ? run + 1 : 0
    if (run > longest) {
      longest = run
      start = i - run + 1
    }
  }
  const hex = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  if (longest < 2) return hex(groups)
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + longest))}`
}

function toGroups(parts: readonly string[]): number[] {
  return parts.flatMap((part) => {
    if (part.includes('.')) {
      const [a, b, c, d] = part.split('.').map(Number) as [number, number, number, number]
      return [a * 256 + b, c * 256 + d]
    }
    return /^[0-9a-fA-F]{1,4}$/.test(part) ? Number.parseInt(part, 16) : NaN
  })
}

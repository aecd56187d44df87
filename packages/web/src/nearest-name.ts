/**
 * The known name that another was probably meant to be: the same in other letter case or with underscores, or one or two slips
 * away (a letter wrong, missing, too many, or two in the wrong order). `null` when none is as near.
 */
export function nearestName(name: string, known: Iterable<string>): string | null {
  const plain = plainName(name)
  let nearest: string | null = null
  let least = plain.length > 6 ? 3 : 2
  for (const candidate of known) {
    const distance = slips(plain, plainName(candidate), least)
    if (distance < least) {
      least = distance
      nearest = candidate
    }
  }
  return nearest
}

function plainName(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase()
}

/** How many slips lead from one word to the other, or `limit` when there are as many. */
function slips(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1]
      let least = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (isSame ? 0 : 1))
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (isSwapped) least = Math.min(least, beforeLast[j - 2]! + 1)
      row.push(least)
    }
    beforeLast = last
    last = row
  }
  return Math.min(limit, last[b.length]!)
}

/** Longest slug, in characters. */
const maxLength = 80

/** The title as a part of URLs: small letters and digits of any script, with hyphens between the words. */
export function slugOf(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
  const slug = Array.from((words ?? []).join('-'))
    .slice(0, maxLength)
    .join('')
  return slug.replace(/-$/, '') || 'entry'
}

/** The slug itself, or with the first number that makes it a new one. */
export function unusedSlug(slug: string, isUsed: (slug: string) => boolean): string {
  if (!isUsed(slug)) return slug
  for (let number = 2; ; number++) {
    const numbered = `${slug}-${number}`
    if (!isUsed(numbered)) return numbered
  }
}

/** Whether two entity tags are the same but for weakness. RFC 9110 §8.8.3.2, weak comparison. */
export function weakEtagsEqual(a: string, b: string): boolean {
  return opaqueTag(a) === opaqueTag(b)
}

/** Whether two entity tags are the same and neither is weak. RFC 9110 §8.8.3.2, strong comparison. */
export function strongEtagsEqual(a: string, b: string): boolean {
  return a === b && !a.startsWith('W/')
}

/**
 * The entity tags of an `If-None-Match` or `If-Match` header, each as it stands there with its quotes and `W/`, or `['*']`
 * when that is the first thing in it. What is no entity tag is skipped. Linear in the length.
 */
export function parseEtagList(header: string): string[] {
  let open = header.indexOf('"')
  const star = header.indexOf('*')
  if (star !== -1 && (open === -1 || star < open)) return ['*']
  const tags: string[] = []
  let from = 0
  while (open !== -1) {
    const close = header.indexOf('"', open + 1)
    if (close === -1) break
    const weak = open - 2 >= from && header.startsWith('W/', open - 2)
    tags.push(header.slice(weak ? open - 2 : open, close + 1))
    from = close + 1
    open = header.indexOf('"', from)
  }
  return tags
}

/**
 * Whether an `If-None-Match` header names `etag`, by weak comparison: `*` names every tag. False without a tag.
 *
 * @see RFC 9110 §13.1.2; Tornado: web.RequestHandler.check_etag_header
 */
export function ifNoneMatchMatches(header: string, etag: string | null | undefined): boolean {
  if (!etag) return false
  if (header === etag) return true
  return parseEtagList(header).some((tag) => tag === '*' || weakEtagsEqual(tag, etag))
}

/** Whether an `If-Match` header names `etag`, by strong comparison: `*` names every tag. RFC 9110 §13.1.1. */
export function ifMatchMatches(header: string, etag: string | null | undefined): boolean {
  if (!etag) return false
  return parseEtagList(header).some((tag) => tag === '*' || strongEtagsEqual(tag, etag))
}

function opaqueTag(tag: string): string {
  return tag.startsWith('W/') ? tag.slice(2) : tag
}

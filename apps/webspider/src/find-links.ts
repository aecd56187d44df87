import { xhtmlUnescape } from '@tornado-ts/escape'

/** A comment, a script or style, or a link. A `<` begins the next tag, so that no page is searched twice. */
const opening = /<(?:!--|(script|style)\b|a\s[^<>]*?\bhref\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+)))/gi

/** The pages that an HTML page links to: absolute, without fragments, each once. What is no URL of http(s) is left out. */
export function findLinks(html: string, base: string): string[] {
  const links = new Set<string>()
  for (const target of findTargets(html)) {
    const link = URL.parse(xhtmlUnescape(target).trim(), base)
    if (link === null || !/^https?:$/.test(link.protocol)) continue
    link.hash = ''
    links.add(link.href)
  }
  return [...links]
}

function* findTargets(html: string): Generator<string> {
  opening.lastIndex = 0
  for (let found; (found = opening.exec(html)) !== null;) {
    const { lastIndex } = opening
    const [, element, double, single, bare] = found
    const target = double ?? single ?? bare
    if (target !== undefined) {
      yield target
      opening.lastIndex = lastIndex
      continue
    }
    // What stands in a comment or a script is no link.
    const end =
      element === undefined ? /-->/g : element.toLowerCase() === 'script' ? /<\/script/gi : /<\/style/gi
    end.lastIndex = lastIndex
    if (end.exec(html) === null) return
    opening.lastIndex = end.lastIndex
  }
}

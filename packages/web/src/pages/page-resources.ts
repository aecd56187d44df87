import { xhtmlEscape } from '@tornado-ts/escape'
import type { UIModule } from './ui-module.ts'

/** What UI modules put into the page around them. */
export interface PageResources {
  readonly javascriptFiles: readonly string[]
  readonly embeddedJavascript: readonly string[]
  readonly cssFiles: readonly string[]
  readonly embeddedCss: readonly string[]
  readonly htmlHeads: readonly string[]
  readonly htmlBodies: readonly string[]
}

/** Everything that these modules need, in the order they were first used. */
export function collectResources(modules: Iterable<UIModule>): PageResources {
  const javascriptFiles: string[] = []
  const embeddedJavascript: string[] = []
  const cssFiles: string[] = []
  const embeddedCss: string[] = []
  const htmlHeads: string[] = []
  const htmlBodies: string[] = []
  for (const module of modules) {
    addText(embeddedJavascript, module.embeddedJavascript())
    addFiles(javascriptFiles, module.javascriptFiles())
    addText(embeddedCss, module.embeddedCss())
    addFiles(cssFiles, module.cssFiles())
    addText(htmlHeads, module.htmlHead())
    addText(htmlBodies, module.htmlBody())
  }
  return { javascriptFiles, embeddedJavascript, cssFiles, embeddedCss, htmlHeads, htmlBodies }
}

/** Pieces of HTML, each for a place in a page. */
export interface PageInsertions {
  /** Before the first `</head>`. */
  readonly head: string
  /** Before the first `</body>`. */
  readonly body: string
  /** Before the last `</body>`. */
  readonly scripts: string
}

/** A page with pieces put in. @throws {Error} When the page has not got the place for one. */
export function insertIntoPage(page: string, { head, body, scripts }: PageInsertions): string {
  const headEnd = head === '' ? 0 : placeOf('</head>', page.indexOf('</head>'))
  const firstEnd = body === '' ? headEnd : placeOf('</body>', page.indexOf('</body>'))
  const lastEnd = scripts === '' ? firstEnd : placeOf('</body>', page.lastIndexOf('</body>'))
  const places = [
    { at: headEnd, order: 0, text: head },
    // Where both stand at one place, Tornado has the scripts first.
    { at: lastEnd, order: 1, text: scripts },
    { at: firstEnd, order: 2, text: body },
  ].sort((a, b) => a.at - b.at || a.order - b.order)
  let whole = ''
  let from = 0
  for (const { at, text } of places) {
    whole += page.slice(from, at) + text
    from = at
  }
  return whole + page.slice(from)
}

/** `<script>` elements for URLs. */
export function linkScripts(urls: Iterable<string>): string {
  return [...urls].map((url) => `<script src="${xhtmlEscape(url)}" type="text/javascript"></script>`).join('')
}

/** A `<script>` element with all of this. */
export function embedScripts(texts: Iterable<string>): string {
  return `<script type="text/javascript">\n//<![CDATA[\n${[...texts].join('\n')}\n//]]>\n</script>`
}

/** `<link>` elements for the URLs of style sheets. */
export function linkStyles(urls: Iterable<string>): string {
  return [...urls]
    .map((url) => `<link href="${xhtmlEscape(url)}" type="text/css" rel="stylesheet"/>`)
    .join('')
}

/** A `<style>` element with all of this. */
export function embedStyles(texts: Iterable<string>): string {
  return `<style type="text/css">\n${[...texts].join('\n')}\n</style>`
}

/** Whether a path stands for itself, so that it is no path among the static files. Tornado: web.is_absolute. */
export function isAbsolute(path: string): boolean {
  return path.startsWith('/') || path.startsWith('http:') || path.startsWith('https:')
}

function placeOf(tag: string, index: number): number {
  if (index === -1) throw new Error(`Cannot place what UI modules need: the page has no ${tag}`)
  return index
}

function addText(list: string[], text: string | null | undefined): void {
  if (text) list.push(text)
}

function addFiles(list: string[], files: string | Iterable<string> | null | undefined): void {
  if (!files) return
  if (typeof files === 'string') list.push(files)
  else list.push(...files)
}

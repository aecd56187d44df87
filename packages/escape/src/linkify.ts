import { findURL, type FoundURL } from './find-url.ts'
import { xhtmlEscape } from './xhtml-escape.ts'

/** Settings of {@link linkify}. */
export interface LinkifyOptions {
  /** Whether URLs of more than 30 characters are shown shortened, with the whole in the title. @default false */
  shorten?: boolean
  /**
   * More attributes for each link, `rel="nofollow"` for example, or a function that makes them from the URL. They are
   * written as they are: nothing that comes from outside belongs here unescaped.
   *
   * @default '' (none)
   */
  extraParams?: string | ((href: string) => string)
  /** Whether `www.example.com` without a protocol is left alone. @default false */
  requireProtocol?: boolean
  /** URLs with other protocols are left alone; `javascript` does not belong here. @default ['http', 'https'] */
  permittedProtocols?: readonly string[]
}

const shortSize = 30
const shortPathSize = 8

/**
 * HTML of plain text, escaped, in which URLs are links.
 *
 * @throws {UnicodeDecodeError} For bytes that are not UTF-8.
 *
 * Tornado: escape.linkify.
 */
export function linkify(text: string | Uint8Array, options: LinkifyOptions = {}): string {
  const { shorten = false, extraParams = '', requireProtocol = false } = options
  const { permittedProtocols = ['http', 'https'] } = options
  const escaped = xhtmlEscape(text)
  let html = ''
  let position = 0
  for (let found = findURL(escaped, 0); found !== null; found = findURL(escaped, position)) {
    const url = escaped.slice(found.start, found.end)
    const { protocol } = found
    const linked = protocol === '' ? !requireProtocol : permittedProtocols.includes(protocol)
    html += escaped.slice(position, found.start) + (linked ? link(url, found, shorten, extraParams) : url)
    position = found.end
  }
  return html + escaped.slice(position)
}

function link(
  url: string,
  found: FoundURL,
  shorten: boolean,
  extraParams: string | ((href: string) => string),
): string {
  const href = found.protocol === '' ? `http://${url}` : url
  const extra = (typeof extraParams === 'function' ? extraParams(href) : extraParams).trim()
  const shown = shorten ? shortened(url, found.prefixSize) : url
  const title = shown === url ? '' : ` title="${href}"`
  return `<a href="${href}"${extra === '' ? '' : ` ${extra}`}${title}>${shown}</a>`
}

/** Host and the beginning of the path, and three dots; the URL itself if that is no shorter. */
function shortened(url: string, prefixSize: number): string {
  const whole = Array.from(url)
  if (whole.length <= shortSize) return url
  const prefix = url.slice(0, prefixSize)
  const [host = '', path] = url.slice(prefixSize).split('/', 2)
  let short = whole
  if (path !== undefined) {
    const begin = Array.from(path).slice(0, shortPathSize).join('')
    short = Array.from(`${prefix}${host}/${begin.replace(/[?.].*$/s, '')}`)
  }
  if (short.length > shortSize * 1.5) short = short.slice(0, shortSize)
  if (short.length === whole.length) return url
  const ampersand = short.lastIndexOf('&')
  // Not to end within an entity.
  if (ampersand > shortSize - 5) short = short.slice(0, ampersand)
  return short.length + 3 >= whole.length ? url : `${short.join('')}...`
}

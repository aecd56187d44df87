import { isIP } from 'node:net'
import { trimBlanks } from '../characters.ts'

/** What one proxy says in a `Forwarded` header; see {@link parseForwarded}. */
export interface ForwardedElement {
  /** Who made the request to it: an address with or without port, `unknown`, or a name that begins with `_`. */
  readonly for?: string
  /** At which of its own addresses. */
  readonly by?: string
  /** The `Host` it received. */
  readonly host?: string
  /** The protocol it was asked over, in lower case. */
  readonly proto?: string
}

const token = /[A-Za-z0-9!#$%&'*+\-.^_`|~]+/y
// RFC 9110 §5.6.4
const quotedString = /"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*)"/y

/**
 * Parses a `Forwarded` header: one element a proxy, the nearest last. `null` when anything in it is malformed, so that no
 * part of a forged value is believed. Linear in the length.
 *
 * @see RFC 7239 §4
 */
export function parseForwarded(header: string): ForwardedElement[] | null {
  const elements: ForwardedElement[] = []
  let element: Record<string, string> = Object.create(null)
  let at = skipBlanks(header, 0)
  for (;;) {
    // Empty pairs and elements are allowed by the list rule.
    if (header[at] !== ';' && header[at] !== ',' && at < header.length) {
      const name = match(token, header, at)?.[0]
      if (name === undefined || header[at + name.length] !== '=') return null
      at += name.length + 1
      const quoted = match(quotedString, header, at)
      const text = quoted ?? match(token, header, at)
      if (text === null) return null
      at = skipBlanks(header, at + text[0].length)
      const key = name.toLowerCase()
      // RFC 7239 §4: each parameter must not occur more than once in an element.
      if (key in element) return null
      element[key] = quoted === null ? text[0] : quoted[1]!.replace(/\\(.)/g, '$1')
    }
    const separator = header[at]
    if (separator === undefined || separator === ',') {
      const known = pick(element)
      if (known !== null) elements.push(known)
      if (separator === undefined) return elements
      element = Object.create(null)
    } else if (separator !== ';') {
      return null
    }
    at = skipBlanks(header, at + 1)
  }
}

/** The entries of an `X-Forwarded-For` header (or any list without quotes), the nearest proxy's last; empty ones are left out. */
export function parseForwardedFor(header: string): string[] {
  const entries: string[] = []
  for (const entry of header.split(',')) {
    const text = trimBlanks(entry)
    if (text !== '') entries.push(text)
  }
  return entries
}

/**
 * The IP address in an entry of `Forwarded` or `X-Forwarded-For`, without brackets and port; `null` when there is none, as
 * in `unknown`, `_hidden` or junk.
 */
export function forwardedAddress(node: string): string | null {
  if (isIP(node) !== 0) return node
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?$/.exec(node)
  if (match === null) return null
  const [, six, four] = match
  if (six !== undefined) return isIP(six) === 6 ? six : null
  return isIP(four!) === 4 ? four! : null
}

function pick(element: Readonly<Record<string, string>>): ForwardedElement | null {
  const names = Object.keys(element)
  if (names.length === 0) return null
  const { for: node, by, host, proto } = element
  return {
    ...(node !== undefined && { for: node }),
    ...(by !== undefined && { by }),
    ...(host !== undefined && { host }),
    ...(proto !== undefined && { proto: proto.toLowerCase() }),
  }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}

function skipBlanks(text: string, at: number): number {
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}

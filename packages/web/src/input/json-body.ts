import { parseMediaType, type HTTPServerRequest } from '@tornado-ts/httputil'
import { isUtf8 } from 'node:buffer'
import { ProblemError } from '../error-pages/problem.ts'

/** Options of `getJsonBody`. */
export interface JsonBodyOptions {
  /** How deep arrays and objects may be nested; beyond it the body is refused with status 400. @default 64 */
  maxDepth?: number
}

/**
 * The body of a request as JSON.
 *
 * @throws {ProblemError} With status 415 when the body is of another media type, charset or coding; with 400 when it is empty,
 *   not UTF-8, malformed, nested too deep, or when it names a prototype.
 * @see RFC 8259
 */
export function parseJsonBody(
  { headers, body }: HTTPServerRequest,
  { maxDepth = 64 }: JsonBodyOptions = {},
): unknown {
  if (body.length === 0) throw malformed('The body is empty; JSON was expected')
  checkContentType(headers.get('Content-Type'))
  const coding = headers.get('Content-Encoding')
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    throw unsupported('The body is compressed, which is not supported here')
  }
  if (!isUtf8(body)) throw malformed('The body is not UTF-8')
  // RFC 8259 §8.1: nobody may send a byte order mark, but a parser may pass over one.
  const text = body[0] === 0xef ? body.toString('utf8').replace(/^\ufeff/, '') : body.toString('utf8')
  // Before it is parsed: a million lists, one in the other, keep the garbage collector busy for longer than they take to come.
  if (mayNestDeeper(text, maxDepth) && nestsDeeper(text, maxDepth)) {
    throw malformed(`The body is nested deeper than ${maxDepth} levels`)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw malformed(`The body is not JSON${placeOf(error)}`, error)
  }
  if (mayNamePrototype(text)) checkMembers(value)
  return value
}

/** Whether a content type is JSON's: `application/json`, or one with the suffix `+json`. */
export function isJsonType(type: string): boolean {
  return type === 'application/json' || type.endsWith('+json')
}

function checkContentType(contentType: string | undefined): void {
  if (contentType === 'application/json') return
  const mediaType = contentType === undefined ? null : parseMediaType(contentType)
  if (mediaType === null || !isJsonType(mediaType.type)) {
    throw unsupported('The content type of the body must be application/json')
  }
  const charset = mediaType.parameters.get('charset')?.toLowerCase()
  if (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8') {
    throw unsupported('The charset of the body must be UTF-8')
  }
}

/** Quick: most bodies name none, and need not be walked through. A name can be spelt with `\u`. */
function mayNamePrototype(text: string): boolean {
  return text.includes('__proto__') || text.includes('constructor') || text.includes('\\u')
}

/** Whether there are brackets enough. Those in strings count as well. */
function mayNestDeeper(text: string, maxDepth: number): boolean {
  let left = maxDepth
  for (const bracket of ['{', '[']) {
    for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) {
      if (--left < 0) return true
    }
  }
  return false
}

/** Whether brackets outside of strings are open deeper than that at any place. */
function nestsDeeper(text: string, maxDepth: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      for (at++; at < text.length && text.charCodeAt(at) !== 0x22; at++)
        if (text.charCodeAt(at) === 0x5c) at++
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return true
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return false
}

/** Looks at every object, level by level. */
function checkMembers(root: unknown): void {
  for (let level = [root]; level.length > 0;) {
    const next: unknown[] = []
    for (const value of level) {
      if (typeof value !== 'object' || value === null) continue
      if (!Array.isArray(value)) checkKeys(value)
      for (const member of Object.values(value)) if (typeof member === 'object') next.push(member)
    }
    level = next
  }
}

function checkKeys(value: object): void {
  if (Object.hasOwn(value, '__proto__')) throw malformed('The body must not have a member __proto__')
  if (!Object.hasOwn(value, 'constructor')) return
  const { constructor } = value as { constructor: unknown }
  if (typeof constructor === 'object' && constructor !== null && Object.hasOwn(constructor, 'prototype')) {
    throw malformed('The body must not have a member constructor.prototype')
  }
}

/** Where the parser stopped, without the client's text that it quotes. */
function placeOf(error: unknown): string {
  const place = / at position (\d+)/.exec(String(error))
  return place === null ? '' : `: malformed at character ${place[1]}`
}

function malformed(detail: string, cause?: unknown): ProblemError {
  return new ProblemError(400, { detail }, cause === undefined ? {} : { cause })
}

function unsupported(detail: string): ProblemError {
  return new ProblemError(415, { detail })
}

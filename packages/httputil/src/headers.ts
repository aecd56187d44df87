import { trimBlanks } from './characters.ts'
import { HTTPInputError, HTTPOutputError } from './errors.ts'

/**
 * Field lines kept in the form they were received in and cut out only when asked for.
 *
 * A protocol core implements it over the bytes of a head; whoever does has validated names and values.
 */
export interface ReceivedFields {
  readonly fieldCount: number
  /** The name as received. */
  fieldName(index: number): string
  fieldValue(index: number): string
  /** The first field at or after `from` with that name in any case, or -1. */
  findField(name: string, from: number): number
}

/**
 * Header fields: case-insensitive names, several values a name, in order.
 *
 * Names are kept as `Http-Header-Case`. Whatever is added was validated, so no value holds CR, LF or NUL.
 * Tornado: httputil.HTTPHeaders.
 */
export class HTTPHeaders {
  /** Name and value in turn, a pair for each field line. */
  #lines: string[]
  /** Where the lines still have to be cut from; `null` once they are in `#lines`. */
  #received: ReceivedFields | null = null
  /** The first lines as they are sent, while they are what they were when that was made. */
  #wire: WireLines | null = null

  /** Copies other headers, or sets each entry of an object or of pairs. */
  constructor(fields?: HTTPHeaders | Readonly<Record<string, string>> | Iterable<readonly [string, string]>) {
    if (fields instanceof HTTPHeaders) {
      this.#lines = fields.#all().slice()
      this.#wire = fields.#wire
    } else {
      this.#lines = []
      if (fields === undefined) return
      const pairs =
        Symbol.iterator in fields ? (fields as Iterable<readonly [string, string]>) : Object.entries(fields)
      for (const [name, value] of pairs) this.add(name, value)
    }
  }

  /** Headers over a received head. The fields are read from it lazily, so it must not change. */
  static fromReceived(received: ReceivedFields): HTTPHeaders {
    const headers = new HTTPHeaders()
    headers.#received = received
    return headers
  }

  /**
   * Parses header lines that end in CR LF or LF; a line that begins with a space or tab continues the one before.
   *
   * @throws {HTTPInputError} At the first malformed line.
   */
  static parse(text: string): HTTPHeaders {
    const headers = new HTTPHeaders()
    const pending: string[] = []
    for (const raw of text.split('\n')) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (line === '') continue
      if (line.startsWith(' ') || line.startsWith('\t')) {
        if (pending.length === 0) throw new HTTPInputError('First header line cannot start with whitespace')
        pending.push(trimBlanks(line))
        continue
      }
      if (pending.length > 0) headers.parseLine(pending.splice(0).join(' '))
      pending.push(line)
    }
    if (pending.length > 0) headers.parseLine(pending.join(' '))
    return headers
  }

  /**
   * Adds one `name: value` line, without its line end.
   *
   * @throws {HTTPInputError} When it has no colon, whitespace before the colon, or a character that is not allowed.
   */
  parseLine(line: string): void {
    const colon = line.indexOf(':')
    if (colon === -1) throw new HTTPInputError('No colon in header line')
    const name = line.slice(0, colon)
    const value = trimBlanks(line, colon + 1)
    if (!isToken(name)) throw new HTTPInputError('Invalid header name')
    if (!isFieldValue(value)) throw new HTTPInputError('Invalid header value')
    this.#all().push(normalizeHeaderName(name), value)
  }

  /** All values of a name joined by `,` (RFC 9110 §5.2), or `undefined` when there is none. */
  get(name: string): string | undefined {
    const received = this.#received
    if (received !== null) {
      let index = received.findField(name, 0)
      if (index === -1) return undefined
      let joined = received.fieldValue(index)
      while ((index = received.findField(name, index + 1)) !== -1) joined += `,${received.fieldValue(index)}`
      return joined
    }
    const lines = this.#lines
    const wanted = normalizeHeaderName(name)
    let joined: string | undefined
    for (let i = 0; i < lines.length; i += 2) {
      if (lines[i] === wanted) joined = joined === undefined ? lines[i + 1]! : `${joined},${lines[i + 1]!}`
    }
    return joined
  }

  /** The values of a name, one for each field line. */
  getList(name: string): string[] {
    const lines = this.#all()
    const wanted = normalizeHeaderName(name)
    const values: string[] = []
    for (let i = 0; i < lines.length; i += 2) if (lines[i] === wanted) values.push(lines[i + 1]!)
    return values
  }

  has(name: string): boolean {
    if (this.#received !== null) return this.#received.findField(name, 0) !== -1
    return this.#find(normalizeHeaderName(name)) !== -1
  }

  /**
   * Adds a field line and keeps those that are there.
   *
   * @throws {HTTPOutputError} When the name is not a token or the value holds a control character.
   */
  add(name: string, value: string): void {
    const normalized = checkField(name, value)
    this.#all().push(normalized, value)
  }

  /**
   * Replaces all values of a name by one, in the place of the first.
   *
   * @throws {HTTPOutputError} When the name is not a token or the value holds a control character.
   */
  set(name: string, value: string): void {
    this.setUnchecked(checkField(name, value), value)
  }

  /**
   * As {@link set}, for a name in `Http-Header-Case` and a value that the caller has made itself, of allowed characters
   * alone. Never pass what came from elsewhere: it goes out as it is.
   */
  setUnchecked(name: string, value: string): void {
    const lines = this.#all()
    const first = this.#find(name)
    if (first === -1) {
      lines.push(name, value)
      return
    }
    this.#wire = null
    lines[first + 1] = value
    this.#deleteFrom(name, first + 2)
  }

  /** Removes all values of a name; `false` when there was none. */
  delete(name: string): boolean {
    const normalized = normalizeHeaderName(name)
    this.#all()
    const first = this.#find(normalized)
    if (first === -1) return false
    this.#wire = null
    this.#deleteFrom(normalized, first)
    return true
  }

  /** The joined value of a name after adding `value` if the name was missing. Tornado: setdefault. */
  setDefault(name: string, value: string): string {
    if (!this.has(name)) this.add(name, value)
    return this.get(name)!
  }

  /** Removes a name and answers its joined value, or `undefined`. */
  pop(name: string): string | undefined {
    const value = this.get(name)
    if (value !== undefined) this.delete(name)
    return value
  }

  /** Sets each entry. */
  update(fields: HTTPHeaders | Readonly<Record<string, string>> | Iterable<readonly [string, string]>): void {
    for (const [name, value] of new HTTPHeaders(fields)) this.set(name, value)
  }

  clear(): void {
    this.#received = null
    this.#wire = null
    this.#lines = []
  }

  copy(): HTTPHeaders {
    return new HTTPHeaders(this)
  }

  /** How many field lines there are. */
  get lineCount(): number {
    return this.#received === null ? this.#lines.length / 2 : this.#received.fieldCount
  }

  /** The name of the field line at `index`. */
  lineName(index: number): string {
    return this.#all()[index * 2]!
  }

  /** The value of the field line at `index`. */
  lineValue(index: number): string {
    return this.#all()[index * 2 + 1]!
  }

  /** Every field line as a pair of name and value. */
  *getAll(): IterableIterator<[string, string]> {
    const lines = this.#all()
    for (let i = 0; i < lines.length; i += 2) yield [lines[i]!, lines[i + 1]!]
  }

  /** Each name once, in order of its first line. */
  *keys(): IterableIterator<string> {
    yield* this.#joined().keys()
  }

  /** The joined value of each name. */
  *values(): IterableIterator<string> {
    yield* this.#joined().values()
  }

  /** Each name once, with its joined value. */
  *items(): IterableIterator<[string, string]> {
    yield* this.#joined()
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.items()
  }

  /** `Name: value` lines, each ended by CR LF, one character a byte, as HTTP/1.1 sends them. */
  toWire(): string {
    const lines = this.#all()
    let text = ''
    let i = 0
    if (this.#wire !== null) {
      text = this.#wire.text
      i = this.#wire.length
    }
    for (; i < lines.length; i += 2) text += `${lines[i]!}: ${lines[i + 1]!}\r\n`
    return text
  }

  /** Makes the wire form of the lines once for all copies, as long as they leave these lines as they are. */
  prepareWire(): void {
    this.#wire = { text: this.toWire(), length: this.#all().length }
  }

  /** `Name: value` lines, each ended by LF, for people to read. */
  toString(): string {
    const lines = this.#all()
    let text = ''
    for (let i = 0; i < lines.length; i += 2) text += `${lines[i]!}: ${lines[i + 1]!}\n`
    return text
  }

  /** The lines, cut out of the received head if they still have to be. */
  #all(): string[] {
    const received = this.#received
    if (received === null) return this.#lines
    this.#received = null
    const lines = this.#lines
    for (let i = 0; i < received.fieldCount; i++) {
      lines.push(normalizeHeaderName(received.fieldName(i)), received.fieldValue(i))
    }
    return lines
  }

  #joined(): Map<string, string> {
    const lines = this.#all()
    const grouped = new Map<string, string[]>()
    for (let i = 0; i < lines.length; i += 2) {
      const values = grouped.get(lines[i]!)
      if (values === undefined) grouped.set(lines[i]!, [lines[i + 1]!])
      else values.push(lines[i + 1]!)
    }
    const joined = new Map<string, string>()
    for (const [name, values] of grouped) joined.set(name, values.join(','))
    return joined
  }

  #find(normalized: string): number {
    const lines = this.#lines
    for (let i = 0; i < lines.length; i += 2) if (lines[i] === normalized) return i
    return -1
  }

  #deleteFrom(normalized: string, from: number): void {
    const lines = this.#lines
    let kept = from
    for (let i = from; i < lines.length; i += 2) {
      if (lines[i] === normalized) continue
      lines[kept] = lines[i]!
      lines[kept + 1] = lines[i + 1]!
      kept += 2
    }
    lines.length = kept
  }
}

interface WireLines {
  readonly text: string
  /** Items of the list of lines that the text is made of. */
  readonly length: number
}

/** `content-TYPE` as `Content-Type`. */
export function normalizeHeaderName(name: string): string {
  const known = normalizedNames.get(name)
  if (known !== undefined) return known
  const normalized = name
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('-')
  // Names come from peers too, so the cache must not grow with them. It holds tokens only: a name found in it is valid.
  if (normalizedNames.size < 1000 && name.length <= 64 && token.test(name))
    normalizedNames.set(name, normalized)
  return normalized
}

const normalizedNames = new Map<string, string>()

/** Whether `text` is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return token.test(text)
}

/** Whether `text` may stand in a field value: visible characters, obs-text, spaces and tabs (RFC 9110 §5.5). */
export function isFieldValue(text: string): boolean {
  // A regular expression has a price of its own, which short values need not pay.
  if (text.length > 64) return !outsideFieldValue.test(text)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false
  }
  return true
}

function checkField(name: string, value: string): string {
  // A caller without types may pass an object whose text changes between the check and the use.
  if (typeof name !== 'string' || typeof value !== 'string')
    throw new TypeError('Header name and value must be strings')
  const known = normalizedNames.get(name)
  if (known === undefined && !token.test(name)) {
    throw new HTTPOutputError(`Invalid header name ${JSON.stringify(name)}`)
  }
  if (!isFieldValue(value)) {
    throw new HTTPOutputError(`Unsafe value of header ${name}: ${JSON.stringify(value.slice(0, 100))}`)
  }
  return known ?? normalizeHeaderName(name)
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const outsideFieldValue = /[^\t\x20-\x7e\x80-\xff]/

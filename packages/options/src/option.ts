import { OptionError } from './errors.ts'
import type { OptionSettings, OptionType } from './option-types.ts'
import { customType, typeNameOf, type ValueType, valueTypes } from './value-types.ts'

/** Longest list that ranges may stand for. */
const maxListSize = 1_000_000

/**
 * An option: what `define` returns. Its `value` is typed by how it was defined.
 *
 *     const port = define('port', { default: 8888 })
 *     parseCommandLine()
 *     server.listen(port.value)
 */
export class Option<Value> {
  /** As it was defined. */
  readonly name: string
  readonly default: Value
  readonly help: string
  readonly metavar: string | null
  readonly multiple: boolean
  readonly group: string
  /** The file that defined it. */
  readonly file: string
  readonly #type: ValueType
  readonly #callback: ((value: Value) => void) | undefined
  #value: Value

  /** Use `define`: an option belongs to a parser. */
  constructor(name: string, settings: OptionSettings<OptionType | undefined, unknown, boolean>) {
    const { type, multiple = false, help = '', metavar = null, file = '' } = settings
    const { group = file, callback } = settings
    const given = settings.default ?? (multiple ? [] : null)
    this.name = name
    this.help = help
    this.metavar = metavar
    this.multiple = multiple
    this.group = group
    this.file = file
    this.#type =
      typeof type === 'function'
        ? customType(type)
        : valueTypes[type ?? (multiple ? 'string' : typeNameOf(given))]
    if (this.#type === undefined)
      throw new TypeError(`Unknown type ${JSON.stringify(type)} of option "${name}"`)
    this.#check(given)
    // What was defined has this type by the signature of `define`.
    this.default = given as Value
    this.#callback = callback as ((value: Value) => void) | undefined
    this.#value = this.default
  }

  /** What was last parsed or set, the default before. Lists are not to be changed in place. */
  get value(): Value {
    return this.#value
  }

  /** Whether the command line may name it without a value. */
  get isFlag(): boolean {
    return this.#type === valueTypes.bool
  }

  /**
   * Sets the value that a text tells, and calls the callback. A list is replaced, not added to.
   *
   * @throws {OptionError} If it tells none of the option's type.
   */
  parse(text: string): void {
    this.#assign(
      this.multiple ? text.split(',').flatMap((part) => this.#parseItem(part)) : this.#parseOne(text),
    )
  }

  /**
   * Sets the value, and calls the callback.
   *
   * @throws {OptionError} If it is not of the option's type, or `null`.
   */
  set(value: Value): void {
    this.#check(value)
    this.#assign(value)
  }

  /**
   * Sets a value from a configuration file: text is parsed, also within lists, unless the option holds text itself.
   *
   * @throws {OptionError} If it is not of the option's type.
   */
  setFromFile(value: unknown): void {
    const holdsText = this.#type === valueTypes.string
    if (typeof value === 'string' && (this.multiple || !holdsText)) return this.parse(value)
    if (this.multiple && !Array.isArray(value)) {
      throw this.#error(`must be a list of type ${this.#type.name}, or text with commas between`)
    }
    const parsed: unknown =
      this.multiple && !holdsText && Array.isArray(value)
        ? value.map((item: unknown) => (typeof item === 'string' ? this.#parseOne(item) : item))
        : value
    this.#check(parsed)
    this.#assign(parsed)
  }

  /** The default as the help shows it; empty for none. */
  formatDefault(): string {
    const value: unknown = this.default
    if (value === null) return ''
    const items: unknown[] = this.multiple && Array.isArray(value) ? value : [value]
    return items.map((item) => (item === null ? '' : this.#type.format(item))).join(',')
  }

  #assign(value: unknown): void {
    this.#value = value as Value
    this.#callback?.(this.#value)
  }

  #parseItem(text: string): unknown[] {
    const colon = this.#type.hasRanges ? text.indexOf(':') : -1
    if (colon === -1) return [this.#parseOne(text)]
    const first = Number(this.#parseOne(text.slice(0, colon)))
    const last = text.length === colon + 1 ? first : Number(this.#parseOne(text.slice(colon + 1)))
    if (last - first >= maxListSize) throw this.#error(`has a range of over ${maxListSize} values`)
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index)
  }

  #parseOne(text: string): unknown {
    let value: unknown
    try {
      value = this.#type.parse(text)
    } catch (cause) {
      throw this.#error(`cannot be ${JSON.stringify(text)}: ${(cause as Error).message}`, { cause })
    }
    if (value === undefined)
      throw this.#error(`must be of type ${this.#type.name}, not ${JSON.stringify(text)}`)
    return value
  }

  #check(value: unknown): void {
    const { name, accepts } = this.#type
    if (this.multiple) {
      if (!Array.isArray(value) || !value.every((item) => item === null || accepts(item))) {
        throw this.#error(`must be a list of type ${name}`)
      }
    } else if (value !== null && !accepts(value)) {
      throw this.#error(`must be of type ${name}, not ${describe(value)}`)
    }
  }

  #error(reason: string, options?: ErrorOptions): OptionError {
    return new OptionError(`Option ${JSON.stringify(this.name)} ${reason}`, { ...options, option: this.name })
  }
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  return value instanceof Date ? 'date' : typeof value === 'number' ? String(value) : typeof value
}

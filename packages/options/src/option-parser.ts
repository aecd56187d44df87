import { attributePrototype } from './attributes.ts'
import { readConfigFile } from './config-file.ts'
import { callerFile } from './defining-file.ts'
import { orEndProcess, programName } from './end-process.ts'
import { HelpRequested, OptionError } from './errors.ts'
import { formatHelp, type HelpStream } from './help.ts'
import { mockableOf, type MockableOptions } from './mockable.ts'
import { Option } from './option.ts'
import { closestName, environmentName, normalizeOptionName } from './option-name.ts'
import type { OptionSettings, OptionType, OptionValue } from './option-types.ts'

/** Settings of an {@link OptionParser}. */
export interface OptionParserOptions {
  /** What the help and the errors call the program. @default the path of its file */
  program?: string
}

/** Settings of every `parse…` method. */
export interface ParseOptions {
  /** Whether the parse callbacks are run. Only the last of several parsers should run them. @default true */
  final?: boolean
}

/** Settings of `parseCommandLine`. */
export interface ParseCommandLineOptions extends ParseOptions {
  /**
   * Whether an error is told in one line on stderr and ends the program with status 2, and a help is printed and ends
   * it with status 0. Else both are thrown.
   *
   * @default whether the arguments are the process's own
   */
  exitOnError?: boolean
}

/** Settings of `parseConfigFile`. */
export interface ParseConfigFileOptions extends ParseOptions {
  /** Whether a module (`.js`, `.ts` and their kin) may be run for its exports. @default false */
  allowCode?: boolean
}

/** Settings of `parseEnvironment`. */
export interface ParseEnvironmentOptions extends ParseCommandLineOptions {
  /** What the names of variables begin with: of `CHAT_`, `CHAT_PORT` sets `port`. */
  prefix: string
  /** @default process.env */
  env?: Readonly<Record<string, string | undefined>>
}

/**
 * A set of options. Each is an attribute too: `parser.port` reads and `parser.port = 80` sets, with the check of its
 * type; an unknown name is an error. What a method is called, only `get` and `set` reach as an option.
 *
 * `-` and `_` and the humps of camelCase are the same in all names.
 *
 * Tornado: options.OptionParser.
 */
export class OptionParser {
  [name: string]: unknown

  readonly #options = new Map<string, Option<unknown>>()
  readonly #parseCallbacks: (() => void)[] = []
  readonly #program: string | null

  static {
    const isParser = (value: unknown): value is OptionParser => {
      return typeof value === 'object' && value !== null && #options in value
    }
    const attributes = attributePrototype(isParser, {
      has: (parser, name) => parser.has(name),
      get: (parser, name) => parser.get(name),
      set: (parser, name, value) => parser.set(name, value),
    })
    Object.setPrototypeOf(OptionParser.prototype, attributes)
  }

  constructor({ program }: OptionParserOptions = {}) {
    this.#program = program ?? null
    this.define('help', {
      type: 'bool',
      help: 'show this help information',
      file: '',
      callback: (value) => {
        if (value === true) throw new HelpRequested(this.formatHelp())
      },
    })
  }

  /**
   * Defines an option, and returns it with its typed `value`.
   *
   * @throws {OptionError} If the name is taken, also in another spelling, or the default is not of the type.
   */
  define<
    Type extends OptionType | undefined = undefined,
    Default = undefined,
    Multiple extends boolean = false,
  >(
    name: string,
    settings: OptionSettings<Type, Default, Multiple> = {},
  ): Option<OptionValue<Type, Default, Multiple>> {
    const key = normalizeOptionName(name)
    const other = this.#options.get(key)
    if (other !== undefined) {
      const where = other.file === '' ? '' : ` in ${other.file}`
      throw new OptionError(`Option ${JSON.stringify(key)} is already defined${where}`, { option: name })
    }
    const file = settings.file ?? callerFile(this.define)
    const option = new Option<OptionValue<Type, Default, Multiple>>(name, {
      ...(settings as OptionSettings<Type, unknown, Multiple>),
      file,
    } as OptionSettings<OptionType | undefined, unknown, boolean>)
    this.#options.set(key, option as Option<unknown>)
    return option
  }

  /** Whether there is an option of this name. */
  has(name: string): boolean {
    return this.#options.has(normalizeOptionName(name))
  }

  /** @throws {OptionError} For a name that is not defined. */
  get(name: string): unknown {
    return this.#find(name).value
  }

  /** @throws {OptionError} For a name that is not defined, and a value that is not of the option's type. */
  set(name: string, value: unknown): void {
    this.#find(name).set(value)
  }

  /** The names of the options, as they were defined. */
  *[Symbol.iterator](): IterableIterator<string> {
    for (const option of this.#options.values()) yield option.name
  }

  /** The names and the values. */
  items(): [name: string, value: unknown][] {
    return Array.from(this.#options.values(), (option) => [option.name, option.value])
  }

  /** The groups that there are. */
  groups(): Set<string> {
    return new Set(Array.from(this.#options.values(), (option) => option.group))
  }

  /** The values of a group by their names, as settings of an application; of all for the empty name. */
  groupDict(group: string): Record<string, unknown> {
    const table: Record<string, unknown> = Object.create(null)
    for (const option of this.#options.values()) {
      if (group === '' || option.group === group) table[option.name] = option.value
    }
    return table
  }

  /** All values by their names. The object has no prototype, so every name is safe in it. */
  asDict(): Record<string, unknown> {
    return this.groupDict('')
  }

  /**
   * Sets options from arguments: `--name=value`, with any number of dashes, and `--name` alone for true.
   *
   * @param args Without the program's own name. @default the process's own
   * @returns The arguments from the first that is no option on, or those behind `--`.
   * @throws {OptionError} For an unknown option and a malformed value; see `exitOnError`.
   * @throws {HelpRequested} If `--help` is among them; see `exitOnError`.
   */
  parseCommandLine(
    args?: readonly string[] | null,
    { final = true, exitOnError }: ParseCommandLineOptions = {},
  ): string[] {
    // Who hands over the process's own list, as Python's sys.argv, means the arguments in it.
    const isOwn = args === undefined || args === null || args === process.argv
    const list = isOwn ? process.argv.slice(2) : args
    return this.#orEnd(exitOnError ?? isOwn, () => {
      const rest = this.#parseArguments(list)
      if (final) this.runParseCallbacks()
      return rest
    })
  }

  /**
   * Sets the options that a file names; other names in it are ignored. The file is a JSON object, or one of Python
   * Tornado that assigns literal values, which is read and never run. A module is run only if `allowCode` says so.
   *
   * @throws {OptionError} For a file that cannot be read, and a malformed value.
   */
  parseConfigFile(path: string, { final = true, allowCode = false }: ParseConfigFileOptions = {}): void {
    for (const [name, value] of readConfigFile(path, allowCode)) {
      const option = this.#options.get(normalizeOptionName(name))
      try {
        option?.setFromFile(value)
      } catch (error) {
        if (!(error instanceof OptionError) || error.file !== null) throw error
        throw new OptionError(error.reason, { option: error.option, file: path, cause: error })
      }
    }
    if (final) this.runParseCallbacks()
  }

  /**
   * Sets the options for which there are environment variables: `CHAT_LOG_FILE_PREFIX` for `logFilePrefix`.
   *
   * @throws {OptionError} For a malformed value; see `exitOnError`, which is true for the process's own variables.
   */
  parseEnvironment({ prefix, env, final = true, exitOnError }: ParseEnvironmentOptions): void {
    const variables = env ?? process.env
    this.#orEnd(exitOnError ?? env === undefined, () => {
      for (const option of this.#options.values()) {
        const variable = environmentName(option.name, prefix)
        const value = Object.hasOwn(variables, variable) ? variables[variable] : undefined
        try {
          if (value !== undefined) option.parse(value)
        } catch (error) {
          if (!(error instanceof OptionError)) throw error
          throw new OptionError(`${variable}: ${error.reason}`, { option: error.option, cause: error })
        }
      }
      if (final) this.runParseCallbacks()
    })
  }

  /** The text of `--help`, wrapped to `columns`. @default columns those of the terminal, at most 120; 80 without one */
  formatHelp({ columns = terminalWidth(process.stdout) }: { columns?: number } = {}): string {
    return formatHelp(this.#options.values(), this.#program ?? programName(), columns)
  }

  /** Prints the help, wrapped to the width of the terminal. */
  printHelp(stream: HelpStream = process.stderr): void {
    stream.write(this.formatHelp({ columns: terminalWidth(stream) }))
  }

  /** Adds a function to be called when the last source is parsed. */
  addParseCallback(callback: () => void): void {
    this.#parseCallbacks.push(callback)
  }

  /** Calls what was added by `addParseCallback`. */
  runParseCallbacks(): void {
    for (const callback of this.#parseCallbacks) callback()
  }

  /**
   * An object for tests: what is set on it is set in the options until it is deleted from it, or until the object is
   * disposed of.
   *
   *     using mocked = options.mockable()
   *     mocked.port = 0
   */
  mockable(): MockableOptions {
    return mockableOf(this)
  }

  #orEnd<T>(endsProcess: boolean, parse: () => T): T {
    return endsProcess ? orEndProcess(this.#program ?? programName(), parse) : parse()
  }

  #parseArguments(args: readonly string[]): string[] {
    for (const [index, arg] of args.entries()) {
      if (!arg.startsWith('-')) return args.slice(index)
      if (arg === '--') return args.slice(index + 1)
      const bare = arg.replace(/^-+/, '')
      const equals = bare.indexOf('=')
      const name = equals === -1 ? bare : bare.slice(0, equals)
      const option = this.#options.get(normalizeOptionName(name))
      if (option === undefined) throw this.#unknown('Unrecognized command line option', `--${name}`, name)
      if (equals === -1 && !option.isFlag) {
        throw new OptionError(`Option ${JSON.stringify(name)} requires a value`, { option: name })
      }
      option.parse(equals === -1 ? 'true' : bare.slice(equals + 1))
    }
    return []
  }

  #find(name: string): Option<unknown> {
    const option = this.#options.get(name) ?? this.#options.get(normalizeOptionName(name))
    if (option === undefined) throw this.#unknown('Unrecognized option', name, name)
    return option
  }

  #unknown(what: string, shown: string, name: string): OptionError {
    const closest = closestName(normalizeOptionName(name), this.#options.keys())
    const hint = closest === null ? '' : `, did you mean --${closest}?`
    return new OptionError(`${what} ${JSON.stringify(shown)}${hint}`, { option: name })
  }
}

function terminalWidth({ columns }: HelpStream): number {
  return Math.min(columns ?? 80, 120)
}

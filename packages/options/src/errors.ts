/** What an {@link OptionError} is about. */
export interface OptionErrorOptions extends ErrorOptions {
  /** Name of the option. */
  option?: string | null
  /** Path of the configuration file. */
  file?: string | null
}

/**
 * An option that nobody defined, or that was defined twice; a value that is not of its type; a configuration file that
 * cannot be read. The message is one line. Tornado: options.Error.
 */
export class OptionError extends Error {
  override readonly name = 'OptionError'
  /** What is wrong, without the file. */
  readonly reason: string
  /** Name of the option, as it was given; `null` where there is none. */
  readonly option: string | null
  /** Path of the configuration file; `null` for other sources. */
  readonly file: string | null

  constructor(reason: string, { option = null, file = null, ...options }: OptionErrorOptions = {}) {
    super(file === null ? reason : `${file}: ${reason}`, options)
    this.reason = reason
    this.option = option
    this.file = file
  }
}

/** `--help` was among arguments that are not the process's own. For those, the help is printed and the program ends. */
export class HelpRequested extends Error {
  override readonly name = 'HelpRequested'
  /** The text to print. */
  readonly help: string

  constructor(help: string) {
    super('Help was asked for')
    this.help = help
  }
}

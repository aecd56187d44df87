/**
 * Something is wrong with the text of a template. The message ends with the place: `Empty expression at page.html:3`.
 *
 * Tornado: template.ParseError.
 */
export class ParseError extends Error {
  override readonly name = 'ParseError'
  /** What is wrong, without the place. */
  readonly reason: string
  /** The name of the template; `null` where none is known. */
  readonly filename: string | null
  /** Counted from 1; 0 where it is not known. */
  readonly lineno: number

  constructor(reason: string, filename: string | null = null, lineno: number = 0, options?: ErrorOptions) {
    super(filename === null ? reason : `${reason} at ${filename}:${lineno}`, options)
    this.reason = reason
    this.filename = filename
    this.lineno = lineno
  }
}

/** Where a template was asked for, and what went wrong. */
export interface TemplateNotFoundOptions extends ErrorOptions {
  /** The template that extends or includes it. @default null */
  filename?: string | null
  /** The line of that directive. @default 0 */
  lineno?: number
}

/** A loader has no template of this name, or the name leads out of its directory. */
export class TemplateNotFoundError extends Error {
  override readonly name = 'TemplateNotFoundError'
  /** As it was asked for. */
  readonly templateName: string
  /** Why it cannot be loaded. */
  readonly reason: string
  /** The template that extends or includes it; `null` when a program asked. */
  readonly filename: string | null
  readonly lineno: number

  constructor(
    templateName: string,
    reason: string = 'there is none of that name',
    options: TemplateNotFoundOptions = {},
  ) {
    const { filename = null, lineno = 0 } = options
    const place = filename === null ? '' : ` at ${filename}:${lineno}`
    super(`Cannot load the template ${JSON.stringify(templateName)}: ${reason}${place}`, options)
    this.templateName = templateName
    this.reason = reason
    this.filename = filename
    this.lineno = lineno
  }
}

/** A template uses a name that it was not given. Where this happened is added to the message as the error leaves it. */
export class NameError extends ReferenceError {
  override readonly name = 'NameError'
  readonly variable: string

  constructor(variable: string, hint: string = '') {
    super(`${variable} is not defined${hint}`)
    this.variable = variable
  }
}

/** A template imports what it was not given: see the option `imports`. */
export class ImportError extends Error {
  override readonly name = 'ImportError'
  readonly specifier: string

  constructor(specifier: string, what: string = 'it') {
    super(`Cannot import ${what} from ${JSON.stringify(specifier)}: imports holds no such thing`)
    this.specifier = specifier
  }
}

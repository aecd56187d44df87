import type { HTTPServerRequest, RawArguments } from '@tornado-ts/httputil'
import type { Application } from '../application.ts'
import { decodeText, replaceControls } from './arguments.ts'
import { MissingArgumentError } from '../errors.ts'
import { parseJsonBody, type JsonBodyOptions } from './json-body.ts'
import type { ApplicationSettings } from '../settings.ts'
import { decodeSignedValue, getSignatureKeyVersion, type CookieSecret } from '../security/signed-value.ts'
import {
  validateInput,
  validateInputSync,
  type InputSchemas,
  type ValidateOptions,
  type ValidInput,
} from './validation.ts'

/**
 * What a handler reads from its request: arguments, cookies, settings. The base of `RequestHandler`.
 *
 * @typeParam Settings The application's own settings, as `this.settings` shows them.
 */
export class RequestReader<Settings extends object = object> {
  readonly application: Application<Settings>
  readonly request: HTTPServerRequest
  /** Positional groups of the path, decoded; `null` for one that took no part. */
  pathArgs: readonly (string | null)[] = noArgs
  /** Named groups of the path, decoded. */
  pathKwargs: Readonly<Record<string, string | null>> = noKwargs

  constructor(application: Application<Settings>, request: HTTPServerRequest) {
    this.application = application
    this.request = request
  }

  /** The application's settings. */
  get settings(): ApplicationSettings & Settings {
    return this.application.settings
  }

  /**
   * Throws unless a setting is there.
   *
   * @param feature What needs it, for the message.
   * @throws {Error}
   */
  requireSetting(name: keyof (ApplicationSettings & Settings) & string, feature = 'this feature'): void {
    if (!this.settings[name])
      throw new Error(`You must define the '${name}' setting in your application to use ${feature}`)
  }

  /**
   * The last value of an argument of the query or the body; one in the body wins. Without `defaultValue` the argument
   * is required.
   *
   * Control characters become spaces and, unless `strip` is false, white space at both ends is cut off.
   *
   * @throws {MissingArgumentError} When it is missing and there is no default.
   * @throws {HTTPError} With status 400 when it is not UTF-8.
   */
  getArgument(name: string): string
  getArgument<Default>(name: string, defaultValue: Default, options?: ArgumentOptions): string | Default
  getArgument(name: string, ...rest: [unknown?, ArgumentOptions?]): unknown {
    return this.#lastArgument(this.request.arguments, name, rest)
  }

  /** All values of an argument, those of the query first. */
  getArguments(name: string, options: ArgumentOptions = {}): string[] {
    return this.#allArguments(this.request.arguments, name, options)
  }

  /** As {@link getArgument}, of the query alone. */
  getQueryArgument(name: string): string
  getQueryArgument<Default>(name: string, defaultValue: Default, options?: ArgumentOptions): string | Default
  getQueryArgument(name: string, ...rest: [unknown?, ArgumentOptions?]): unknown {
    return this.#lastArgument(this.request.queryArguments, name, rest)
  }

  /** As {@link getArguments}, of the query alone. */
  getQueryArguments(name: string, options: ArgumentOptions = {}): string[] {
    return this.#allArguments(this.request.queryArguments, name, options)
  }

  /** As {@link getArgument}, of a form body alone. */
  getBodyArgument(name: string): string
  getBodyArgument<Default>(name: string, defaultValue: Default, options?: ArgumentOptions): string | Default
  getBodyArgument(name: string, ...rest: [unknown?, ArgumentOptions?]): unknown {
    return this.#lastArgument(this.request.bodyArguments, name, rest)
  }

  /** As {@link getArguments}, of a form body alone. */
  getBodyArguments(name: string, options: ArgumentOptions = {}): string[] {
    return this.#allArguments(this.request.bodyArguments, name, options)
  }

  /**
   * The body as JSON. The type is the caller's word: {@link validate} checks it.
   *
   * @throws {ProblemError} With status 415 when the body is no JSON by its content type, or not in UTF-8; with 400 when it is
   *   empty, malformed, nested too deep, or has a member `__proto__` or `constructor.prototype`.
   */
  getJsonBody<Body = unknown>(options?: JsonBodyOptions): Body {
    return parseJsonBody(this.request, options) as Body
  }

  /**
   * Holds the input against schemas of any library that keeps to the Standard Schema interface (zod, valibot …), and answers
   * what they let through:
   *
   * ```ts
   * const { query, body } = await this.validate({ query: Page, body: NewUser })
   * ```
   *
   * @throws {ValidationError} With status 400 and all that is wrong.
   * @throws {ProblemError} When the body cannot be read: see {@link getJsonBody}.
   */
  validate<const Schemas extends InputSchemas>(
    schemas: Schemas,
    options?: ValidateOptions,
  ): Promise<ValidInput<Schemas>> {
    return validateInput(this as unknown as RequestReader, schemas, options)
  }

  /** As {@link validate}, at once. @throws {TypeError} When a schema is asynchronous. */
  validateSync<const Schemas extends InputSchemas>(
    schemas: Schemas,
    options?: ValidateOptions,
  ): ValidInput<Schemas> {
    return validateInputSync(this as unknown as RequestReader, schemas, options)
  }

  /**
   * Decodes an argument, or a group of the path, from its bytes (one character a byte). Override it for another encoding.
   *
   * @param name What is decoded; `undefined` for a positional group.
   * @throws {HTTPError} With status 400 when it is not UTF-8.
   */
  decodeArgument(value: string, name?: string): string {
    return decodeText(value, name ?? 'url')
  }

  /** The cookies of the request, by name. Those that this response sets are not among them. */
  get cookies(): Map<string, string> {
    return this.request.cookies
  }

  /** The value of a cookie of the request. */
  getCookie(name: string): string | undefined
  getCookie<Default>(name: string, defaultValue: Default): string | Default
  getCookie(name: string, defaultValue?: unknown): unknown {
    return this.request.cookies.get(name) ?? defaultValue
  }

  /**
   * The bytes that were signed into a cookie, or `null` when there is none, or it does not verify or is too old.
   *
   * @throws {Error} Without the setting `cookieSecret`.
   */
  getSignedCookie(name: string, { value, maxAgeDays, minVersion }: SignedCookieOptions = {}): Buffer | null {
    return decodeSignedValue(this.#cookieSecret(), name, value ?? this.getCookie(name), {
      ...(maxAgeDays === undefined ? {} : { maxAgeDays }),
      ...(minVersion === undefined ? {} : { minVersion }),
    })
  }

  /** The older name of {@link getSignedCookie}. */
  getSecureCookie(name: string, options?: SignedCookieOptions): Buffer | null {
    return this.getSignedCookie(name, options)
  }

  /** The version of the key that signed a cookie (or `value`), or `null`. */
  getSignedCookieKeyVersion(name: string, value?: string): number | null {
    this.#cookieSecret()
    return getSignatureKeyVersion(value ?? this.getCookie(name))
  }

  /** The older name of {@link getSignedCookieKeyVersion}. */
  getSecureCookieKeyVersion(name: string, value?: string): number | null {
    return this.getSignedCookieKeyVersion(name, value)
  }

  #cookieSecret(): CookieSecret {
    this.requireSetting('cookieSecret', 'signed cookies')
    return this.settings.cookieSecret!
  }

  #lastArgument(source: RawArguments, name: string, rest: [unknown?, ArgumentOptions?]): unknown {
    const values = source.get(name)
    if (values !== undefined) return this.#cleanArgument(values.at(-1)!, name, rest[1])
    if (rest.length === 0) throw new MissingArgumentError(name)
    return rest[0]
  }

  #allArguments(source: RawArguments, name: string, options: ArgumentOptions): string[] {
    if (typeof options !== 'object')
      throw new TypeError('The second argument is an object of options, not a default')
    return (source.get(name) ?? []).map((value) => this.#cleanArgument(value, name, options))
  }

  #cleanArgument(value: string, name: string, { strip = true }: ArgumentOptions = {}): string {
    const text: unknown = this.decodeArgument(value, name)
    if (typeof text !== 'string') return text as string
    const clean = replaceControls(text)
    return strip ? clean.trim() : clean
  }
}

/** Options of the argument getters. */
export interface ArgumentOptions {
  /** Cuts off white space at both ends. @default true */
  strip?: boolean
}

/** Options of {@link RequestReader.getSignedCookie}. */
export interface SignedCookieOptions {
  /** Verifies this in place of the cookie's value. @default the cookie */
  value?: string
  /** Refuses what was signed longer ago. In days. @default 31 */
  maxAgeDays?: number
  /** Refuses older layouts. @default 1 */
  minVersion?: number
}

const noArgs: readonly (string | null)[] = []
/** The {@link RequestReader.pathKwargs} of a path without named groups. */
export const noKwargs: Readonly<Record<string, string | null>> = {}

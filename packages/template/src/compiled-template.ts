import { makeEnvironment, type Names, type NameSource, type TemplateProgram } from './runtime/program.ts'

/** What a template is given; may be left out where nothing in it is required. */
export type TemplateValues<Context extends object> = {} extends Context
  ? [values?: Context]
  : [values: Context]

/** Settings of {@link CompiledTemplate.generateAsync}. */
export interface GenerateOptions {
  /** Ends the work: the promise rejects at once, the template stops at its next loop or `await`. @default none */
  signal?: AbortSignal
  /** Has names that were not given otherwise; it is asked when they are used. @default none */
  names?: NameSource
}

/** Settings of {@link CompiledTemplate.stream}. */
export interface StreamOptions {
  /** Ends the stream at the next piece, loop or `await` with the signal's reason. @default none */
  signal?: AbortSignal
  /**
   * A loop hands on what there is when it is as long as this, in UTF-16 code units; 0 at every turn, `Infinity` only at
   * `{% flush %}` and at the end.
   *
   * @default 16_384 (16 Ki)
   */
  chunkSize?: number
}

/** Where a compiled template gets what it is not given. */
export interface CompiledTemplateOptions {
  /** Names that it knows besides those it is given. @default {} */
  namespace?: Names
  /** Modules by the specifiers that it imports. @default {} */
  imports?: Names
}

/** A template as a function of its context: what `Template` and the modules of `tornado-template compile` are. */
export class CompiledTemplate<Context extends object = Record<string, unknown>> {
  readonly #program: TemplateProgram
  readonly #namespace: Names
  readonly #imports: Names

  constructor(program: TemplateProgram, { namespace = {}, imports = {} }: CompiledTemplateOptions = {}) {
    this.#program = program
    this.#namespace = namespace
    this.#imports = { ...program.imports, ...imports }
  }

  /** As errors name it. */
  get name(): string {
    return this.#program.name
  }

  /** Whether it awaits anything, so that only `generateAsync` and `stream` will do. */
  get isAsync(): boolean {
    return this.#program.isAsync
  }

  /**
   * The output as text. An error of the template comes out as it was thrown; its `stack` and `templateTrace` name the
   * template and the line.
   *
   * @throws {NameError} For a name that is used and was not given.
   * @throws {TypeError} For a template that awaits.
   *
   * Tornado: template.Template.generate, which answers UTF-8 bytes.
   */
  generate(...[values]: TemplateValues<Context>): string {
    return this.#generate(values ?? {}, undefined)
  }

  /** As {@link generate}; what is not among the values is asked of `names` when it is used. */
  generateWith(names: NameSource, values: Partial<Context>): string {
    return this.#generate(values, names)
  }

  /** The output as text, of any template. Rejects as {@link generate} throws. */
  async generateAsync(values: Context, { signal, names }: GenerateOptions = {}): Promise<string> {
    signal?.throwIfAborted()
    const options = { namespace: this.#namespace, imports: this.#imports, signal, names }
    const { render } = this.#program
    const output = render(makeEnvironment(values, options))
    if (typeof output === 'string' || signal === undefined) return output
    return orAborted(output, signal)
  }

  /**
   * The output piece by piece: at each `{% flush %}`, in loops when enough has come together, and at the end. The
   * template waits while a piece is being used.
   */
  stream(
    values: Context,
    { signal, chunkSize = 16_384 }: StreamOptions = {},
  ): AsyncGenerator<string, void, undefined> {
    const options = { namespace: this.#namespace, imports: this.#imports, signal, chunkSize }
    const { stream } = this.#program
    return stream(makeEnvironment(values, options))
  }

  #generate(values: object, names: NameSource | undefined): string {
    if (this.isAsync)
      throw new TypeError(`Cannot generate ${this.name} at once, for it awaits: use generateAsync`)
    const options = { namespace: this.#namespace, imports: this.#imports, names }
    const { render } = this.#program
    const output = render(makeEnvironment(values, options))
    return typeof output === 'string' ? output : ''
  }
}

async function orAborted(output: Promise<string>, signal: AbortSignal): Promise<string> {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  // The template may have had it aborted already.
  if (signal.aborted) abort()
  try {
    return await Promise.race([output, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

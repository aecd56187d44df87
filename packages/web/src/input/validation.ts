import { parseMediaType, type HTTPFile } from '@tornado-ts/httputil'
import { isJsonType, parseJsonBody, type JsonBodyOptions } from './json-body.ts'
import { ProblemError } from '../error-pages/problem.ts'
import type { RequestReader } from './request-reader.ts'
import type { SchemaOutput, StandardIssue, StandardResult, StandardSchema } from './standard-schema.ts'

/** Schemas of what a handler takes. */
export interface InputSchemas {
  /** Of the arguments of the query: an object of strings, or of lists of strings where a name comes more than once. */
  readonly query?: StandardSchema
  /** Of the body: JSON, or the fields of a form as in `query`, with its files. */
  readonly body?: StandardSchema
  /** Of the groups of the path: an object if they are named, else a list. A group that took no part is `null`. */
  readonly path?: StandardSchema
}

/** What the schemas let through, by where it came from. */
export type ValidInput<Schemas extends InputSchemas> = {
  readonly [Source in keyof Schemas]: SchemaOutput<Schemas[Source]>
}

/** Options of `validate`. */
export interface ValidateOptions extends JsonBodyOptions {
  /** Arguments that are lists even when they come once. One that does not come is missing all the same. @default none */
  lists?: readonly string[]
  /** Cuts off white space at both ends of arguments. @default true */
  strip?: boolean
}

/** One thing that is wrong with a request's input. */
export interface InputIssue {
  /** Where the value came from. */
  readonly in: 'query' | 'body' | 'path'
  /** Keys that lead to it. */
  readonly path: readonly (string | number)[]
  readonly message: string
}

/** A request's input is not what the schemas say: 400, with the errors as problem details. */
export class ValidationError extends ProblemError {
  override readonly name = 'ValidationError'
  readonly issues: readonly InputIssue[]

  constructor(issues: readonly InputIssue[]) {
    const detail = 'The request is not valid'
    super(400, { title: 'Bad Request', detail, errors: issues }, { logMessage: summary(issues) })
    this.issues = issues
  }
}

/** Holds the input of a request against schemas, which may be asynchronous. */
export async function validateInput<Schemas extends InputSchemas>(
  reader: RequestReader,
  schemas: Schemas,
  options: ValidateOptions = {},
): Promise<ValidInput<Schemas>> {
  const results = startChecks(reader, schemas, options)
  const settled = await Promise.all(results.map(async ([, result]) => result))
  return collect(results.map(([source], index) => [source, settled[index]!]))
}

/** As {@link validateInput}, at once. @throws {TypeError} When a schema is asynchronous. */
export function validateInputSync<Schemas extends InputSchemas>(
  reader: RequestReader,
  schemas: Schemas,
  options: ValidateOptions = {},
): ValidInput<Schemas> {
  return collect(
    startChecks(reader, schemas, options).map(([source, result]) => {
      if (!(result instanceof Promise)) return [source, result]
      result.catch(() => undefined)
      throw new TypeError('Cannot validate with an asynchronous schema at once; await validate() instead')
    }),
  )
}

type Source = keyof InputSchemas
type Pending = StandardResult<unknown> | Promise<StandardResult<unknown>>

function startChecks(
  reader: RequestReader,
  schemas: InputSchemas,
  options: ValidateOptions,
): [source: Source, result: Pending][] {
  const checks: [Source, Pending][] = []
  for (const source of ['path', 'query', 'body'] as const) {
    const schema = schemas[source]
    if (schema === undefined) continue
    const result = schema['~standard'].validate(inputOf(reader, source, options))
    checks.push([source, result])
  }
  return checks
}

function collect<Schemas extends InputSchemas>(
  results: readonly (readonly [source: Source, result: StandardResult<unknown>])[],
): ValidInput<Schemas> {
  const valid: Partial<Record<Source, unknown>> = {}
  const issues: InputIssue[] = []
  for (const [source, result] of results) {
    if (result.issues === undefined) valid[source] = result.value
    else for (const issue of result.issues) issues.push(toInputIssue(source, issue))
  }
  if (issues.length > 0) throw new ValidationError(issues)
  return valid as ValidInput<Schemas>
}

function inputOf(reader: RequestReader, source: Source, options: ValidateOptions): unknown {
  if (source === 'path') {
    const named = Object.keys(reader.pathKwargs).length > 0
    return named ? { ...reader.pathKwargs } : [...reader.pathArgs]
  }
  const { request } = reader
  if (source === 'query') {
    return toRecord(request.queryArguments.keys(), (name) => reader.getQueryArguments(name, options), options)
  }
  const contentType = request.headers.get('Content-Type')
  const type = contentType === undefined ? undefined : parseMediaType(contentType)?.type
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data') {
    if (type === undefined || isJsonType(type)) return parseJsonBody(request, options)
    throw new ProblemError(415, { detail: 'The body must be JSON or a form' })
  }
  const names = new Set([...request.bodyArguments.keys(), ...request.files.keys()])
  return toRecord(
    names,
    (name) => [...reader.getBodyArguments(name, options), ...(request.files.get(name) ?? [])],
    options,
  )
}

/** Without a prototype, so that every name is a name like any other. */
function toRecord(
  names: Iterable<string>,
  valuesOf: (name: string) => (string | HTTPFile)[],
  { lists = [] }: ValidateOptions,
): Record<string, unknown> {
  const record = Object.create(null) as Record<string, unknown>
  for (const name of names) {
    const values = valuesOf(name)
    record[name] = values.length === 1 && !lists.includes(name) ? values[0] : values
  }
  return record
}

function toInputIssue(source: Source, { message, path = [] }: StandardIssue): InputIssue {
  const keys = path.map((segment) => (typeof segment === 'object' ? segment.key : segment))
  return { in: source, path: keys.map((key) => (typeof key === 'number' ? key : String(key))), message }
}

function summary(issues: readonly InputIssue[]): string {
  const places = issues.slice(0, 5).map((issue) => [issue.in, ...issue.path].join('.'))
  const more = issues.length > places.length ? ` and ${issues.length - places.length} more` : ''
  return `Invalid input: ${places.join(', ')}${more}`.slice(0, 400)
}

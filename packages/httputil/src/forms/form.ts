import { bufferView } from '../buffer-view.ts'
import { parseMediaType } from '../fields/content-type.ts'
import { HTTPInputError } from '../errors.ts'
import { type FilesByName, parseMultipartFormData } from './multipart.ts'
import { type ParseBodyConfig, resolveBodyConfig } from './parse-body-config.ts'
import { parseQueryArguments, type RawArguments } from './query.ts'

/** Options of {@link parseBodyArguments}. */
export interface ParseBodyOptions {
  /** Limits. @default those of `setParseBodyConfig` */
  config?: ParseBodyConfig
}

/**
 * Parses a form body by its `Content-Type` and adds what it holds to `arguments_` and `files`. A body that is neither
 * `application/x-www-form-urlencoded` nor `multipart/form-data` is left alone.
 *
 * @param headers The request's: a form that still has a `Content-Encoding` is refused.
 * @throws {HTTPInputError} On a malformed form or one beyond the limits.
 * @see Tornado: httputil.parse_body_arguments
 */
export function parseBodyArguments(
  contentType: string,
  body: Uint8Array,
  arguments_: RawArguments,
  files: FilesByName,
  headers?: { get(name: string): string | null | undefined },
  { config }: ParseBodyOptions = {},
): void {
  const mediaType = parseMediaType(contentType)
  if (mediaType === null) return
  if (mediaType.type === 'application/x-www-form-urlencoded') {
    refuseEncoding(headers)
    const text = bufferView(body).toString('latin1')
    const { maxFields } = resolveBodyConfig(config)
    parseQueryArguments(text, arguments_, { maxFields })
  } else if (mediaType.type === 'multipart/form-data') {
    refuseEncoding(headers)
    const boundary = mediaType.parameters.get('boundary')
    if (!boundary) throw new HTTPInputError('multipart/form-data without a boundary')
    const { multipart } = resolveBodyConfig(config)
    parseMultipartFormData(boundary, body, arguments_, files, { config: multipart })
  }
}

function refuseEncoding(headers: { get(name: string): string | null | undefined } | undefined): void {
  const coding = headers?.get('Content-Encoding')
  if (coding) throw new HTTPInputError(`Unsupported Content-Encoding: ${coding}`)
}

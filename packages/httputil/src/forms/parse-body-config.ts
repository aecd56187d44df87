import { defaultMaxFields } from './query.ts'
import { defaultMaxPartHeaderSize, defaultMaxParts } from '../protocol/multipart-decoder.ts'

/**
 * Limits on `multipart/form-data` bodies that are parsed whole.
 *
 * @see Tornado: httputil.ParseMultipartConfig
 */
export interface ParseMultipartConfig {
  /** Whether such bodies are parsed; when not they are refused. @default true */
  readonly enabled?: boolean
  /** Most parts; beyond it the body is refused. @default 100 */
  readonly maxParts?: number
  /** Largest head of a part in bytes; beyond it the body is refused. @default 10_240 (10 KiB) */
  readonly maxPartHeaderSize?: number
}

/**
 * Limits on request bodies that are parsed whole.
 *
 * @see Tornado: httputil.ParseBodyConfig
 */
export interface ParseBodyConfig {
  /** Limits on `multipart/form-data`. @default those of {@link ParseMultipartConfig} */
  readonly multipart?: ParseMultipartConfig
  /** Most fields of a urlencoded body; beyond it the body is refused. @default 1000 */
  readonly maxFields?: number
}

// Two installed versions of this package share it.
const key = Symbol.for('tornado.httputil.parseBodyConfig.v1')

function sharedConfig(): ParseBodyConfig | undefined {
  return Reflect.get(globalThis, key)
}

/**
 * Replaces the limits that body parsing has in this thread wherever none are passed. What is left out takes its default.
 *
 * @see Tornado: httputil.set_parse_body_config
 */
export function setParseBodyConfig(config: ParseBodyConfig): void {
  Reflect.set(globalThis, key, config)
}

/** `config`, or the process-wide one, with the defaults filled in. */
export function resolveMultipartConfig(config?: ParseMultipartConfig): Required<ParseMultipartConfig> {
  const {
    enabled = true,
    maxParts = defaultMaxParts,
    maxPartHeaderSize = defaultMaxPartHeaderSize,
  } = config ?? sharedConfig()?.multipart ?? {}
  return { enabled, maxParts, maxPartHeaderSize }
}

/** `config`, or the process-wide one, with the defaults filled in. */
export function resolveBodyConfig(config: ParseBodyConfig | undefined = sharedConfig()): {
  multipart: Required<ParseMultipartConfig>
  maxFields: number
} {
  const { multipart = {}, maxFields = defaultMaxFields } = config ?? {}
  return { multipart: resolveMultipartConfig(multipart), maxFields }
}

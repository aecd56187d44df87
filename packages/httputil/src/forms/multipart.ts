import { bufferView } from '../buffer-view.ts'
import { HTTPInputError } from '../errors.ts'
import { HTTPFile } from './file.ts'
import { type ParseMultipartConfig, resolveMultipartConfig } from './parse-body-config.ts'
import { MultipartDecoder } from '../protocol/multipart-decoder.ts'
import type { PartHead } from '../protocol/part-head.ts'
import type { RawArguments } from './query.ts'

/** Uploaded files by field name, each with all its files in the order received. */
export type FilesByName = Map<string, HTTPFile[]>

/** Options of {@link parseMultipartFormData}. */
export interface ParseMultipartOptions {
  /** Limits. @default those of `setParseBodyConfig` */
  config?: ParseMultipartConfig
}

/**
 * Parses a whole `multipart/form-data` body: parts with a non-empty file name are added to `files`, all others to
 * `arguments_` as byte strings (see {@link RawArguments}).
 *
 * @param boundary As in the `Content-Type`; quotes around it are taken off.
 * @throws {HTTPInputError} On a malformed body, one beyond the limits, and when multipart parsing is switched off. What
 *   came before the error may have been added.
 * @see RFC 7578; Tornado: httputil.parse_multipart_form_data
 */
export function parseMultipartFormData(
  boundary: string | Uint8Array,
  data: Uint8Array,
  arguments_: RawArguments,
  files: FilesByName,
  { config }: ParseMultipartOptions = {},
): void {
  const { enabled, maxParts, maxPartHeaderSize } = resolveMultipartConfig(config)
  if (!enabled) throw new HTTPInputError('multipart/form-data parsing is disabled')
  const text = typeof boundary === 'string' ? boundary : bufferView(boundary).toString('latin1')
  const decoder = new MultipartDecoder(unquote(text), { maxParts, maxPartHeaderSize })
  decoder.receive(data)
  let head: PartHead | undefined
  let body: Uint8Array[] = []
  for (let event = decoder.next(); event !== null; event = decoder.next()) {
    if (event.type === 'part') {
      head = event.head
      body = []
    } else if (event.type === 'data') {
      body.push(event.chunk)
    } else if (event.type === 'partEnd') {
      addPart(head!, joined(body), arguments_, files)
    }
  }
  decoder.finish()
}

function addPart(head: PartHead, body: Uint8Array, arguments_: RawArguments, files: FilesByName): void {
  if (head.filename) {
    const file = new HTTPFile({
      filename: head.filename,
      body,
      contentType: head.contentType ?? 'application/unknown',
    })
    const others = files.get(head.name)
    if (others === undefined) files.set(head.name, [file])
    else others.push(file)
    return
  }
  const value = bufferView(body).toString('latin1')
  const values = arguments_.get(head.name)
  if (values === undefined) arguments_.set(head.name, [value])
  else values.push(value)
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

function unquote(boundary: string): string {
  return boundary.length >= 2 && boundary.startsWith('"') && boundary.endsWith('"')
    ? boundary.slice(1, -1)
    : boundary
}

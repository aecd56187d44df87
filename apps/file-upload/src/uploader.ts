import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { formatFormDataDisposition } from '@tornado-ts/httputil'
import type { Received } from './application.ts'

/** Sends files in one form, as a browser does. They are read as fast as the server takes them. */
export async function uploadFiles(url: string, paths: readonly string[]): Promise<readonly Received[]> {
  const boundary = randomUUID()
  return await send(new URL('/upload', url), {
    method: 'POST',
    headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    body: formBody(paths, boundary),
  })
}

/** Sends one file as the body of a PUT. */
export async function putFile(url: string, path: string): Promise<Received> {
  const { size } = await stat(path)
  const [file] = await send(new URL(`/files/${encodeURIComponent(basename(path))}`, url), {
    method: 'PUT',
    headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': String(size) },
    body: createReadStream(path),
  })
  return file!
}

async function* formBody(paths: readonly string[], boundary: string): AsyncGenerator<string | Uint8Array> {
  for (const path of paths) {
    const disposition = formatFormDataDisposition('file', basename(path))
    yield `--${boundary}\r\nContent-Disposition: ${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n`
    yield* createReadStream(path) as AsyncIterable<Uint8Array>
    yield '\r\n'
  }
  yield `--${boundary}--\r\n`
}

async function send(
  url: URL,
  request: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly body: AsyncIterable<string | Uint8Array>
  },
): Promise<readonly Received[]> {
  const client = new AsyncHTTPClient({ forceInstance: true })
  try {
    // An upload takes as long as it takes; a server that is silent afterwards does not.
    const response = await client.fetch(url, { ...request, requestTimeoutMs: 0, firstByteTimeoutMs: 60_000 })
    return (response.json() as { files: Received[] }).files
  } finally {
    client.close()
  }
}

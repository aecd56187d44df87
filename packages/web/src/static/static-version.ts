import { createHash, hash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { largestPiece, readPieces } from './file-reader.ts'

/** What a static handler may answer as the content of a file: whole, or in pieces. */
export type StaticContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>

/** SHA-512 of bytes, in lower-case hexadecimal digits. Tornado: StaticFileHandler.get_content_version. */
export function versionOfBytes(bytes: string | Uint8Array): string {
  return hash('sha512', bytes, 'hex')
}

/** As {@link versionOfBytes}, of an open file's first `size` bytes; other work goes on meanwhile. */
export async function versionOfOpenFile(fd: number, size: number): Promise<string> {
  const sum = createHash('sha512')
  for await (const piece of readPieces(fd, 0, size)) sum.update(piece)
  return sum.digest('hex')
}

/** As {@link versionOfBytes}, of a file, at once: nothing else happens until it is read. */
export function versionOfFileSync(path: string): string {
  const fd = openSync(path, 'r')
  try {
    const sum = createHash('sha512')
    const buffer = Buffer.allocUnsafeSlow(largestPiece)
    for (;;) {
      const count = readSync(fd, buffer)
      if (count === 0) return sum.digest('hex')
      sum.update(buffer.subarray(0, count))
    }
  } finally {
    closeSync(fd)
  }
}

/** As {@link versionOfBytes}, of what a handler answers as content; a promise when that comes in its own time. */
export function versionOfContent(content: StaticContent): string | Promise<string> {
  if (typeof content === 'string' || content instanceof Uint8Array) return versionOfBytes(content)
  const sum = createHash('sha512')
  if (Symbol.iterator in content) {
    for (const piece of content) sum.update(piece)
    return sum.digest('hex')
  }
  return (async () => {
    for await (const piece of content) sum.update(piece)
    return sum.digest('hex')
  })()
}

// The body of an answer, without transfer and content coding.
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'
import type { RawAnswer } from './serve.ts'

const decoders: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: (bytes) => gunzipSync(bytes),
  br: (bytes) => brotliDecompressSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
  deflate: (bytes) => inflateSync(bytes),
}

export function bodyOf(answer: RawAnswer): string {
  let bytes: Buffer = Buffer.from(answer.body, 'latin1')
  if (answer.headers['transfer-encoding'] === 'chunked') bytes = Buffer.concat(chunksOf(bytes))
  const coding = answer.headers['content-encoding']
  return (coding === undefined ? bytes : decoders[coding]!(bytes)).toString()
}

function chunksOf(body: Buffer): Buffer[] {
  const chunks: Buffer[] = []
  for (let from = 0; ;) {
    const end = body.indexOf('\r\n', from)
    const size = Number.parseInt(body.toString('latin1', from, end), 16)
    if (size === 0 || Number.isNaN(size)) return chunks
    chunks.push(body.subarray(end + 2, end + 2 + size))
    from = end + 4 + size
  }
}

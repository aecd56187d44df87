/** What can be sent: text goes out as UTF-8, any view of memory as its bytes. */
export type StreamData = string | NodeJS.ArrayBufferView

/** Bytes that the data has when it is sent. */
export function byteLength(data: StreamData): number {
  return typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength
}

/** The platform's streams take no views but `Uint8Array`. */
export function toBytes(data: StreamData): string | Uint8Array {
  return typeof data === 'string' ? data : viewBytes(data)
}

/** The bytes beneath any view of memory. */
export function viewBytes(view: NodeJS.ArrayBufferView): Uint8Array {
  return view instanceof Uint8Array ? view : new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

let lastDelimiter = '\n'
let lastDelimiterBytes: Buffer = Buffer.from(lastDelimiter)

/** Most programs look for one delimiter, again and again. */
export function toDelimiter(delimiter: string | Uint8Array): Buffer {
  if (typeof delimiter !== 'string') return Buffer.from(delimiter)
  if (delimiter !== lastDelimiter) {
    lastDelimiterBytes = Buffer.from(delimiter)
    lastDelimiter = delimiter
  }
  return lastDelimiterBytes
}

/** Node's buffers have these and its types leave them out. They spare `toString` looking the encoding up. */
interface TextBuffer {
  latin1Slice(start: number, end: number): string
  utf8Slice(start: number, end: number): string
}

/** Text of one character a byte. */
export function latin1Text(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as TextBuffer).latin1Slice(start, end)
}

/** Text of UTF-8, with U+FFFD for what is none. */
export function utf8Text(bytes: Buffer, start: number, end: number): string {
  return (bytes as unknown as TextBuffer).utf8Slice(start, end)
}

/** A POST of a form, as text. */
export function formRequest(path: string, head: string, fields: string): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${Buffer.byteLength(fields)}\r\n\r\n${fields}`
  )
}

/** Takes responses with a `Content-Length` out of what is received; all a load needs. */
export class ResponseReader {
  #text = ''

  /** The responses that are complete with this chunk. */
  read(chunk: Buffer): { readonly status: number; readonly body: string }[] {
    const responses: { status: number; body: string }[] = []
    // Both servers write ASCII alone here, so that a byte is a character.
    this.#text += chunk.toString('latin1')
    for (;;) {
      const end = this.#text.indexOf('\r\n\r\n')
      if (end < 0) return responses
      const head = this.#text.slice(0, end)
      const size = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0)
      if (this.#text.length < end + 4 + size) return responses
      const body = this.#text.slice(end + 4, end + 4 + size)
      this.#text = this.#text.slice(end + 4 + size)
      responses.push({ status: Number(head.slice(9, 12)), body })
    }
  }
}

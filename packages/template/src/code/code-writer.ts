/** Writes lines of generated code. Text for the output is gathered until something else is written. */
export class CodeWriter {
  readonly #lines: string[] = []
  #indent = ''
  #text = ''

  line(code: string): void {
    this.flush()
    this.#lines.push(this.#indent + code)
  }

  text(text: string): void {
    this.#text += text
  }

  /** A statement with a body in braces. */
  block(head: string, body: () => void, tail = '}'): void {
    this.line(`${head} {`)
    this.indented(body)
    this.line(tail)
  }

  indented(body: () => void): void {
    const indent = this.#indent
    this.#indent += '  '
    body()
    this.flush()
    this.#indent = indent
  }

  /** Where lines can be put in later. */
  mark(): number {
    this.flush()
    return this.#lines.length
  }

  insert(mark: number, lines: readonly string[]): void {
    this.#lines.splice(mark, 0, ...lines.map((line) => this.#indent + line))
  }

  flush(): void {
    if (this.#text === '') return
    this.#lines.push(`${this.#indent}_tt_out += ${JSON.stringify(this.#text)};`)
    this.#text = ''
  }

  toString(): string {
    return this.#lines.join('\n')
  }
}

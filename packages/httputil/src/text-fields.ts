import type { ReceivedFields } from './headers.ts'

/** Fields as one piece of text, which is taken apart anew each time it is asked: small, for requests that are kept long. */
export class TextFields implements ReceivedFields {
  /** Names and values in turn, each but the first behind a NUL, which neither can hold. */
  readonly #text: string

  constructor(fields: Iterable<readonly [name: string, value: string]>) {
    const parts: string[] = []
    for (const [name, value] of fields) parts.push(name, value)
    // Through bytes: joined or cut text would keep what it was made of.
    this.#text = Buffer.from(parts.join('\0'), 'latin1').toString('latin1')
  }

  get fieldCount(): number {
    return this.#parts().length / 2
  }

  fieldName(index: number): string {
    return this.#parts()[index * 2]!
  }

  fieldValue(index: number): string {
    return this.#parts()[index * 2 + 1]!
  }

  findField(name: string, from: number): number {
    const parts = this.#parts()
    const wanted = name.toLowerCase()
    for (let index = from; index < parts.length / 2; index++) {
      if (parts[index * 2]!.toLowerCase() === wanted) return index
    }
    return -1
  }

  #parts(): string[] {
    return this.#text === '' ? [] : this.#text.split('\0')
  }
}

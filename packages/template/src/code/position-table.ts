import type { Line, TemplatePosition } from '../runtime/position.ts'
import type { ParsedFile } from '../syntax/nodes.ts'

/** Where the code that is being written stands in the templates. */
interface Place {
  readonly file: ParsedFile
  /** The directives that led there, innermost first. */
  readonly via: readonly Line[]
  /** The numbers of the positions that its lines have so far. */
  readonly lines: Map<number, number>
}

/** Numbers the places of templates that code comes from. */
export class PositionTable {
  readonly positions: TemplatePosition[] = []
  #place: Place

  constructor(file: ParsedFile) {
    this.#place = { file, via: [], lines: new Map() }
  }

  /** The file that the code comes from at present. */
  get file(): ParsedFile {
    return this.#place.file
  }

  /** The number of a line of that file. */
  numberOf(lineno: number): number {
    const { file, via, lines } = this.#place
    let position = lines.get(lineno)
    if (position === undefined) {
      position = this.positions.push({ filename: file.name, lineno, via }) - 1
      lines.set(lineno, position)
    }
    return position
  }

  /** Has the work come from another file, to which a directive in this line led. */
  within(file: ParsedFile, lineno: number, work: () => void): void {
    const outer = this.#place
    // A block that is not overridden is in the same place as what surrounds it.
    if (file !== outer.file) {
      const line = { filename: outer.file.name, lineno }
      this.#place = { file, via: [line, ...outer.via], lines: new Map() }
    }
    work()
    this.#place = outer
  }
}

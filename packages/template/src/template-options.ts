import type { Names } from './runtime/program.ts'
import type { WhitespaceMode } from './syntax/filter-whitespace.ts'

/** Settings that templates and loaders have in common. */
export interface CommonOptions {
  /**
   * The name of the function that values go through, or an expression such as `helpers.tex`; `null` for none. A file
   * sets its own with `{% autoescape name %}`.
   *
   * @default 'xhtml_escape'
   */
  autoescape?: string | null
  /** Names that the templates know besides those they are given. @default {} */
  namespace?: Names
  /** Modules by the specifiers that `{% import %}` and `{% from %}` name. @default {} */
  imports?: Names
  /**
   * How white space in text is kept. A file switches with `{% whitespace mode %}`.
   *
   * @default 'single' for names that end in .html or .js, else 'all'
   */
  whitespace?: WhitespaceMode
}

export const defaultAutoescape = 'xhtml_escape'

/** What a file of this name starts with. */
export function whitespaceFor(name: string): WhitespaceMode {
  return name.endsWith('.html') || name.endsWith('.js') ? 'single' : 'all'
}

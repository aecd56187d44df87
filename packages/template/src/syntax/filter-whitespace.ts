/** How white space in the text of templates is kept. */
export type WhitespaceMode = 'all' | 'single' | 'oneline'

// What Python takes for space; JavaScript's \s differs in U+001C to U+001F, U+0085 and U+FEFF.
// oxlint-disable-next-line no-control-regex -- four of them are among Python's
const runs = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g
const blanks = /[\t ]+/g

/**
 * Text with its white space as `mode` has it: `all` keeps it; `single` makes runs of spaces and tabs one space, and white
 * space around the end of a line that end alone; `oneline` makes every run one space.
 *
 * @throws {RangeError} For another mode.
 *
 * Tornado: template.filter_whitespace.
 */
export function filterWhitespace(mode: WhitespaceMode, text: string): string {
  switch (mode) {
    case 'all':
      return text
    case 'single':
      return text.replaceAll(runs, (run) => (run.includes('\n') ? '\n' : run.replaceAll(blanks, ' ')))
    case 'oneline':
      return text.replaceAll(runs, ' ')
    default:
      throw new RangeError(`Unknown whitespace mode: ${String(mode)}`)
  }
}

export function isWhitespaceMode(mode: string): mode is WhitespaceMode {
  return mode === 'all' || mode === 'single' || mode === 'oneline'
}

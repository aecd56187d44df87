import type { Token } from './token.ts'

/**
 * How a name is used: `read`, `write`, `update` (`+=`, `++`), `supply` (`??=` and `||=`: it may be missing), or
 * `typeof`, which may be asked of a name that is missing.
 */
export type ReferenceKind = 'read' | 'write' | 'update' | 'supply' | 'typeof'

/** A name that a piece of JavaScript takes from outside. */
export interface Reference {
  readonly name: string
  /** The index of its token. */
  readonly index: number
  kind: ReferenceKind
  /** Whether it stands for a property and its value: `{ name }`. */
  readonly isShorthand: boolean
  /** Whether the code can run without coming by here: behind `&&`, in a function. */
  readonly isConditional: boolean
}

/** A piece of JavaScript whose names are known. */
export interface Script {
  readonly tokens: readonly Token[]
  /** In the order of evaluation. */
  readonly references: readonly Reference[]
  /** Whether it awaits, outside of functions of its own. */
  readonly hasAwait: boolean
}

/** The code of a script without its comments, each reference as `rename` gives it. */
export function scriptCode(script: Script, rename: (reference: Reference) => string): string {
  const references = new Map(script.references.map((reference) => [reference.index, reference]))
  let code = ''
  let before: Token | undefined
  script.tokens.forEach((token, index) => {
    const reference = references.get(index)
    let text = token.text
    if (reference !== undefined) {
      const variable = rename(reference)
      // As a key that is computed, `__proto__` is a key like any other.
      text = reference.isShorthand && variable !== text ? `["${text}"]: ${variable}` : variable
    }
    code += gap(before, token) + text
    before = token
  })
  return code
}

function gap(before: Token | undefined, token: Token): string {
  if (before === undefined) return ''
  // What is `<!--` or `-->` begins a comment in scripts.
  const isComment =
    (before.text === '<' && token.text === '!') || (before.text === '--' && token.text.startsWith('>'))
  return isComment && token.gap === '' ? ' ' : token.gap
}

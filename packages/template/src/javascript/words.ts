import type { Token } from './token.ts'

/** Words that cannot be a variable's name. */
const reserved = new Set(
  (
    'break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if import in instanceof new null return super switch this throw true try typeof var void while with'
  ).split(' '),
)

/** Names that strict code does not let anybody declare, or loop over. In templates they are names like any others. */
const restricted = new Set(
  'arguments async eval implements interface let package private protected public static yield'.split(' '),
)

/** Globals that are as good as literals. */
const constants = new Set(['undefined', 'NaN', 'Infinity'])

/** The name under which templates are given their modules; the only one of the reserved names that comes from outside. */
export const modulesName = '_tt_modules'

const word = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu
const pythonWords: Readonly<Record<string, string>> = {
  None: 'null',
  True: 'true',
  False: 'false',
  and: '&&',
  or: '||',
  not: '!',
  is: '===',
  if: 'condition ? this : that',
  lambda: '=>',
  datetime: 'Date and Intl',
  dict: 'Map',
  enumerate: '.entries()',
  float: 'Number',
  int: 'Number',
  isinstance: 'instanceof',
  len: '.length',
  list: 'Array.from',
  max: 'Math.max',
  min: 'Math.min',
  range: 'Array.from',
  round: 'Math.round',
  sorted: '.toSorted()',
  str: 'String',
}

export function isReserved(name: string): boolean {
  return reserved.has(name)
}

/** Names that generated code keeps to itself. */
export function isInternal(name: string): boolean {
  return name.startsWith('_tt_') && name !== modulesName
}

export function isConstant(name: string): boolean {
  return constants.has(name)
}

/** The variable that holds the value of a name in generated code. */
export function variableName(name: string): string {
  return restricted.has(name) ? `_tt_name_${name}` : name
}

/**
 * Every word of a script that could be taken for a variable in strict code. Strings and the like are looked through as
 * well: this must hold even if the tokens were told apart wrongly.
 */
export function* wordsOf(tokens: readonly Token[]): Generator<string> {
  for (const { kind, text } of tokens) {
    if (kind === 'name') {
      if (mayBeDeclared(text)) yield text
    } else if (kind === 'string' || kind === 'template' || kind === 'regexp') {
      for (const [name] of text.matchAll(word)) if (mayBeDeclared(name)) yield name
    }
  }
}

function mayBeDeclared(name: string): boolean {
  if (reserved.has(name) || restricted.has(name) || constants.has(name)) return false
  return name !== 'await' && !name.startsWith('_tt_')
}

/** What JavaScript has for a word of Python, as the end of a message. */
export function pythonHint(name: string): string {
  const counterpart = Object.hasOwn(pythonWords, name) ? pythonWords[name] : undefined
  return counterpart === undefined ? '' : ` (expressions are JavaScript: ${counterpart})`
}

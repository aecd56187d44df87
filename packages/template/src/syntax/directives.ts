/** The first word of a tag, `{% word … %}`. */
export type Directive =
  | 'apply'
  | 'async'
  | 'autoescape'
  | 'block'
  | 'break'
  | 'comment'
  | 'continue'
  | 'elif'
  | 'else'
  | 'end'
  | 'except'
  | 'extends'
  | 'finally'
  | 'flush'
  | 'for'
  | 'from'
  | 'if'
  | 'import'
  | 'include'
  | 'module'
  | 'raw'
  | 'set'
  | 'super'
  | 'try'
  | 'while'
  | 'whitespace'

/** Every directive, for tools that read templates. */
export const directives: readonly Directive[] = [
  'apply',
  'async',
  'autoescape',
  'block',
  'break',
  'comment',
  'continue',
  'elif',
  'else',
  'end',
  'except',
  'extends',
  'finally',
  'flush',
  'for',
  'from',
  'if',
  'import',
  'include',
  'module',
  'raw',
  'set',
  'super',
  'try',
  'while',
  'whitespace',
]

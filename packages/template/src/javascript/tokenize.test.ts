import { expect, it } from 'vitest'
import { tokenize } from './tokenize.ts'

const texts = (source: string): string[] => tokenize(source).tokens.map(({ text }) => text)

it('tells names, numbers, strings, templates, regular expressions and punctuators apart', () => {
  const { tokens } = tokenize('a $b ü 1 0x1F 1_000n .5 1.e3 "s\\"" \'t\' `u`, /[/]v/gu ?.x')
  expect(tokens.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'name a',
    'name $b',
    'name ü',
    'number 1',
    'number 0x1F',
    'number 1_000n',
    'number .5',
    'number 1.e3',
    'string "s\\""',
    "string 't'",
    'template `u`',
    'punctuator ,',
    'regexp /[/]v/gu',
    'punctuator ?.',
    'name x',
  ])
})

it('takes the longest punctuator', () => {
  expect(texts('a>>>=b>>>c**=d??=e?.f?.5:g=>h...i')).toEqual(
    'a >>>= b >>> c **= d ??= e ?. f ? .5 : g => h ... i'.split(' '),
  )
})

it('knows a division from a regular expression', () => {
  expect(texts('a / b / c')).toEqual(['a', '/', 'b', '/', 'c'])
  expect(texts('(a) / b / c')).toContain('/')
  expect(texts('a[0] / 2 /* / */ / 1')).toEqual(['a', '[', '0', ']', '/', '2', '/', '1'])
  expect(texts('i++ / 2')).toEqual(['i', '++', '/', '2'])
  expect(texts('x.in / 2 + x?.of / 2')).toEqual(['x', '.', 'in', '/', '2', '+', 'x', '?.', 'of', '/', '2'])
  expect(texts('of / 2 + (of / 2)').filter((text) => text === '/')).toHaveLength(2)
  for (const target of ['x', '[x]', '{ x }']) expect(texts(`${target} of /a/.exec(b)`)).toContain('/a/')
  expect(texts('a = /b/, typeof /c/')).toEqual(['a', '=', '/b/', ',', 'typeof', '/c/'])
  expect(texts('`${/}/}`')).toEqual(['`${', '/}/', '}`'])
})

it('takes templates apart, one in the other', () => {
  expect(texts('`a${b}c${`d${{e: 1}}`}f` + g')).toEqual([
    '`a${',
    'b',
    '}c${',
    '`d${',
    '{',
    'e',
    ':',
    '1',
    '}',
    '}`',
    '}f`',
    '+',
    'g',
  ])
  expect(texts('`$a \\${b} $`')).toEqual(['`$a \\${b} $`'])
})

it('ends where the closer stands outside of brackets, strings and comments', () => {
  const rest = (source: string): string => source.slice(tokenize(source, 0, '}}').end)
  for (const source of ['a', '{a:{b:1}}', '"}}"', '`}}${{a: {}}}`', '/}}/', '(/* }} */ 1)', 'a // b']) {
    expect(rest(`${source} }} rest }}`)).toBe('}} rest }}')
  }
})

it('says what is not ended and what does not match', () => {
  const messages: Record<string, string> = {
    '"a': 'The string is never ended',
    '"a\n"': 'The string is never ended',
    '`a': 'The template literal is never ended',
    '`a${b': '`a${ is never closed',
    '/*': 'The comment is never ended',
    '= /a': 'The regular expression is never ended',
    '(a': '( is never closed',
    '(a]': 'Unexpected ]',
    ')': 'Unexpected )',
    'a \u{1f600}': 'Unexpected "\u{1f600}"',
    '\\u0061': 'Unexpected "\\\\"',
    '@a': 'Unexpected "@"',
  }
  for (const [source, message] of Object.entries(messages)) {
    expect(() => tokenize(source)).toThrow(message)
  }
  expect(() => tokenize('(a', 0, '}}')).toThrow('( is never closed')
  expect(() => tokenize('a', 0, '}}')).toThrow('Missing }}')
})

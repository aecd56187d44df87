import { expect, it } from 'vitest'
import { complaint, render } from '../fixtures/render.ts'
import { DictLoader } from './dict-loader.ts'
import { ParseError } from './errors.ts'
import { directives } from './syntax/directives.ts'

it('B-tpl-027 tell message, file and line', () => {
  const loader = new DictLoader({ 'foo.html': '\n\n{{' })
  expect(() => loader.load('foo.html')).toThrow(
    expect.objectContaining({
      message: 'Missing end expression }} at foo.html:3',
      reason: 'Missing end expression }}',
      filename: 'foo.html',
      lineno: 3,
    }),
  )
  expect(complaint('', { autoescape: ')(' })).toBe('autoescape )( is no expression at page.txt:0')
  expect(new ParseError('asdf')).toMatchObject({ message: 'asdf', filename: null, lineno: 0 })
})

it('B-tpl-028 are told apart', () => {
  const messages: Record<string, string> = {
    '{{': 'Missing end expression }}',
    '{{ "}}': 'The string is never ended',
    '{%': 'Missing end block %}',
    '{#': 'Missing end comment #}',
    '{{ }}': 'Empty expression',
    '{%  %}': 'Empty block tag ({% %})',
    '{% end %}': 'Extra {% end %} block',
    '{% nonsense %}': 'unknown operator: "nonsense"',
    '{% extends %}': 'extends missing file path',
    '{% extends "" %}': 'extends missing file path',
    '{% include %}': 'include missing file path',
    '{% set %}': 'set missing statement',
    '{% import %}': 'import missing statement',
    '{% from %}': 'import missing statement',
    '{% block %}{% end %}': 'block missing name',
    '{% apply %}{% end %}': 'apply missing method name',
    '{% raw %}': 'raw missing expression',
    '{% module %}': 'module missing name',
    '{% autoescape %}': 'autoescape missing function',
    '{% if %}{% end %}': 'The expression is missing',
    '{% async x %}': 'async must be followed by for',
    '{% if 1 %}{% else if 2 %}{% end %}': 'else stands alone: else if is elif',
    '{% try x %}': 'try stands alone',
    '{% super.x %}': 'unknown operator: "super.x"',
  }
  for (const [source, message] of Object.entries(messages)) {
    expect(complaint(`\n${source}`)).toBe(`${message} at page.txt:2`)
  }
})

it('B-tpl-029 single braces are text', () => {
  for (const text of ['{', '}', '{ {', 'a { b } c', '}}', '%}', '{ {{! }', 'a{']) {
    expect(render(text)).toBe(text.replace('!', ''))
  }
})

it('B-tpl-031 JavaScript that is wrong is told when the template is compiled, with the line it stands in', () => {
  expect(complaint('a\n{{ 1 +\n\n) }}')).toBe('Unexpected ) at page.txt:4')
  expect(complaint('\n{{ a b }}')).toBe('Unexpected b at page.txt:2')
  expect(complaint('{{ a) + (b }}')).toBe('Unexpected ) at page.txt:1')
  expect(complaint('{{ a; b }}')).toBe('Unexpected ; at page.txt:1')
  expect(complaint("{{ it's }}")).toBe('The string is never ended at page.txt:1')
  expect(complaint('{{ x and y }}')).toBe('Unexpected and (expressions are JavaScript: &&) at page.txt:1')
  expect(complaint('{% if not x %}{% end %}')).toBe(
    'Unexpected x (expressions are JavaScript: !) at page.txt:1',
  )
  expect(complaint('{{ 1 }}\n{{ 1 = 2 }}')).toMatch(/^Invalid left-hand side in assignment at page.txt:2$/)
  expect(complaint('{{ 1 }}\n{% for 5 in x %}{% end %}')).toMatch(/ at page.txt:2$/)
  expect(complaint('{{ (x => { let x = 1; let x = 2 })() }}')).toMatch(
    /^Identifier 'x' has already been declared at page.txt:1$/,
  )
  expect(complaint(String.raw`{{ \u0070rocess }}`)).toContain('Unexpected')
})

it('B-tpl-036 there is no other directive', () => {
  for (const word of directives) {
    let message = ''
    try {
      render(`{% ${word} %}`)
    } catch (error) {
      message = String(error)
    }
    expect(message).not.toContain('unknown operator')
  }
  for (const word of ['print', 'macro', 'with', 'ENDIF', 'constructor', '__proto__']) {
    expect(complaint(`{% ${word} x %}`)).toBe(`unknown operator: "${word}" at page.txt:1`)
  }
})

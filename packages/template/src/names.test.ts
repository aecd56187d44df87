import { expect, it } from 'vitest'
import { complaint, render } from '../fixtures/render.ts'
import { DictLoader } from './dict-loader.ts'
import { Template } from './template.ts'

it('B-tpl-024 every template knows some; the loader’s come before them, those it is given before both', () => {
  const source =
    '{{ escape("<") }}{{ xhtml_escape("<") }}{{ url_escape("a b/") }}{% raw json_encode({a: "</"}) %}{{ squeeze(" a  b ") }}{% raw linkify("http://a.test") %}'
  expect(render(source, {}, { autoescape: null })).toBe(
    '&lt;&lt;a+b%2F{"a":"<\\/"}a b<a href="http://a.test">http://a.test</a>',
  )
  expect(
    render(
      '{{ [xhtmlEscape("<"), urlEscape(" ", {plus: false}), jsonEncode(1)] }}',
      {},
      { autoescape: null },
    ),
  ).toBe('&lt;,%20,1')
  expect(render('{{ Math.max(1, parseInt("2")) }}{{ new Date(0).getUTCFullYear() }}')).toBe('21970')
  const loader = new DictLoader(
    { t: '{{ escape }}{{ squeeze }}{{ inc(5) }}' },
    { namespace: { escape: 1, squeeze: 2, inc: (n: number) => n + 1 } },
  )
  expect(loader.load('t').generate({ squeeze: 3 })).toBe('136')
  expect(render('{{ "<" }}', { xhtml_escape: (text: string) => `(${text})` })).toBe('(<)')
})

it('B-tpl-025 names that begin with _tt_ are the template’s own', () => {
  for (const source of [
    '{{ _tt_out }}',
    '{% set _tt_at = 1 %}',
    '{% for _tt_x in [] %}{% end %}',
    '{{ (_tt_y => 1)() }}',
  ]) {
    expect(complaint(source)).toContain('Names that begin with _tt_ are reserved')
  }
})

it('those that are missing are told with file and line, and only when they are used', () => {
  expect(() => render('{% if user %}\n{{ nmae }}{% end %}', { user: 1 }, { name: 'page.html' })).toThrow(
    'nmae is not defined at page.html:2',
  )
  expect(render('{% if user %}{{ nmae }}{% end %}{{ user && nmae }}', { user: 0 })).toBe('0')
  expect(render('{% if typeof title !== "undefined" %}{{ title }}{% else %}none{% end %}')).toBe('none')
  expect(render('{{ typeof a }}{{ typeof (b) }}{{ typeof c }}', { c: 1 })).toBe('undefinedundefinednumber')
  expect(render('{% set title ??= "default" %}{{ title }}')).toBe('default')
  expect(render('{% set title ||= "default" %}{{ title }}', { title: 'set' })).toBe('set')
  expect(render('{{ x }}', { x: undefined })).toBe('undefined')
  expect(() => render('{% for x in [] %}{% end %}{{ x }}')).toThrow('x is not defined')
  expect(() => render('{% set n += 1 %}')).toThrow('n is not defined')
  expect(() => render('{{ f(x) }}', { f: String })).toThrow('x is not defined')
  expect(() => render('{{ xs.map(x => x + y) }}', { xs: [1] })).toThrow('y is not defined')
})

it.each([
  ['{{ None }}', 'None is not defined (expressions are JavaScript: null)'],
  ['{{ len(xs) }}', 'len is not defined (expressions are JavaScript: .length)'],
  [
    '{% for i, x in enumerate(xs) %}{% end %}',
    'enumerate is not defined (expressions are JavaScript: .entries())',
  ],
  ['{{ 1 if xs else 2 }}', 'Unexpected if (expressions are JavaScript: condition ? this : that)'],
  ['{{ xs.map(lambda x: x) }}', 'Unexpected x (expressions are JavaScript: =>)'],
])('words of Python are told with what JavaScript has for them: %s', (source, message) => {
  expect(() => render(source, { xs: [] })).toThrow(message)
})

it('globals are none of them', () => {
  for (const name of [
    'process',
    'globalThis',
    'console',
    'require',
    'module',
    'Function',
    'setTimeout',
    'fetch',
    'Buffer',
    'window',
    'self',
  ]) {
    expect(() => render(`{{ ${name} }}`)).toThrow(`${name} is not defined`)
    expect(() => render(`{{ (() => ${name})() }}`)).toThrow(`${name} is not defined`)
    expect(render(`{{ typeof ${name} }}`)).toBe('undefined')
    expect(render(`{% set ${name} = 1 %}{{ ${name} }}`)).toBe('1')
  }
  expect(render('{{ typeof this }}{{ typeof (function () { return this })() }}')).toBe('undefinedundefined')
  expect(complaint('{{ import("node:fs") }}')).toContain('import() is not for templates')
  expect(complaint('{{ import.meta }}')).toContain('import() is not for templates')
  expect(complaint('{{ new.target }}')).toContain('new.target is not for templates')
  expect(complaint('{{ class {} }}')).toContain('Classes are not for templates')
})

it('may be any identifier, whatever objects and strict code make of them', () => {
  for (const name of [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'arguments',
    'eval',
    'let',
    'static',
    'yield',
    'async',
    'of',
    'get',
    'naïve',
    '变量',
    '$',
    '_',
  ]) {
    const values = JSON.parse(`{${JSON.stringify(name)}: "v"}`)
    const source = `{{ ${name} }}{% set ${name} += 1 %}{{ [1].map(() => ({ ${name} })["${name}"]) }}`
    expect(render(source, values)).toBe('vv1')
    expect(() => render(`{{ ${name} }}`)).toThrow(`${name} is not defined`)
  }
})

it('a source of names is asked for those that are used and not given', async () => {
  const asked: string[] = []
  const names = {
    has: (name: string) => name === 'x' || name === 'Math' || name === 'given',
    get: (name: string) => {
      asked.push(name)
      return `<${name}>`
    },
  }
  const template = new Template<object>('{{ x }} {{ Math }} {{ given }} {{ typeof other }} {{ x }}')
  const output = '&lt;x&gt; &lt;Math&gt; 1 undefined &lt;x&gt;'
  expect(template.generateWith(names, { given: 1 })).toBe(output)
  expect(asked.toSorted()).toEqual(['Math', 'x'])
  await expect(template.generateAsync({ given: 1 }, { names })).resolves.toBe(output)
  expect(() => new Template<object>('{{ y }}').generateWith(new Map([['x', 1]]), {})).toThrow(
    'y is not defined',
  )
  expect(() => new Template<object>('{{ await 1 }}').generateWith(new Map(), {})).toThrow('use generateAsync')
})

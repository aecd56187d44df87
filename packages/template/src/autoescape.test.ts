import { expect, it } from 'vitest'
import { render } from '../fixtures/render.ts'
import { DictLoader } from './dict-loader.ts'

const sources = {
  'escaped.html': '{% autoescape xhtml_escape %}{{ name }}',
  'unescaped.html': '{% autoescape None %}{{ name }}',
  'default.html': '{{ name }}',
  'include.html':
    "escaped: {% include 'escaped.html' %}\nunescaped: {% include 'unescaped.html' %}\ndefault: {% include 'default.html' %}\n",
  'escaped_block.html': '{% autoescape xhtml_escape %}{% block name %}base: {{ name }}{% end %}',
  'unescaped_block.html': '{% autoescape None %}{% block name %}base: {{ name }}{% end %}',
  'escaped_extends_unescaped.html': '{% autoescape xhtml_escape %}{% extends "unescaped_block.html" %}',
  'escaped_overrides_unescaped.html':
    '{% autoescape xhtml_escape %}{% extends "unescaped_block.html" %}{% block name %}extended: {{ name }}{% end %}',
  'unescaped_extends_escaped.html': '{% autoescape None %}{% extends "escaped_block.html" %}',
  'unescaped_overrides_escaped.html':
    '{% autoescape None %}{% extends "escaped_block.html" %}{% block name %}extended: {{ name }}{% end %}',
}
const table = (autoescape: string | null) => {
  const loader = new DictLoader(sources, { autoescape })
  return (name: string) => loader.load(name).generate({ name: '<b>' })
}

it('B-tpl-003 escapes by default; null switches off; template, option and loader decide in this order', () => {
  expect(render('{{ x }}', { x: '<' })).toBe('&lt;')
  expect(render('{{ x }}', { x: '<' }, { autoescape: null })).toBe('<')
  expect(render('{% autoescape None %}{{ x }}', { x: '<' })).toBe('<')
  expect(render('{% autoescape null %}{{ x }}', { x: '<' })).toBe('<')
  expect(render('{% autoescape xhtml_escape %}{{ x }}', { x: '<' }, { autoescape: null })).toBe('&lt;')
  const loader = new DictLoader({}, { autoescape: null })
  expect(render('{{ x }}', { x: '<' }, { loader })).toBe('<')
  expect(render('{{ x }}', { x: '<' }, { loader, autoescape: 'xhtml_escape' })).toBe('&lt;')
})

it('B-tpl-004 autoescape counts for its file alone, included or extended', () => {
  for (const [autoescape, standard] of [
    [null, '<b>'],
    ['xhtml_escape', '&lt;b&gt;'],
  ] as const) {
    const page = table(autoescape)
    expect(page('include.html')).toBe(`escaped: &lt;b&gt;\nunescaped: <b>\ndefault: ${standard}\n`)
    expect(page('default.html')).toBe(standard)
    expect(page('escaped_block.html')).toBe('base: &lt;b&gt;')
    expect(page('unescaped_block.html')).toBe('base: <b>')
    expect(page('escaped_extends_unescaped.html')).toBe('base: <b>')
    expect(page('escaped_overrides_unescaped.html')).toBe('extended: &lt;b&gt;')
    expect(page('unescaped_extends_escaped.html')).toBe('base: &lt;b&gt;')
    expect(page('unescaped_overrides_escaped.html')).toBe('extended: <b>')
  }
})

it('B-tpl-002 a function of one’s own gets text and may answer bytes', () => {
  const quote = (text: string): Uint8Array => Buffer.from(`'${text.replaceAll("'", "\\'")}é'`)
  const loader = new DictLoader({ 'foo.py': '{% autoescape py_escape %}s = {{ name }}\n' })
  expect(loader.load('foo.py').generate({ py_escape: quote, name: "<it's>" })).toBe("s = '<it\\'s>é'\n")
  expect(
    render(
      '{{ 1 }}{{ "<" }}',
      { f: (text: unknown) => `[${typeof text} ${String(text)}]` },
      { autoescape: 'f' },
    ),
  ).toBe('[string 1][string <]')
  expect(
    render('{% autoescape o.f %}{{ 1 }}', {
      o: {
        x: 'y',
        f(t: string) {
          return t + this.x
        },
      },
    }),
  ).toBe('1y')
  expect(render('{% set f = x => x + "!" %}{% autoescape f %}{{ 1 }}')).toBe('1!')
  expect(render('{% autoescape t => t + "?" %}{{ 1 }}')).toBe('1?')
  expect(() => render('{% autoescape f %}{{ 1 }}')).toThrow('f is not defined')
  expect(() => render('{% autoescape f %}{{ 1 }}', { f: 1 })).toThrow('autoescape f is not a function')
})

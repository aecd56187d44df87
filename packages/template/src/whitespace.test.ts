import { expect, it } from 'vitest'
import { complaint, render } from '../fixtures/render.ts'
import { DictLoader } from './dict-loader.ts'

it('B-tpl-021 names and loaders decide, and whitespace switches from where it stands', () => {
  const loader = new DictLoader({
    'foo.html': '   \n\t\n asdf\t   ',
    'bar.js': ' \n\n\n\t qwer     ',
    'baz.txt': '\t    zxcv\n\n',
    'include.html': '  {% include baz.txt %} \n ',
    'include.txt': '\t\t{% include foo.html %}    ',
  })
  expect(loader.load('foo.html').generate()).toBe('\nasdf ')
  expect(loader.load('bar.js').generate()).toBe('\nqwer ')
  expect(loader.load('baz.txt').generate()).toBe('\t    zxcv\n\n')
  expect(loader.load('include.html').generate()).toBe(' \t    zxcv\n\n\n')
  expect(loader.load('include.txt').generate()).toBe('\t\t\nasdf     ')
  const templates = { 'foo.html': '\t\tfoo\n\n', 'bar.txt': '\t\tbar\n\n' }
  const outputs = (['all', 'single', 'oneline'] as const).map((whitespace) => {
    const each = new DictLoader(templates, { whitespace })
    return [each.load('foo.html').generate(), each.load('bar.txt').generate()]
  })
  expect(outputs).toEqual([
    ['\t\tfoo\n\n', '\t\tbar\n\n'],
    [' foo\n', ' bar\n'],
    [' foo ', ' bar '],
  ])
  const source =
    '{% whitespace oneline %}\n{% for i in [1, 2] %}\n{{ i }}\n{% end %}\n{% whitespace all %}\n  x\ty\n'
  expect(render(source)).toBe('  1  2  \n  x\ty\n')
  expect(complaint('{% whitespace most %}')).toBe('Unknown whitespace mode: most at page.txt:1')
})

it('B-tpl-022 text with <pre> in it keeps its layout, up to the next directive', () => {
  const options = { whitespace: 'oneline' as const }
  expect(render('a  b<pre>  c  </pre>  d{{ 1 }}e  f', {}, options)).toBe('a  b<pre>  c  </pre>  d1e f')
})

it('B-tpl-023 compressWhitespace is the old spelling, and excludes the new one', () => {
  expect(render(' \n ', {}, { compressWhitespace: true })).toBe('\n')
  expect(render(' \n ', {}, { compressWhitespace: false, name: 'a.html' })).toBe(' \n ')
  expect(() => render('', {}, { compressWhitespace: true, whitespace: 'all' })).toThrow(
    'Cannot set both whitespace and compressWhitespace',
  )
})

import { expect, it } from 'vitest'
import { complaint } from '../fixtures/render.ts'
import { DictLoader } from './dict-loader.ts'

const loader = new DictLoader({
  'base.html':
    '<title>{% block title %}default{% end %}</title>{% block body %}<{% block inner %}i{% end %}>{% end %}',
  'middle.html': '{% extends base.html %}ignored{% block title %}middle{% end %}{{ ignored }}',
  'page.html': "{% block inner %}page{% end %}{% extends 'middle.html' %}",
  'include.html': '{% set greeting = "hello" %}{% include "part.html" %}{{ fromPart }}',
  'part.html': '{{ greeting }} {{ name }}{% set fromPart = "!" %}{% block part %}{% end %}',
  'over.html': '{% extends "include.html" %}{% block part %} part{% end %}',
  'super.html':
    '{% extends page.html %}{% block title %}[{% super %}]{% end %}{% block inner %}{% super %}{% super %}{% end %}',
  'upper.html': '{% extends super.html %}{% block title %}({% super %}){% end %}',
  'a/1.html': "{% include '2.html' %}",
  'a/2.html': "{% include '../b/3.html' %}",
  'b/3.html': '{% include "./4.html" %}{% include "/abs.html" %}',
  'b/4.html': 'ok',
  '/abs.html': '{% include "b/4.html" %}',
  'twice.html': '{% block a %}1{% end %}{% block a %}2{% end %}',
  '<odd>': '{% include "b/4.html" %}',
})
const page = (name: string, values: object = {}): string => loader.load(name).generate({ ...values })

it('B-tpl-016 the most derived block wins, through any number of templates', () => {
  expect(page('base.html')).toBe('<title>default</title><i>')
  expect(page('middle.html')).toBe('<title>middle</title><i>')
  expect(page('page.html')).toBe('<title>middle</title><page>')
})

it('B-tpl-015 B-tpl-033 names are told from the place of the file, quoted or not', () => {
  expect(page('a/1.html')).toBe('okok')
  expect(page('<odd>')).toBe('ok')
  expect(complaint('{% include "x" %}')).toBe('Cannot load x without a loader at page.txt:1')
  expect(complaint('\n{% extends x %}')).toBe('Cannot load x without a loader at page.txt:2')
  expect(loader.resolvePath('c.html', 'a/b.html')).toBe('a/c.html')
  expect(loader.resolvePath('c.html', '/a/b.html')).toBe('c.html')
  expect(loader.resolvePath('c.html', '<string>')).toBe('c.html')
  expect(loader.resolvePath('/c.html', 'a/b.html')).toBe('/c.html')
})

it('B-tpl-017 include shares the variables, and its blocks can be overridden', () => {
  expect(page('include.html', { name: 'Ann' })).toBe('hello Ann!')
  expect(page('over.html', { name: 'Ann' })).toBe('hello Ann part!')
})

it('B-tpl-018 blocks nest, and their names are text', () => {
  const odd = new DictLoader({
    base: '{% block "the \' name" x %}a{% block 1 %}b{% end %}c{% end %}',
    page: '{% extends base %}{% block 1 %}B{% end %}',
  })
  expect(odd.load('page').generate()).toBe('aBc')
  expect(page('twice.html')).toBe('22')
})

it('super is the block that is overridden', () => {
  expect(page('super.html')).toBe('<title>[middle]</title><pagepage>')
  expect(page('upper.html')).toBe('<title>([middle])</title><pagepage>')
  expect(complaint('{% super %}')).toBe('super outside block at page.txt:1')
  expect(complaint('{% block a %}{% super %}{% end %}')).toBe(
    'super in block a, which overrides no other at page.txt:1',
  )
})

it('refuses what has no end', () => {
  const circular = new DictLoader({
    'a.html': '\n{% extends b.html %}',
    'b.html': '{% extends a.html %}',
    'self.html': '{% include self.html %}',
    'c.html': 'c{% include d.html %}',
    'd.html': '\n\n{% include c.html %}',
    'base.html': '{% block x %}{% end %}{% block y %}{% end %}',
    'nest.html': '{% extends base.html %}{% block x %}{% block y %}{% end %}{% end %}',
    'knot.html': '{% extends nest.html %}{% block y %}{% block x %}{% end %}{% end %}',
    'part.html': '{% include nest.html %}',
  })
  expect(() => circular.load('a.html')).toThrow('a.html extends itself at b.html:1')
  expect(() => circular.load('self.html')).toThrow('self.html includes itself at self.html:1')
  expect(() => circular.load('c.html')).toThrow('d.html includes itself at c.html:1')
  expect(circular.load('nest.html').generate()).toBe('')
  expect(circular.load('knot.html').generate()).toBe('')
  expect(() => circular.load('part.html')).toThrow(
    'nest.html extends another template and cannot be included at part.html:1',
  )
  expect(complaint('{% if 1 %}{% extends x %}{% end %}')).toBe('extends inside a if block at page.txt:1')
  expect(complaint('{% extends x %}{% extends y %}')).toBe('Only one template can be extended at page.txt:1')
})

import { expect, it } from 'vitest'
import { complaint, render } from '../fixtures/render.ts'

it('B-tpl-006 braces are printed with an exclamation mark behind them', () => {
  expect(render('{{! {%! {#!')).toBe('{{ {% {#')
  expect(render("{{ 'expr' }} {{!jquery expr}}")).toBe('expr {{jquery expr}}')
  expect(render('{{!!')).toBe('{{!')
})

it('B-tpl-007 of many braces the innermost are the directive', () => {
  expect(render("{{{ 'a' }}}")).toBe('{a}')
  expect(render("\\textbf{{{{ 'a' }}}}")).toBe('\\textbf{{a}}')
  expect(render('{{{! }')).toBe('{{{ }')
})

it('braces of an expression do not end it', () => {
  expect(render('{{ {a:{b:1}}.a.b }}{{ "}}" }}{{ `${{a: 2}.a}` }}{{ /}}/.source }}')).toBe('1}}2}}')
  expect(render('{% set o = {a: {b: "%}"}} %}{{ o.a.b }}')).toBe('%}')
  expect(render('{{ 1 // the first }}\n{{ 2 /* }} */ }}')).toBe('1\n2')
})

it('B-tpl-008 comments print nothing, and comment has no end', () => {
  expect(render('Hello{# greets a visitor #} {{ name }}!', { name: 'Ben' })).toBe('Hello Ben!')
  expect(render('{% comment blah {{ blah }} %}foo')).toBe('foo')
  expect(render("{# it's {{ #}a{% comment it's %}b")).toBe('ab')
})

it('B-tpl-009 a space separates a name from its arguments, white space around them does not count', () => {
  expect(render('{%if 1%}a{%end%}{%   if   x\n>\n1 %}b{%\tend\n%}', { x: 2 })).toBe('ab')
  expect(render('{{\n  "c"\n}}{%\nset\nx = 1\n%}{{x}}')).toBe('c1')
  expect(complaint('{% ifx %}{% end %}')).toBe('unknown operator: "ifx" at page.txt:1')
})

it('B-tpl-010 apply, block, try, if, for and while need an end', () => {
  for (const tag of ['apply f', 'block b', 'try', 'if x', 'for x in y', 'while x']) {
    const operator = tag.split(' ')[0]
    expect(complaint(`\n{% ${tag} %}`)).toBe(`Missing {% end %} block for ${operator} at page.txt:2`)
  }
})

it('B-tpl-011 else, elif, except and finally belong to certain blocks', () => {
  const fits: Record<string, string[]> = {
    else: ['if 0', 'for x in []', 'while 0'],
    elif: ['if 0'],
    except: ['try'],
    finally: ['try'],
  }
  for (const [word, tags] of Object.entries(fits)) {
    const argument = word === 'elif' ? ' 1' : ''
    for (const tag of ['if 0', 'for x in []', 'while 0', 'try', 'block b', 'apply f']) {
      const source = `{% ${tag} %}{% ${word}${argument} %}{% end %}`
      const operator = tag.split(' ')[0]
      if (tags.includes(tag)) expect(render(source)).toBe('')
      else if (word !== 'else' || tag !== 'try')
        expect(complaint(source)).toBe(`${word} block cannot be attached to ${operator} block at page.txt:1`)
    }
    expect(complaint(`{% ${word}${argument} %}`)).toMatch(
      new RegExp(`^${word} outside .* block at page.txt:1$`),
    )
  }
  expect(render('{% try %}a{% except %}b{% else %}c{% end %}')).toBe('ac')
  for (const source of [
    '{% if 1 %}{% else %}{% else %}{% end %}',
    '{% if 1 %}{% else %}{% elif 1 %}{% end %}',
  ]) {
    expect(complaint(source)).toContain('in the wrong place')
  }
  for (const rest of [
    '{% finally %}{% except %}',
    '{% except %}{% except Error %}',
    '{% finally %}{% finally %}',
    '{% else %}',
    '{% except %}{% else %}{% except %}',
  ]) {
    expect(complaint(`{% try %}${rest}{% end %}`)).toContain('in the wrong place')
  }
  expect(complaint('{% try %}{% end %}')).toBe('try block needs except or finally at page.txt:1')
})

it('B-tpl-012 break and continue stand in a loop of the same function', () => {
  const source = `{% for i in [...Array(10).keys()] %}
    {% if i == 2 %}{% continue %}{% end %}
    {{ i }}
    {% if i == 6 %}{% break %}{% end %}
  {% end %}`
  expect(render(source).replaceAll(/\s/g, '')).toBe('013456')
  for (const word of ['break', 'continue']) {
    const message = `${word} outside for or while block at page.txt:1`
    expect(complaint(`{% ${word} %}`)).toBe(message)
    expect(complaint(`{% for i in [] %}{% apply f %}{% ${word} %}{% end %}{% end %}`)).toBe(message)
    expect(complaint(`{% for i in [] %}{% else %}{% ${word} %}{% end %}`)).not.toBe('')
  }
  expect(render('{% apply f %}{% while 1 %}a{% break %}{% end %}{% end %}', { f: String })).toBe('a')
  expect(
    render('{% for i in [1,2] %}{% block b %}{% try %}{% break %}{% finally %}f{% end %}{% end %}{% end %}'),
  ).toBe('f')
})

it('B-tpl-013 the else of a loop runs when nothing broke it', () => {
  const loop = '{% for x in xs %}{{ x }}{% if x == stop %}{% break %}{% end %}{% else %}-else{% end %}'
  expect(render(loop, { xs: [1, 2], stop: 0 })).toBe('12-else')
  expect(render(loop, { xs: [1, 2], stop: 1 })).toBe('1')
  expect(render(loop, { xs: [], stop: 1 })).toBe('-else')
  const nested =
    '{% while i < 2 %}{% for x in [1] %}{% break %}{% end %}{% set i += 1 %}{% else %}-else{% end %}'
  expect(render(nested, { i: 0 })).toBe('-else')
  expect(render('{% while 1 %}{% break %}{% else %}-else{% end %}')).toBe('')
})

it('B-tpl-014 set takes any assignment', () => {
  const point = { x: 1, tags: ['a'] }
  expect(render('{% set a = 1 %}{% set a += 2 %}{{ a }}')).toBe('3')
  expect(
    render('{% set point.x = 5 %}{% set point.tags[1] = "b" %}{{ point.x }}{{ point.tags }}', { point }),
  ).toBe('5a,b')
  expect(render('{% set a, b = 1, 2 %}{% set a, b = b, a %}{{ a }}{{ b }}')).toBe('21')
  expect(render('{% set a, (b, c) = pair %}{{ a }}{{ b }}{{ c }}', { pair: [1, [2, 3]] })).toBe('123')
  expect(render('{% set (a, b) = [1, 2] %}{% set [c = 3, ...d] = [] %}{{ [a, b, c, d.length] }}')).toBe(
    '1,2,3,0',
  )
  expect(render('{% set {x, tags: [tag], y = 4} = point %}{{ [x, tag, y] }}', { point })).toBe('5,a,4')
  expect(render('{% set a = b = 2; c = a + b %}{{ c }}{% set c++ %}{{ c }}')).toBe('45')
  expect(render('{% set list.push(3) %}{{ list }}', { list: [1] })).toBe('1,3')
})

it('B-tpl-014 import and from bind what the templates are given to import', () => {
  const imports = { helpers: { double: (n: number) => n * 2, one: 1 }, './tools.js': { default: 7 } }
  const options = { imports }
  expect(render('{% import helpers %}{{ helpers.double(2) }}', {}, options)).toBe('4')
  expect(render('{% import helpers as h %}{{ h.one }}', {}, options)).toBe('1')
  expect(render('{% from helpers import double, one as uno %}{{ double(uno) }}', {}, options)).toBe('2')
  expect(render('{% from helpers import (double) %}{{ double(4) }}', {}, options)).toBe('8')
  expect(render('{% import { one as x } from "helpers" %}{{ x }}', {}, options)).toBe('1')
  expect(render("{% import * as h from 'helpers' %}{{ h.one }}", {}, options)).toBe('1')
  expect(render("{% import seven from './tools.js' %}{{ seven }}", {}, options)).toBe('7')
  expect(() => render('{% import os %}', {}, options)).toThrow(
    'Cannot import it from "os": imports holds no such thing',
  )
  expect(() => render('{% from helpers import toString %}', {}, options)).toThrow(
    'Cannot import toString from "helpers"',
  )
  expect(complaint('{% import a.b %}')).toBe('import a.b needs a name: import a.b as name at page.txt:1')
  expect(complaint('{% from a import %}')).toContain('not complete')
})

it('B-tpl-037 apply passes the output of its body to a function, whose names stay inside', () => {
  const upper = (text: string): string => text.toUpperCase()
  expect(render('{% apply upper %}foo é{% end %}', { upper })).toBe('FOO É')
  expect(
    render('{% set a = 1 %}{% apply upper %}{% set a = 2 %}{% set b = 3 %}x{{ a }}{% end %}{{ a }}', {
      upper,
    }),
  ).toBe('X21')
  expect(() => render('{% apply upper %}{% set b = 3 %}{% end %}{{ b }}', { upper })).toThrow(
    'b is not defined',
  )
  expect(
    render('{% apply upper %}{% apply o.f %}x{% end %}y{% end %}', {
      upper,
      o: {
        y: 'z',
        f(s: string) {
          return s + this.y
        },
      },
    }),
  ).toBe('XZY')
  expect(render('{% apply x => "<" + x %}a{% end %}')).toBe('<a')
  expect(render('{% apply f %}a{% end %}', { f: () => Buffer.from('é') })).toBe('é')
})

it('B-tpl-038 set is seen afterwards; blocks share variables, apply bodies read them', () => {
  expect(render('{% if 1 %}{% set a = 1 %}{% end %}{{ a }}')).toBe('1')
  expect(render('{% for i in [1, 2] %}{% set last = i %}{% end %}{{ last }}{{ i }}')).toBe('22')
  expect(render('{% set go = true %}{% while go %}{% set a = 3; go = false %}{% end %}{{ a }}')).toBe('3')
  expect(render('{% try %}{% set a = 4 %}{% finally %}{% end %}{{ a }}')).toBe('4')
  expect(
    render('{% block b %}{% set a = 5 %}{% end %}{{ a }}{% apply f %}{{ a }}{% end %}', { f: String }),
  ).toBe('55')
  expect(render('{% set x = x + 1 %}{{ x }}', { x: 1 })).toBe('2')
})

it('try catches by class, by name and all, and tells what it caught', () => {
  const source =
    '{% try %}try{% set y = f() %}{% except TypeError as e %}-{{ e.message }}{% except "HTTPError", RangeError %}-http{% except %}-other{% else %}-else{{ y }}{% finally %}-finally{% end %}'
  const thrower = (error: unknown) => () => {
    throw error
  }
  expect(render(source, { f: () => 1 })).toBe('try-else1-finally')
  expect(render(source, { f: thrower(new TypeError('no')) })).toBe('try-no-finally')
  expect(render(source, { f: thrower(Object.assign(new Error('x'), { name: 'HTTPError' })) })).toBe(
    'try-http-finally',
  )
  expect(render(source, { f: thrower(new RangeError('x')) })).toBe('try-http-finally')
  expect(render(source, { f: thrower('text') })).toBe('try-other-finally')
  expect(render('{% try %}{{ nobody }}{% except ReferenceError as e %}{{ e.variable }}{% end %}')).toBe(
    'nobody',
  )
  expect(() =>
    render('{% try %}{{ f() }}{% except TypeError %}{% end %}', { f: thrower(new Error('out')) }),
  ).toThrow('out')
  expect(() => render('{% try %}{{ f() }}{% except 5 %}{% end %}', { f: thrower(new Error('out')) })).toThrow(
    'except takes classes',
  )
  expect(() =>
    render('{% try %}{% except %}{% else %}{{ f() }}{% end %}', { f: thrower(new Error('late')) }),
  ).toThrow('late')
})

it('goes through anything iterable, taking it apart', () => {
  expect(
    render('{% for k, v in pairs %}{{ k }}={{ v }};{% end %}', {
      pairs: new Map([
        ['a', 1],
        ['b', 2],
      ]),
    }),
  ).toBe('a=1;b=2;')
  expect(
    render('{% for i, (a, b) in rows %}{{ i }}{{ a }}{{ b }}{% end %}', { rows: [[0, ['x', 'y']]] }),
  ).toBe('0xy')
  expect(render('{% for {id, name: n = "?"} of rows %}{{ id }}{{ n }}{% end %}', { rows: [{ id: 1 }] })).toBe(
    '1?',
  )
  expect(render('{% for x in 1, 2, 3 %}{{ x }}{% end %}')).toBe('123')
  expect(render('{% for of in "ab" %}{{ of }}{% end %}{% for async in "c" %}{{ async }}{% end %}')).toBe(
    'abc',
  )
  expect(render('{% for o.x in [1, 2] %}{% end %}{{ o.x }}', { o: {} })).toBe('2')
  expect(complaint('{% for x %}{% end %}')).toContain('for needs a name, in (or of) and what to go through')
})

import { expect, it } from 'vitest'
import { DictLoader } from '../dict-loader.ts'
import { describePosition } from './position.ts'
import { templateTrace } from './template-trace.ts'

const boom = (): never => {
  throw new TypeError('boom')
}

/** What the places are that an error of these templates came by. */
function traceOf(
  templates: Record<string, string>,
  name: string,
  values: object = { boom },
): { error: unknown; places: string[] } {
  try {
    new DictLoader(templates).load(name).generate({ ...values })
  } catch (error) {
    return { error, places: templateTrace(error).map(describePosition) }
  }
  throw new Error('There was no error')
}

it('B-tpl-030 an error names file and line, and what led there, innermost first', () => {
  const places = (templates: Record<string, string>, name: string): string[] =>
    traceOf(templates, name).places
  expect(places({ 'test.html': 'one\ntwo{{ boom() }}\nthree\n' }, 'test.html')).toEqual(['test.html:2'])
  expect(places({ 'test.html': 'one\ntwo{%if boom()%}\nthree{%end%}\n' }, 'test.html')).toEqual([
    'test.html:2',
  ])
  expect(places({ 'a.html': '{% include b.html %}', 'b.html': '{{ boom() }}' }, 'a.html')).toEqual([
    'b.html:1 (via a.html:1)',
  ])
  expect(
    places({ 'base.html': '{{ boom() }}', 'sub.html': "{% extends 'base.html' %}" }, 'sub.html'),
  ).toEqual(['base.html:1'])
  const blocks = {
    'base.html': "{% block 'block' %}{% end %}",
    'sub.html': "\n{% extends 'base.html' %}\n{% block 'block' %}\n{{ boom() }}\n{% end %}\n",
  }
  expect(places(blocks, 'sub.html')).toEqual(['sub.html:4 (via base.html:1)'])
  const includes = {
    'a.html': "{% include 'b.html' %}",
    'b.html': "\n{% include 'c.html' %}",
    'c.html': '{{ boom() }}',
  }
  expect(places(includes, 'a.html')).toEqual(['c.html:1 (via b.html:2, a.html:1)'])
})

it('passes the places of every template that an error leaves', () => {
  const templates = { 'base.html': "\n{% module Template('sub.html') %}", 'sub.html': '\n\n{{ boom() }}' }
  const loader = new DictLoader(templates, {
    namespace: { boom, _tt_modules: { Template: (name: string) => loader.load(name).generate() } },
  })
  try {
    loader.load('base.html').generate()
  } catch (error) {
    expect(error).toMatchObject({ name: 'TypeError', message: 'boom' })
    expect(templateTrace(error).map(describePosition)).toEqual(['sub.html:3', 'base.html:2'])
    expect(
      String(error instanceof Error && error.stack)
        .split('\n')
        .slice(0, 3),
    ).toEqual(['TypeError: boom', '    at template sub.html:3', '    at template base.html:2'])
  }
  expect.assertions(3)
})

it('tells the line of every kind of directive', () => {
  const line = (source: string): string[] => traceOf({ t: `\n${source}` }, 't').places
  for (const source of [
    '{% raw boom() %}',
    '{% set x = boom() %}',
    '{% for x in boom() %}{% end %}',
    '{% while boom() %}{% end %}',
    '{% if 0 %}\n{% end %}{% for x in [] %}{% else %}{{ boom() }}{% end %}'.replace('\n', ''),
    '{% if 0 %}{% elif boom() %}{% end %}',
    '{% apply boom %}\n{{ 1 }}{% end %}',
    '{% try %}{{ boom() }}{% except SyntaxError %}\n\n{% end %}'.replace('SyntaxError', 'RangeError'),
    '{% try %}{{ boom() }}{% finally %}\n\n{{ 1 }}{% end %}',
    '{% module x() %}',
    '{% import nothing %}',
    '{% for x in [1, 2] %}{% if x == 2 %}{% set boom() %}{% end %}\n{{ x }}\n{% end %}',
  ]) {
    expect(line(source)).toEqual(['t:2'])
  }
  expect(line('{% if 0 %}\n{% elif 1 %}\n\n{{ boom() }}{% end %}')).toEqual(['t:5'])
  expect(line('{% while i++ < 1 %}\n{{ i }}{% end %}')).toEqual(['t:2'])
})

it('tells the line of a loop whose source fails on the way, with continue too', () => {
  function* failing(): Generator<number> {
    yield 1
    boom()
  }
  for (const body of ['\n{{ x }}\n', '\n{{ x }}{% continue %}\n{{ x }}']) {
    const source = { t: `\n{% for x in failing() %}${body}{% end %}` }
    expect(traceOf(source, 't', { failing }).places).toEqual(['t:2'])
  }
})

it('leaves errors what they are', () => {
  class HTTPError extends Error {
    readonly statusCode = 404
  }
  const thrown = new HTTPError('Not Found')
  const fails = (value: unknown): unknown => {
    const thrower = (): never => {
      // oxlint-disable-next-line typescript/only-throw-error -- what JavaScript may throw
      throw value
    }
    return traceOf({ t: '{{ thrower() }}' }, 't', { thrower }).error
  }
  expect(fails(thrown)).toBe(thrown)
  expect(thrown.message).toBe('Not Found')
  expect(thrown.stack).toMatch(/^Error: Not Found\n    at template t:1\n    at /)
  const frozen = Object.freeze(new Error('frozen'))
  expect(fails(frozen)).toBe(frozen)
  expect(fails('text')).toBe('text')
  expect(templateTrace('text')).toEqual([])
  expect(templateTrace(new Error('never in a template'))).toEqual([])
})

it('an error that is thrown again and again does not grow without end', () => {
  const thrown = new Error('again')
  const values = {
    boom: () => {
      throw thrown
    },
  }
  for (let times = 0; times < 100; times++) traceOf({ t: '{{ boom() }}' }, 't', values)
  expect(templateTrace(thrown)).toHaveLength(32)
  expect(thrown.stack?.split('\n').filter((line) => line.includes('at template'))).toHaveLength(32)
})

it('CVE-2024-56201 a name of a template may hold what ends lines and strings', () => {
  const name = 'a"\n*/`\u2028${x}.html'
  const { error, places } = traceOf({ [name]: '{{ boom() }}' }, name)
  expect(places).toEqual([`${name}:1`])
  expect(error).toMatchObject({ message: 'boom' })
  expect(() => new DictLoader({ [name]: '{{ 1 = 2 }}' }).load(name)).toThrow(`at ${name}:1`)
  expect(() => new DictLoader({ 'p.html': '{% include x.html %}' }).load('p.html')).toThrow(
    expect.objectContaining({
      name: 'TemplateNotFoundError',
      filename: 'p.html',
      lineno: 1,
      templateName: 'x.html',
    }),
  )
})

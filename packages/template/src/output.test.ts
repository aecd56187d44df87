import { expect, it } from 'vitest'
import { render } from '../fixtures/render.ts'
import { Template } from './template.ts'

it('fills in values', () => {
  expect(render('Hello {{ name }}!', { name: 'Ben' })).toBe('Hello Ben!')
  expect(render('2 + 2 = {{ 2 + 2 }}')).toBe('2 + 2 = 4')
})

it('B-tpl-001 B-tpl-026 what is no text goes through String, bytes are UTF-8, the result is text', () => {
  const values = [1.5, true, null, undefined, 10n, [1, [2]], { toString: () => '<o>' }]
  expect(values.map((value) => render('{{ value }}', { value }))).toEqual([
    '1.5',
    'true',
    'null',
    'undefined',
    '10',
    '1,2',
    '&lt;o&gt;',
  ])
  expect(render('{{ value }}', { value: Buffer.from('<é>') })).toBe('&lt;é&gt;')
  expect(render('{% raw value %}', { value: Buffer.from('<é>') })).toBe('<é>')
})

it('takes its text as UTF-8 bytes too', () => {
  expect(new Template(Buffer.from('é{{ "é" }}')).generate()).toBe('éé')
})

it('B-tpl-005 raw, module and apply are not escaped', () => {
  const modules = { Bold: (text: string) => `<b>${text}</b>` }
  expect(render('{% raw "<a>" %}')).toBe('<a>')
  expect(render('{% module Bold("<x>") %}', { _tt_modules: modules })).toBe('<b><x></b>')
  expect(render('{% apply f %}{{ "<" }}{% end %}', { f: (text: string) => `<i>${text}</i>` })).toBe(
    '<i>&lt;</i>',
  )
})

it('B-tpl-019 a module is looked for among the modules, its arguments among the names', () => {
  const modules = {
    Entry: (entry: object, { full }: { full: boolean }) => `${JSON.stringify(entry)} ${full}`,
  }
  const values = { _tt_modules: modules, Entry: 'no module', entry: { id: 1 } }
  expect(render('{% module Entry(entry, { full: true }) %} {{ Entry }}', values)).toBe(
    '{"id":1} true no module',
  )
  expect(render('{% module a.B() %}', { _tt_modules: { a: { B: () => 'ab' } } })).toBe('ab')
  expect(() => render('{% module Entry() %}')).toThrow('the template was given no modules')
})

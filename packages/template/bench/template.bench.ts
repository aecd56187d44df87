// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { it } from 'vitest'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/template')
const { DictLoader, filterWhitespace, Template } = built

const table =
  '<table>{% for row in rows %}<tr><td>{{ row.id }}</td><td>{{ row.name }}</td></tr>{% end %}</table>'
const rows = Array.from({ length: 100 }, (_, id) => ({
  id,
  name: id % 10 === 0 ? 'Smith & Sons' : `Person ${id}`,
}))
const page = {
  'base.html': '<title>{% block title %}{% end %}</title>{% include "menu.html" %}{% block body %}{% end %}',
  'menu.html': '<ul>{% for row in rows %}<li>{{ row.name }}</li>{% end %}</ul>',
  'page.html':
    '{% extends "base.html" %}{% block title %}{{ title }}{% end %}{% block body %}<p>{{ text }}</p>{% end %}',
}

it('renders', async ({ bench }) => {
  const hello = new Template('Hello, {{ name }}!')
  const escaped = new Template(table)
  const raw = new Template(table, { autoescape: null })
  const awaiting = new Template('Hello, {{ await name }}!')
  await bench.compare(
    bench('a line with one value', () => void hello.generate({ name: 'Ann' })),
    bench('a line that awaits', async () => void (await awaiting.generateAsync({ name: 'Ann' }))),
    bench('100 rows, escaped', () => void escaped.generate({ rows })),
    bench('100 rows, not escaped', () => void raw.generate({ rows })),
    bench('100 rows, streamed', async () => {
      for await (const piece of escaped.stream({ rows })) void piece
    }),
  )
})

it('compiles', async ({ bench }) => {
  const text = table.repeat(20)
  const spaces = '  <p>\n\n   text \t text\n'.repeat(1000)
  const loader = new DictLoader(page)
  await bench.compare(
    bench('a line', () => void new Template('Hello, {{ name }}!')),
    bench('20 tables, 2 KB', () => void new Template(text)),
    bench('40 tables, 4 KB', () => void new Template(text + text)),
    bench('a page of three files', () => {
      loader.reset()
      loader.load('page.html')
    }),
    bench('white space of 23 KB', () => void filterWhitespace('single', spaces)),
  )
})

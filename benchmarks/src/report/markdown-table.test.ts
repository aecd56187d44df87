import { expect, it } from 'vitest'
import { markdownTable, parseMarkdownTable } from './markdown-table.ts'

const table = markdownTable(
  [{ title: 'server' }, { title: 'µs', align: 'right' }],
  [
    ['web', '9.81'],
    ['python-tornado', '103.00'],
  ],
)

it('lines up, numbers to the right', () => {
  expect(table.split('\n')).toEqual([
    '| server         |     µs |',
    '| -------------- | -----: |',
    '| web            |   9.81 |',
    '| python-tornado | 103.00 |',
  ])
})

it('reads its rows back', () => {
  expect(parseMarkdownTable(table)).toEqual([
    ['web', '9.81'],
    ['python-tornado', '103.00'],
  ])
  expect(parseMarkdownTable('')).toEqual([])
})

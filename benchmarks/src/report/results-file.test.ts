import { describe, expect, it } from 'vitest'
import { mergeResults, readSections } from './results-file.ts'

const order = [
  { name: 'budgets', group: 'Budgets' },
  { name: 'plain', group: 'Hello' },
  { name: 'headers', group: 'Hello' },
  { name: 'form', group: 'Bodies' },
]

const merge = (previous: string, fresh: Record<string, string>): string =>
  mergeResults(previous, new Map(Object.entries(fresh)), order)

describe('mergeResults', () => {
  it('starts a file, with a heading for each group that has something', () => {
    const text = merge('', { form: 'form 1', plain: 'plain 1' })
    expect(text.match(/^## .*/gm)).toEqual(['## Hello', '## Bodies'])
    expect([...readSections(text)]).toEqual([
      ['plain', 'plain 1'],
      ['form', 'form 1'],
    ])
  })

  it('replaces what is new, keeps the rest, and puts all in order', () => {
    const first = merge('', { form: 'form 1', plain: '### plain\n\n| 1 |' })
    const second = merge(first, { headers: 'headers 2', form: 'form 2' })
    expect([...readSections(second)]).toEqual([
      ['plain', '### plain\n\n| 1 |'],
      ['headers', 'headers 2'],
      ['form', 'form 2'],
    ])
    expect(second.match(/^## .*/gm)).toEqual(['## Hello', '## Bodies'])
  })

  it('changes nothing when there is nothing new', () => {
    const text = merge('', { plain: 'plain $& $1', budgets: 'b' })
    expect(merge(text, {})).toBe(text)
  })

  it('drops the section of a case that is no more', () => {
    const text = `${merge('', { plain: 'plain 1' })}\n<!-- begin gone -->\nforgotten\n<!-- end gone -->\n`
    expect(merge(text, {})).not.toContain('forgotten')
  })
})

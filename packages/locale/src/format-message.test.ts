import { expect, it } from 'vitest'
import { expectLinearTime } from '../../../scripts/vitest/linear-time.ts'
import { formatMessage } from './format-message.ts'

it('fills in values by name', () => {
  expect(formatMessage('%(list)s are online', { list: 'Ann and Bo' })).toBe('Ann and Bo are online')
  expect(formatMessage('%(n)d of %(n)s, %(p).2f', { n: 3, p: 1.005 })).toBe('3 of 3, 1.00')
  expect(formatMessage('%(f)f %(d)d %(i)i', { f: 1, d: -3.9, i: 7n })).toBe('1.000000 -3 7')
  expect(formatMessage('no placeholders', {})).toBe('no placeholders')
})

it('fills in values in their order', () => {
  expect(formatMessage('%s of %d%%', ['half', 50])).toBe('half of 50%')
  expect(formatMessage('%s and %s', ['one'])).toBe('one and %s')
})

it('heeds widths', () => {
  const values = { s: 'ab', n: 7, m: -7 }
  expect(formatMessage('[%(s)5s] [%(s)-5s] [%(s).1s]', values)).toBe('[   ab] [ab   ] [a]')
  expect(formatMessage('[%(n)03d] [%(m)04d] [%(n)-3d] [%(n)3d] [%(s)05s]', values)).toBe(
    '[007] [-007] [7  ] [  7] [   ab]',
  )
})

it('leaves placeholders without a value as they are', () => {
  const message = '%(nmae)s %(toString)s %(__proto__)s %(constructor)s %s 100% sure %(open %('
  expect(formatMessage(message, { name: 'x' })).toBe(message)
  expect(formatMessage('%(0)s %(length)s', ['x'])).toBe('%(0)s %(length)s')
  expect(formatMessage('%(x)d %(y)d %(x)q', { x: 'word', y: Number.NaN })).toBe('word NaN %(x)q')
})

it('puts values in as they are, whatever stands in them', () => {
  expect(formatMessage('%(a)s%(b)s', { a: '%(b)s', b: '$&$1%%' })).toBe('%(b)s$&$1%%')
})

it('takes time in proportion to the message', () => {
  for (const part of ['%(', '%', '%(a', '%0', '%-', '%(a)']) {
    expectLinearTime(part, (message) => formatMessage(message, { a: 1 }))
  }
})

import { splits } from '@tornado-ts/iostream/memory'
import { expect, it } from 'vitest'
import { ErrorText } from './error-text.ts'

function logged(pieces: readonly Buffer[]): string[] {
  const found: string[] = []
  const text = new ErrorText((each) => found.push(each))
  for (const piece of pieces) text.receive(piece)
  text.end()
  return found
}

it('logs lines that arrive together as one, and none in two', () => {
  const bytes = Buffer.from('Traceback:\n  línea\nError: €\n\nno end')
  expect(logged([bytes])).toEqual(['Traceback:\n  línea\nError: €', 'no end'])
  for (const pieces of splits(bytes)) {
    expect(logged(pieces).join('\n').split('\n').filter(Boolean)).toEqual([
      'Traceback:',
      '  línea',
      'Error: €',
      'no end',
    ])
  }
})

it('an endless line is logged in parts, and a flood comes to an end', () => {
  const flood = Array.from({ length: 40 }, () => Buffer.alloc(65_536, 'x'))
  const found = logged(flood)
  expect(found).toHaveLength(17)
  expect(found.at(-1)).toBe('Wrote more than 1048576 bytes of errors; the rest is dropped')
})

import { expect, it } from 'vitest'
import { selfTimes } from './self-time.ts'

const frame = (functionName: string, lineNumber = 0) => ({
  functionName,
  url: '',
  lineNumber,
  columnNumber: 0,
})

it('adds a function up over the places it was called from, without idle time', () => {
  const nodes = [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('parse') },
    { id: 3, callFrame: frame('write') },
    { id: 4, callFrame: frame('parse') },
    { id: 5, callFrame: frame('parse', 7) },
  ]
  const times = selfTimes({ nodes, samples: [1, 2, 3, 4, 5], timeDeltas: [1000, 30, 35, 20, 15] })
  expect(times).toEqual([
    { frame: frame('parse'), share: 0.5 },
    { frame: frame('write'), share: 0.35 },
    { frame: frame('parse', 7), share: 0.15 },
  ])
})

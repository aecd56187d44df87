import { expect, it } from 'vitest'
import { parseCoreList, planPinning } from './pinning.ts'

it('gives the server the last core and the load the others', () => {
  expect(planPinning([0, 1])).toEqual({
    server: ['taskset', '-c', '1'],
    load: ['taskset', '-c', '0'],
    loadCores: 1,
  })
  expect(planPinning([2, 3, 7])).toEqual({
    server: ['taskset', '-c', '7'],
    load: ['taskset', '-c', '2,3'],
    loadCores: 2,
  })
})

it('pins nothing where there is one core, or none is known', () => {
  expect(planPinning([0])).toEqual({ server: [], load: [], loadCores: 1 })
  expect(planPinning([])).toEqual({ server: [], load: [], loadCores: 1 })
})

it('reads the kernel’s lists', () => {
  expect(parseCoreList('0-1')).toEqual([0, 1])
  expect(parseCoreList('0,4-6,9')).toEqual([0, 4, 5, 6, 9])
  expect(parseCoreList('')).toEqual([])
})

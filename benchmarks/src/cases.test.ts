import { describe, expect, it } from 'vitest'
import { browserRequest } from './cases/hello-headers.ts'
import { formBody } from './cases/form.ts'
import { orders } from './cases/gzip.ts'
import { order } from './cases/json.ts'
import { cases, selectCases } from './cases.ts'
import { encodeRequest, requestHeaders } from './load/http-request.ts'

const names = (...asked: string[]): string[] => selectCases(asked).map(({ name }) => name)

describe('selectCases', () => {
  it('takes all without a name', () => {
    expect(selectCases([])).toEqual(cases)
  })

  it('takes a whole name, or what several begin with', () => {
    expect(names('json')).toEqual(['json', 'json-in-out'])
    expect(names('routes')).toEqual(['routes-10', 'routes-1000'])
    expect(names('hello', 'hello-plain')).toEqual(['hello-plain', 'hello-headers', 'hello-pipelined'])
    expect(names('routes-10')).toEqual(['routes-10'])
  })

  it('says which names there are', () => {
    expect(() => names('hell')).toThrow('No case is called hell; there are hello-plain, ')
  })
})

it('has cases of one group stand together, each with a name of its own', () => {
  const groups = cases.map(({ group }) => group).filter((group, index, all) => group !== all[index - 1])
  expect(new Set(groups).size).toBe(groups.length)
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
})

it('sends what the titles say: 14 headers in 900 bytes, 1 KiB and 20 KiB of JSON, 1 KiB of a form', () => {
  expect(Object.keys(requestHeaders(browserRequest))).toHaveLength(14)
  expect(encodeRequest(browserRequest)).toHaveLength(900)
  expect(Buffer.byteLength(JSON.stringify(order))).toBe(1024)
  expect(Buffer.byteLength(formBody)).toBe(1024)
  expect(Buffer.byteLength(JSON.stringify(orders))).toBe(20_656)
})

import { describe, expect, it } from 'vitest'
import { autocannonOptions, parseAutocannonOutput } from './autocannon.ts'

describe('parseAutocannonOutput', () => {
  it('counts good answers alone as done', () => {
    const result = {
      duration: 1.01,
      errors: 2,
      timeouts: 1,
      non2xx: 3,
      '2xx': 17_125,
      requests: { total: 17_128 },
    }
    expect(parseAutocannonOutput(`${JSON.stringify(result)}\n`)).toEqual({
      done: 17_125,
      failed: 5,
      seconds: 1.01,
    })
  })

  it('refuses what is no result', () => {
    expect(() => parseAutocannonOutput('{"url":"http://127.0.0.1/"}')).toThrow('Cannot find the totals')
    expect(() => parseAutocannonOutput('')).toThrow(SyntaxError)
  })
})

it('hands method, headers, body, pipelining and a part of a second on', () => {
  const request = { method: 'POST', path: '/form', headers: { A: 'x=1' }, body: 'a=1' } as const
  expect(autocannonOptions({ port: 8888, request, connections: 64, pipelining: 16 }, 300)).toEqual({
    url: 'http://127.0.0.1:8888/form',
    method: 'POST',
    headers: { A: 'x=1' },
    body: 'a=1',
    connections: 64,
    pipelining: 16,
    duration: 0.3,
    sampleInt: 50,
  })
})

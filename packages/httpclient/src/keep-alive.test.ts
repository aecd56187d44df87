import { HTTPHeaders } from '@tornado-ts/httputil'
import { expect, it } from 'vitest'
import { parseKeepAlive } from './keep-alive.ts'

it('the hint of a server, less a second', () => {
  const parse = (value: string): number | null => parseKeepAlive(new HTTPHeaders({ 'Keep-Alive': value }))
  expect(parse('timeout=5')).toBe(4_000)
  expect(parse('timeout=5')).toBe(4_000)
  expect(parse('max=100, timeout=15')).toBe(14_000)
  expect(parse('Timeout = "30"')).toBe(29_000)
  expect(parse('timeout=0')).toBe(0)
  expect(parse('timeout=5, max=0')).toBe(0)
  expect(parse('115')).toBeNull()
  expect(parseKeepAlive(new HTTPHeaders())).toBeNull()
})

import { expect, it } from 'vitest'
import { encodeRequest } from './http-request.ts'

it('is the bytes of a request', () => {
  const headers = { Accept: '*/*' }
  expect(encodeRequest({ method: 'GET', path: '/x', headers })).toBe(
    'GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n',
  )
  expect(encodeRequest({ method: 'POST', path: '/', headers: {}, body: 'a=1' })).toBe(
    'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\na=1',
  )
})

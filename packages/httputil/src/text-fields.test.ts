import { expect, it } from 'vitest'
import { HTTPHeaders } from './headers.ts'
import { HTTPServerRequest } from './request.ts'
import { RequestStartLine } from './start-line.ts'
import { TextFields } from './text-fields.ts'

it('keeps names, values and their order, and finds names in any case', () => {
  const fields = new TextFields([
    ['Host', 'example.com'],
    ['Cookie', 'a=b'],
    ['X-Empty', ''],
    ['Cookie', 'c=\xe9'],
  ])
  expect(fields.fieldCount).toBe(4)
  expect([fields.fieldName(2), fields.fieldValue(2)]).toEqual(['X-Empty', ''])
  expect([fields.findField('COOKIE', 0), fields.findField('cookie', 2), fields.findField('none', 0)]).toEqual(
    [1, 3, -1],
  )
  expect(fields.fieldValue(3)).toBe('c=\xe9')
  expect(new TextFields([]).fieldCount).toBe(0)
})

it('a request that was released can still be read', () => {
  const headers = new HTTPHeaders([
    ['Host', 'example.com'],
    ['Cookie', 'a=b'],
    ['Cookie', 'c=d'],
  ])
  const request = new HTTPServerRequest({
    startLine: new RequestStartLine('GET', '/path?q=1', 'HTTP/1.1'),
    headers,
    serverConnection: {},
  })
  request.release()
  expect([request.connection, request.serverConnection]).toEqual([null, null])
  expect(request.headers.getList('cookie')).toEqual(['a=b', 'c=d'])
  expect(request.cookies.get('c')).toBe('d')
  expect([request.host, request.path, request.query, request.remoteIp]).toEqual([
    'example.com',
    '/path',
    'q=1',
    '0.0.0.0',
  ])
})

import { expect, it } from 'vitest'
import { parseRequestStartLine, parseResponseStartLine } from './start-line.ts'

it('B-httputil-007 a request line is a method, a target and a version, one space between them', () => {
  expect(parseRequestStartLine('GET /a?b HTTP/1.1')).toMatchObject({
    method: 'GET',
    path: '/a?b',
    version: 'HTTP/1.1',
  })
  expect(parseRequestStartLine('M-x /\u00e9 HTTP/1.0')).toMatchObject({ method: 'M-x', path: '/\u00e9' })
  for (const bad of [
    '',
    'GET',
    'GET /',
    'GET  / HTTP/1.1',
    'GET / HTTP/1.1 ',
    ' GET / HTTP/1.1',
    'GET / HTTP/1',
    'GET / http/1.1',
    'G T / HTTP/1.1',
    'GET /\x7f HTTP/1.1',
    'GET / HTTP/11.1',
    'GET /\n HTTP/1.1',
  ]) {
    expect(() => parseRequestStartLine(bad)).toThrow(
      expect.objectContaining({ name: 'HTTPInputError', status: 400 }),
    )
  }
  expect(() => parseRequestStartLine('GET / HTTP/2.0')).toThrow(expect.objectContaining({ status: 505 }))
})

it('B-httputil-008 a status line is a version, three digits and perhaps a reason', () => {
  expect(parseResponseStartLine('HTTP/1.1 200 OK fine')).toMatchObject({
    version: 'HTTP/1.1',
    code: 200,
    reason: 'OK fine',
  })
  expect(parseResponseStartLine('HTTP/1.0 404 ')).toMatchObject({ code: 404, reason: '' })
  expect(parseResponseStartLine('HTTP/1.0 404')).toMatchObject({ code: 404, reason: '' })
  for (const bad of [
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1  200 OK',
    'HTTP/2 200 OK',
    'HTTP/1.1 099 x',
    'ICY 200',
  ]) {
    expect(() => parseResponseStartLine(bad)).toThrow(expect.objectContaining({ name: 'HTTPInputError' }))
  }
})

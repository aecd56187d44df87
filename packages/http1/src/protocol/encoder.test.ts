import { HTTPHeaders, RequestStartLine, ResponseStartLine } from '@tornado-ts/httputil'
import { describe, expect, it } from 'vitest'
import { encodeChunkSize, encodeRequestHead, encodeResponseHead, lastChunk } from './encoder.ts'

const none = new HTTPHeaders()
/** What must stand in no first line and no field: the last four have CR or LF as their low byte. */
const unsafe = ['\r\n', '\n', '\r', '\0', '\x1b', '\x7f', 'Ċ', 'č', '嘊', '嘍', '\u2028', '\ud800']

it('B-http1-024 writes a head as latin1 text, without the empty line', () => {
  const headers = new HTTPHeaders({ 'x-a': 'b\xe4', Server: 'x' })
  headers.add('X-A', 'c')
  expect(encodeResponseHead(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers)).toBe(
    'HTTP/1.1 200 OK\r\nX-A: b\xe4\r\nServer: x\r\nX-A: c\r\n',
  )
  expect(encodeRequestHead(new RequestStartLine('GET', '/a?b', ''), headers)).toBe(
    'GET /a?b HTTP/1.1\r\nX-A: b\xe4\r\nServer: x\r\nX-A: c\r\n',
  )
})

it('B-http1-004 writes HTTP/1.1 whatever version is given', () => {
  expect(encodeResponseHead(new ResponseStartLine('HTTP/1.0', 404, 'Not Found'), none)).toBe(
    'HTTP/1.1 404 Not Found\r\n',
  )
})

it('writes an empty reason and one of its own', () => {
  expect(encodeResponseHead(new ResponseStartLine('', 200, ''), none)).toBe('HTTP/1.1 200 \r\n')
  expect(encodeResponseHead(new ResponseStartLine('', 299, 'Odd \xe4'), none)).toBe(
    'HTTP/1.1 299 Odd \xe4\r\n',
  )
})

describe('B-http1-024 what cannot be sent is refused before a byte is sent', () => {
  it.each(unsafe)('%j in a reason', (bad) => {
    expect(() => encodeResponseHead(new ResponseStartLine('', 200, `O${bad}K`), none)).toThrow(
      expect.objectContaining({ name: 'HTTPOutputError' }),
    )
  })

  it.each([NaN, 0, 99, 1000, -200, 200.5, Infinity])('status %d', (code) => {
    expect(() => encodeResponseHead(new ResponseStartLine('', code, 'OK'), none)).toThrow(
      `Invalid status code ${code}`,
    )
  })

  it('a reason that is no text', () => {
    const changing = { toString: () => 'O\r\nX: y' } as unknown as string
    expect(() => encodeResponseHead(new ResponseStartLine('', 200, changing), none)).toThrow(TypeError)
  })

  it.each([...unsafe, ' ', '\t'])('%j in a request target', (bad) => {
    expect(() => encodeRequestHead(new RequestStartLine('GET', `/${bad}`, ''), none)).toThrow(
      'Invalid request target',
    )
  })

  it('an empty target or method', () => {
    expect(() => encodeRequestHead(new RequestStartLine('GET', '', ''), none)).toThrow(
      'Invalid request target',
    )
    expect(() => encodeRequestHead(new RequestStartLine('', '/', ''), none)).toThrow('Invalid method')
  })

  it.each([...unsafe, ' ', ':', '/'])('%j in a method', (bad) => {
    expect(() => encodeRequestHead(new RequestStartLine(`G${bad}T`, '/', ''), none)).toThrow('Invalid method')
  })

  it.each(unsafe)('%j in a field', (bad) => {
    expect(() => new HTTPHeaders({ A: `b${bad}c` })).toThrow(
      expect.objectContaining({ name: 'HTTPOutputError' }),
    )
    expect(() => new HTTPHeaders({ [`A${bad}`]: 'b' })).toThrow(
      expect.objectContaining({ name: 'HTTPOutputError' }),
    )
    expect(() => none.copy().add('A', bad)).toThrow('Unsafe value of header A')
  })
})

it('writes chunk sizes in hexadecimal', () => {
  expect([1, 15, 16, 65_536, 4_294_967_296].map(encodeChunkSize)).toEqual([
    '1\r\n',
    'f\r\n',
    '10\r\n',
    '10000\r\n',
    '100000000\r\n',
  ])
  expect(lastChunk).toBe('0\r\n\r\n')
})

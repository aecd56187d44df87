import { describe, expect, it } from 'vitest'
import { negotiateEncoding, parseQualityList } from './accept.ts'

describe('parseQualityList', () => {
  it.each([
    ['gzip', ['gzip 1']],
    ['a;q=0.5, b, C ; Q=0.8 , d;q=0', ['b 1', 'c 0.8', 'a 0.5', 'd 0']],
    ['text/html;level=1;q=0.5', ['text/html 0.5']],
    ['a;q=1.000,b;q=0.999,c;q=0.', ['a 1', 'b 0.999', 'c 0']],
    ['a;q=nan, b;q=1e999, c;q=2, d;q=-1, e;q=0.1234, f;q=, g;q="1", h;q', ['h 1']],
    [',, ,;q=1,', []],
    ['', []],
    ['__proto__;q=0.5, constructor', ['constructor 1', '__proto__ 0.5']],
  ])('reads %j', (header, expected) => {
    expect(parseQualityList(header).map(({ value, quality }) => `${value} ${quality}`)).toEqual(expected)
  })
})

describe('negotiateEncoding (RFC 9110 §12.5.3)', () => {
  const available = ['zstd', 'br', 'gzip']

  it.each([
    [undefined, 'identity'],
    ['', 'identity'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip, deflate, br', 'br'],
    ['x-gzip', 'gzip'],
    ['GZIP;q=1.0, br;q=0.5', 'gzip'],
    ['*', 'zstd'],
    ['*;q=0.1, zstd;q=0', 'br'],
    ['deflate', 'identity'],
    ['gzip;q=0', 'identity'],
    ['identity;q=0.5, gzip;q=0.4', 'identity'],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['identity;q=0', null],
    ['*;q=0', null],
    ['*;q=0, identity;q=0.1', 'identity'],
    ['identity;q=0, gzip;q=0.001', 'gzip'],
    ['gzip;q=bad', 'identity'],
  ])('%j: %s', (header, expected) => {
    expect(negotiateEncoding(header, available)).toBe(expected)
  })
})

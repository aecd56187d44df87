import { describe, expect, it } from 'vitest'
import { forwardedAddress, parseForwarded, parseForwardedFor } from './forwarded.ts'

describe('parseForwarded (RFC 7239 §4)', () => {
  it.each([
    ['for="_gazonk"', [{ for: '_gazonk' }]],
    ['For="[2001:db8:cafe::17]:4711"', [{ for: '[2001:db8:cafe::17]:4711' }]],
    [
      'for=192.0.2.60;proto=HTTP;by=203.0.113.43;host="a:80"',
      [{ for: '192.0.2.60', proto: 'http', by: '203.0.113.43', host: 'a:80' }],
    ],
    ['for=192.0.2.43, for=198.51.100.17', [{ for: '192.0.2.43' }, { for: '198.51.100.17' }]],
    [' for=a ; by=b ,, for=c ', [{ for: 'a', by: 'b' }, { for: 'c' }]],
    ['for=a;secret="x,y;z";proto=http', [{ for: 'a', proto: 'http' }]],
    [String.raw`for="a\"b\\c"`, [{ for: String.raw`a"b\c` }]],
    ['for=unknown', [{ for: 'unknown' }]],
    ['__proto__=x;constructor=y;for=a', [{ for: 'a' }]],
    ['', []],
    [',;,', []],
  ])('reads %j', (header, expected) => {
    expect(parseForwarded(header)).toEqual(expected)
  })

  it.each([
    'for',
    'for=',
    '=a',
    'for=a b',
    'for=[::1]',
    'for=1.2.3.4:80',
    'for="open',
    'for="a"b',
    'for =a',
    'for= a',
    'for=a;for=b',
    'for=a;For=b',
    'for="a\r\nb"',
    'for=a\0',
    'for=evil, by',
  ])('answers null to %j', (header) => {
    expect(parseForwarded(header)).toBeNull()
  })
})

it('parseForwardedFor lists entries, junk and all', () => {
  expect(parseForwardedFor('4.4.4.4, 5.5.5.5')).toEqual(['4.4.4.4', '5.5.5.5'])
  expect(parseForwardedFor(' ,, ::1 ,\tunknown,')).toEqual(['::1', 'unknown'])
  expect(parseForwardedFor('')).toEqual([])
})

describe('forwardedAddress', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['1.2.3.4:80', '1.2.3.4'],
    ['1.2.3.4:_p', '1.2.3.4'],
    ['::1', '::1'],
    ['[::1]', '::1'],
    ['[2001:db8::17]:4711', '2001:db8::17'],
    ['unknown', null],
    ['_hidden', null],
    ['1.2.3', null],
    ['1.2.3.4:', null],
    ['1.2.3.4:999999', null],
    ['999.1.1.1', null],
    ['[1.2.3.4]', null],
    ['[::1', null],
    ['<script>', null],
    ['', null],
  ])('%j: %s', (node, address) => {
    expect(forwardedAddress(node)).toBe(address)
  })
})

import { describe, expect, it } from 'vitest'
import { isValidHost, splitHostAndPort } from './host.ts'

describe('B-httputil-009 isValidHost', () => {
  it.each([
    'example.com',
    'EXAMPLE.com:8080',
    'localhost:1',
    '127.0.0.1:65535',
    'a:',
    '',
    '[::1]',
    '[::1]:80',
    '[2001:db8::ffff:1.2.3.4]:80',
    '[v1.x:y]',
    'a_b',
    "a!$&'()*+;=~",
    '%41%2c',
    '*',
  ])('accepts %j', (host) => {
    expect(isValidHost(host)).toBe(true)
  })

  it.each([
    'a,b',
    'a b',
    'a\tb',
    ' a',
    'a/b',
    'a?b',
    'a#b',
    'user@a',
    'a\\b',
    '<a>',
    '"a"',
    'a:b',
    'a:80:80',
    'a:65536',
    'a:999999999999999999999',
    'a:+80',
    'a:-1',
    'a:8_0',
    '::1',
    '[::1',
    '::1]',
    '[::1]x',
    '[::1]:x',
    '[]',
    '[::1%25eth0]',
    '[::1%eth0]',
    '[g::1]',
    '[::1][::1]',
    'a[::1]',
    '%',
    '%4',
    '%zz',
    'é',
    'a\0',
    'a\r\nX: y',
    'a\x7f',
  ])('refuses %j', (host) => {
    expect(isValidHost(host)).toBe(false)
  })
})

describe('B-httputil-021 splitHostAndPort', () => {
  it.each([
    ['example.com', 'example.com', null],
    ['example.com:80', 'example.com', 80],
    ['example.com:', 'example.com:', null],
    ['example.com:http', 'example.com:http', null],
    ['example.com:+80', 'example.com:+80', null],
    [':80', ':80', null],
    ['[::1]', '[::1]', null],
    ['[::1]:80', '[::1]', 80],
    ['::1', ':', 1],
    ['', '', null],
  ])('splits %j', (netloc, host, port) => {
    expect(splitHostAndPort(netloc)).toEqual([host, port])
  })
})

import { expect, it } from 'vitest'
import { isValidIp } from './is-valid-ip.ts'

it('B-net-007 takes addresses in numbers, also in the short forms of the C library', () => {
  for (const ip of [
    '127.0.0.1',
    '::1',
    '2620:0:1cfe:face:b00c::3',
    '::ffff:127.0.0.1',
    '4404',
    '127.1',
    '0x7f.1',
    '127.0.65535',
    '4294967295',
    '0177.0.0.1',
    '0',
  ]) {
    expect(isValidIp(ip), ip).toBe(true)
  }
})

it('B-net-007 takes nothing else', () => {
  for (const ip of [
    'www.google.com',
    'localhost',
    '4404.1.1.1',
    '127.0.0.256',
    '127.256.1',
    '1.2.3.4.5',
    '4294967296',
    '08',
    '0x',
    '0xg',
    '-1',
    '+1',
    '1e3',
    '1.',
    '.1',
    '1..2',
    '',
    ' ',
    '\n',
    '\0',
    '127.0.0.1\0',
    ' 127.0.0.1',
    '127.0.0.1 ',
    '127.0.0.1\n',
    '[::1]',
    ':::1',
    '2620::g',
    'a'.repeat(100),
  ]) {
    expect(isValidIp(ip), JSON.stringify(ip)).toBe(false)
  }
})

import { expect, it } from 'vitest'
import { encodeUsernamePassword } from './credentials.ts'

it('B-httputil-022 normalises to NFC before UTF-8, and takes bytes as they are', () => {
  const composed = [...Buffer.from('\u00e9:\u00e9', 'utf8')]
  expect([...encodeUsernamePassword('e\u0301', '\u00e9')]).toEqual(composed)
  expect([...encodeUsernamePassword(Uint8Array.of(0xff), Uint8Array.of(0x65, 0xcc, 0x81))]).toEqual([
    0xff, 0x3a, 0x65, 0xcc, 0x81,
  ])
  expect(Buffer.from(encodeUsernamePassword('Aladdin', 'open sesame')).toString('base64')).toBe(
    'QWxhZGRpbjpvcGVuIHNlc2FtZQ==',
  )
})

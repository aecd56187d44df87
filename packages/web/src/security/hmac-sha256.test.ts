import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { HmacSha256 } from './hmac-sha256.ts'

it.each(['', 'key', 'k'.repeat(64), 'k'.repeat(65), 'ключ', 'x'.repeat(1000)])(
  'gives what createHmac gives, under the key %j',
  (key) => {
    const mac = new HmacSha256(key)
    for (const length of [1023, 0, 1, 55, 56, 63, 64, 65, 500, 1024, 1025, 5000]) {
      for (const letter of ['a', 'é', '€', '\ud800']) {
        const message = letter.repeat(length)
        expect(mac.hex(message)).toBe(createHmac('sha256', key).update(message).digest('hex'))
      }
    }
  },
)

it('RFC 4231 §4.3 gives the published value', () => {
  expect(new HmacSha256('Jefe').hex('what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  )
})

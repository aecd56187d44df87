import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'

/** Fewest and most characters of a password. */
export const passwordLength = { min: 10, max: 200 }

const keySize = 32
const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 }

/** What to keep of a password: salt and scrypt key. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  return `scrypt:${salt.toString('base64')}:${(await deriveKey(password, salt)).toString('base64')}`
}

/** Compares a password with what is kept. Without that it takes as long, and answers `false`. */
export async function isPassword(password: string, kept: string | null): Promise<boolean> {
  const [scheme, salt, key] = (kept ?? '').split(':')
  const derived = await deriveKey(password, Buffer.from(salt ?? '', 'base64'))
  const expected = Buffer.from(key ?? '', 'base64')
  return scheme === 'scrypt' && expected.length === keySize && timingSafeEqual(derived, expected)
}

function deriveKey(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, keySize, cost, (error, key) => {
      if (error === null) resolve(key)
      else reject(error)
    })
  })
}

import { randomBytes, timingSafeEqual } from 'node:crypto'

/** A token that a form must send back, and what is known of it. */
export interface XsrfToken {
  /** The token itself, which stays the same for a browser. */
  readonly token: Buffer
  /** When it was made, in seconds since the epoch. */
  readonly timestampS: number
  /** The layout it came in; `null` for one that was just made. */
  readonly version: number | null
}

/** A token for a browser that has none. */
export function newXsrfToken(): XsrfToken {
  return { token: randomBytes(16), timestampS: Math.floor(Date.now() / 1000), version: null }
}

/**
 * The text of a token for a page or a cookie. Layout 2 differs each time, so that a compressed page gives nothing away (BREACH);
 * layout 1 is the token in hexadecimal digits.
 *
 * @throws {RangeError} For another version.
 */
export function encodeXsrfToken({ token, timestampS }: XsrfToken, version: number): string {
  if (version === 1) return token.toString('hex')
  if (version !== 2) throw new RangeError(`Unknown XSRF cookie version ${version}`)
  const mask = randomBytes(4)
  return ['2', mask.toString('hex'), masked(token, mask).toString('hex'), String(timestampS)].join('|')
}

/** The token that a text of either layout stands for, or `null` when it is none. */
export function decodeXsrfToken(text: string): XsrfToken | null {
  const version = /^([0-9]+)\|/.exec(text)?.[1]
  if (version === undefined) {
    if (text === '') return null
    // Long ago tokens were any text.
    const token = isHex(text) ? Buffer.from(text, 'hex') : Buffer.from(text)
    return { token, timestampS: Math.floor(Date.now() / 1000), version: 1 }
  }
  const [, mask, token, timestamp, ...rest] = text.split('|')
  if (version !== '2' || rest.length > 0) return null
  if (mask?.length !== 8 || !isHex(mask) || token === undefined || !isHex(token)) return null
  if (timestamp === undefined || !/^[0-9]{1,15}$/.test(timestamp)) return null
  return {
    token: masked(Buffer.from(token, 'hex'), Buffer.from(mask, 'hex')),
    timestampS: Number(timestamp),
    version: 2,
  }
}

/** Whether two tokens are the same, in a time that does not tell how much of them is. */
export function sameXsrfToken(a: XsrfToken, b: XsrfToken): boolean {
  return a.token.length > 0 && a.token.length === b.token.length && timingSafeEqual(a.token, b.token)
}

function masked(bytes: Buffer, mask: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, i) => byte ^ mask[i % 4]!))
}

function isHex(text: string): boolean {
  return text.length % 2 === 0 && text.length <= 1024 && /^(?:[0-9a-fA-F]{2})+$/.test(text)
}

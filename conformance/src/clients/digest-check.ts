import { DigestSession } from '@tornado-ts/iostream/proxy'

/** A request with digest authentication, as a server sees it. */
export interface DigestRequest {
  readonly method: string
  readonly uri: string
  readonly body?: Uint8Array
  /** The field (Proxy-)Authorization, if there was one. */
  readonly field: string | undefined
}

/** The count (`nc`) of a request that answers the challenge rightly; `null` of any other. */
export function digestCount(
  { method, uri, body, field = '' }: DigestRequest,
  challenge: string,
  [username, password]: readonly [username: string, password: string],
): string | null {
  const part = (name: string): string => new RegExp(`[ ,]${name}="?([^",]+)`).exec(field)?.[1] ?? '-'
  if (part('nonce') !== /nonce="([^"]+)"/.exec(challenge)![1]) return null
  const session = new DigestSession(username, password, () => part('cnonce'))
  session.challenge([challenge])
  let expected = ''
  for (let i = 0; i < Number.parseInt(part('nc'), 16); i++) expected = session.authorize(method, uri, body)!
  return expected.includes(`response="${part('response')}"`) ? part('nc') : null
}

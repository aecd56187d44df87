/** Keeps cookies between requests. The `CookieJar` of `tough-cookie` is one. */
export interface CookieJar {
  /** The `Cookie` field for a request to `url`; empty for none. */
  getCookieString(url: string): string | Promise<string>
  /** Takes a `Set-Cookie` field of a response from `url`. One that it refuses is ignored. */
  setCookie(cookie: string, url: string): unknown
}

/** The `Cookie` field of the jar behind that of the request. */
export async function cookiesFor(jar: CookieJar, url: string, own: string | undefined): Promise<string> {
  const kept = await jar.getCookieString(url)
  if (own === undefined || own === '') return kept
  return kept === '' ? own : `${own}; ${kept}`
}

/** Gives the jar all that a response sets. */
export async function storeCookies(jar: CookieJar, url: string, fields: readonly string[]): Promise<void> {
  for (const field of fields) {
    try {
      await jar.setCookie(field, url)
    } catch {
      // The jar does not accept it: another domain's, a public suffix, malformed.
    }
  }
}

/**
 * Where to go after a login: `next` if it is a path of this site, else `fallback`. Anybody can make a link to a login page, so
 * what stands there as `next` must not lead away: no scheme, no host, no `//`, no `\`, no control characters.
 */
export function localPath(next: string | null | undefined, fallback = '/'): string {
  if (next === null || next === undefined) return fallback
  // oxlint-disable-next-line no-control-regex -- browsers drop them, and see another URL then
  if (!next.startsWith('/') || /^\/[/\\]|[\\\u0000-\u001f\u007f]/.test(next)) return fallback
  try {
    return new URL(next, 'http://localhost').host === 'localhost' ? next : fallback
  } catch {
    return fallback
  }
}

import { resolve, sep } from 'node:path'

/**
 * Whether `path` is `root` or below it, both absolute. By their text alone: where links lead is for `RootGuard` to say.
 * B-static-007: a root of `/` holds everything.
 */
export function isInside(root: string, path: string, separator: string = sep): boolean {
  return path === root || path.startsWith(root.endsWith(separator) ? root : root + separator)
}

/**
 * Whether a URL path (decoded, `/` between its segments) is the one spelling of a file's place: no NUL, no empty segment, `.`
 * or `..`. A router that guards a part of the tree looks at the same spelling, so that nothing comes around it.
 *
 * Below the root `/` a first slash may stand, as in `/etc/motd`.
 */
export function isPlainPath(
  urlPath: string,
  { root, platform = process.platform }: PlainPathOptions,
): boolean {
  const path = root === '/' && urlPath.startsWith('/') ? urlPath.slice(1) : urlPath
  if (oddPath.test(path)) return false
  return platform !== 'win32' || path.split('/').every(isPlainWindowsName)
}

/** What {@link isPlainPath} is told besides the path. */
export interface PlainPathOptions {
  /** The absolute path of the root. */
  readonly root: string
  /** @default that of this process */
  readonly platform?: NodeJS.Platform
}

/** Whether a path as received holds an encoded slash: a file name cannot, and a router takes it for no separator. */
export function hasEncodedSlash(path: string): boolean {
  const percent = path.indexOf('%')
  return percent !== -1 && /%2f/i.test(path)
}

/** The absolute path of `path` below `root`. Tornado: `os.path.abspath(os.path.join(root, path))`. */
export function absolutePathOf(root: string, path: string): string {
  return resolve(root, path)
}

// oxlint-disable-next-line no-control-regex -- NUL is what it looks for
const oddPath = /\0|\/\/|^\/|(?:^|\/)\.{1,2}(?:\/|$)/
// oxlint-disable-next-line no-control-regex -- names hold no control characters there
const oddWindowsName = /[\x00-\x1f<>:"|?*\\]|[. ]$/
const shortWindowsName = /^[^.]{1,6}~[0-9]{1,6}(?:\.[^.]{0,3})?$/
const windowsDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:[ .:]|$)/i

/** Not a device (`NUL.txt`), a stream of a file (`a:b`), or a name that Windows reads as another (`a.`, `a `, `ADMINI~1`). */
function isPlainWindowsName(name: string): boolean {
  return !oddWindowsName.test(name) && !windowsDevice.test(name) && !shortWindowsName.test(name)
}

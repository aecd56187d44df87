import { resolve } from 'node:path'
import { RootGuard } from './root-guard.ts'
import { directoryPath } from './static-rules.ts'
import { siblingEndings, type SiblingEnding } from './static-siblings.ts'

/** Arguments of a rule that leads to a `StaticFileHandler`; those of the setting `staticHandlerArgs`, but for `path`. */
export interface StaticFileOptions {
  /** The directory whose files are served, as a path or a `file:` URL. */
  path: string | URL
  /**
   * The file that is served for a directory, such as `index.html`; a URL without a slash at its end is redirected to the one
   * with it. @default none: directories are 403
   */
  defaultFilename?: string | null
  /**
   * Sends `app.js.zst`, `app.js.br` or `app.js.gz` in place of `app.js` to clients that accept it, if it is there and not older:
   * `true` for all of these, or the endings to look for, the best first. @default false
   */
  precompressed?: boolean | readonly SiblingEnding[]
  /** Directories out of the root that symbolic links may lead into. @default none: such files are 403 */
  allowedSymlinkDirectory?: string | URL | readonly (string | URL)[]
  /** Most ranges of a request that are served, as `multipart/byteranges`; asked for more, the whole is sent. @default 10 */
  maxRanges?: number
}

/** What the arguments of a rule mean; worked out once for each rule. */
export interface StaticRule {
  readonly root: string
  readonly defaultFilename: string | null
  /** The root as an absolute path is that of the guard. */
  readonly guard: RootGuard
  readonly endings: readonly SiblingEnding[]
  readonly maxRanges: number
}

/** @throws {TypeError} Without a path. */
export function staticRuleOf(options: Partial<StaticFileOptions>): StaticRule {
  let rule = rules.get(options)
  if (rule === undefined) {
    rule = makeRule(options)
    rules.set(options, rule)
  }
  return rule
}

const rules = new WeakMap<object, StaticRule>()
const defaultMaxRanges = 10

function makeRule({
  path,
  defaultFilename = null,
  precompressed = false,
  allowedSymlinkDirectory = [],
  maxRanges = defaultMaxRanges,
}: Partial<StaticFileOptions>): StaticRule {
  if (path === undefined) throw new TypeError('A StaticFileHandler needs a path')
  const root = directoryPath(path)
  const allowed = isSeveral(allowedSymlinkDirectory) ? allowedSymlinkDirectory : [allowedSymlinkDirectory]
  return {
    root,
    defaultFilename,
    guard: new RootGuard(
      resolve(root),
      allowed.map((directory) => resolve(directoryPath(directory))),
    ),
    endings: siblingEndings(precompressed),
    maxRanges,
  }
}

function isSeveral<Item>(value: Item | readonly Item[]): value is readonly Item[] {
  return Array.isArray(value)
}

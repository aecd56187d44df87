import { existsSync } from 'node:fs'
import { join, resolve, sep } from 'node:path'
import { contentTypeOf } from './content-type.ts'
import { HTTPError } from '../errors.ts'
import { RequestHandler, type HandlerResult } from '../request-handler.ts'
import { responseOf } from '../output/response-writer.ts'
import type { RootGuard } from './root-guard.ts'
import type { ApplicationSettings } from '../settings.ts'
import { statShared } from './stat-batch.ts'
import { answerContent, refuseContent } from './static-answer.ts'
import { resetStaticCaches, staticCacheOf } from './static-caches.ts'
import { preconditionFails, rangeHolds, unmodifiedSince } from './static-conditions.ts'
import type { FileState, StaticFile, StaticFileCache } from './static-file-cache.ts'
import { absolutePathOf, hasEncodedSlash, isInside, isPlainPath } from './static-path.ts'
import { planRanges } from './static-ranges.ts'
import { staticRuleOf, type StaticFileOptions, type StaticRule } from './static-rule.ts'
import { defaultStaticUrlPrefix, directoryPath } from './static-rules.ts'
import { acceptableSiblings } from './static-siblings.ts'
import { contentOfFile, FileSource, OwnSource, type StaticSource } from './static-source.ts'
import { encodeUrlPath, type StaticUrlOptions } from './static-url.ts'
import { versionOfContent, versionOfFileSync, type StaticContent } from './static-version.ts'

/**
 * Serves the files of a directory: `['/files/(.*)', StaticFileHandler, { path: '/srv/files' }]`. The rule's pattern has one
 * group, the path below the directory; its arguments are {@link StaticFileOptions}.
 *
 * GET and HEAD; entity tags and dates that spare a second transfer; ranges. Nothing out of the directory is served, whatever
 * the path or links in the directory say. The methods are there to be overridden, for content that comes from elsewhere too.
 *
 * Tornado: web.StaticFileHandler.
 */
export class StaticFileHandler<Settings extends object = object> extends RequestHandler<Settings> {
  /** How long what is asked for with a version may be kept: ten years, in seconds as `max-age` has it. */
  static readonly CACHE_MAX_AGE: number = 86_400 * 365 * 10
  /** Bytes of small files that the class keeps in memory; 0 for none. What it keeps is used only while the file is unchanged. */
  static readonly MEMORY_CACHE_SIZE: number = 16 * 2 ** 20
  /** Bytes of the largest file that is kept in memory. */
  static readonly MEMORY_CACHE_FILE_SIZE: number = 65_536

  /** The directory, as the rule has it. */
  root = ''
  defaultFilename: string | null = null
  /** The path below the directory, with the separators of this system. */
  path = ''
  /** The file to be sent, once it was found to be one. */
  absolutePath: string | null = null
  /** When the file was changed. */
  modified: Date | null = null

  #initialRule: StaticRule | null = null
  /** The path as the URL has it, decoded. */
  #urlPath = ''
  /** The file that the path was found to lead to. */
  #file: StaticFile | null = null
  #guard: RootGuard | null = null
  #source: StaticSource | null = null

  override initialize(options: Partial<StaticFileOptions> & Readonly<Record<string, unknown>>): void {
    this.#initialRule = staticRuleOf(options)
    this.root = this.#initialRule.root
    this.defaultFilename = this.#initialRule.defaultFilename
  }

  /** Forgets all versions and contents that this class and those below it know. */
  static reset(): void {
    resetStaticCaches(this)
  }

  override head(path: string): HandlerResult {
    return this.get(path, false)
  }

  override async get(path: string, includeBody = true): Promise<void> {
    // A subclass may call this for HEAD without saying so.
    const withBody = includeBody && this.request.method !== 'HEAD'
    this.#urlPath = urlPathOf(path)
    this.path = this.parseUrlPath(this.#urlPath)
    const absolutePath = this.#class.getAbsolutePath(this.root, this.path)
    this.absolutePath = await this.validateAbsolutePath(this.root, absolutePath)
    if (this.absolutePath === null) return
    this.#source = await this.#find(this.absolutePath, withBody)
    try {
      await this.#answer(this.#source, withBody)
    } finally {
      await this.#source.close()
    }
  }

  /** The version as an entity tag; `null` sends none. */
  override computeEtag(): string | null {
    const version = this.#source?.version ?? null
    return version === null ? null : `"${version}"`
  }

  /** Sets the headers of the response, {@link setExtraHeaders} last. */
  setHeaders(): void {
    this.setHeader('Accept-Ranges', 'bytes')
    this.setEtagHeader()
    if (this.modified !== null) this.setHeader('Last-Modified', this.modified)
    const contentType = this.getContentType()
    if (contentType !== '') this.setHeader('Content-Type', contentType)
    this.#setEncodingHeaders()
    const cacheTime = this.getCacheTime(this.path, this.modified, contentType)
    if (cacheTime > 0) {
      this.setHeader('Expires', new Date(Date.now() + cacheTime * 1000))
      // What is asked for by its own version can never change.
      this.setHeader('Cache-Control', `max-age=${cacheTime}${this.#askedByVersion() ? ', immutable' : ''}`)
    }
    this.setExtraHeaders(this.path)
  }

  /** Whether the client has the file already: by `If-None-Match`, or without that by `If-Modified-Since`. */
  shouldReturn304(): boolean {
    const { headers } = this.request
    if (headers.get('If-None-Match')) return this.checkEtagHeader()
    return unmodifiedSince(headers, this.modified)
  }

  /** The absolute path of `path` below `root`. It need not be in there: {@link validateAbsolutePath} looks at that. */
  static getAbsolutePath(root: string, path: string): string {
    return absolutePathOf(root, path)
  }

  /**
   * The path of the file to be sent, or `null` when the response is ended, as it is for a directory that is redirected.
   *
   * @throws {HTTPError} 403 for what is not below `root` or no file, 404 for what is not there or has another spelling.
   */
  validateAbsolutePath(root: string, absolutePath: string): string | null | Promise<string | null> {
    return this.#validatePath(root, absolutePath)
  }

  /**
   * The content of the file, or of its bytes from `start` to before `end`: whole, or in pieces that are sent one by one.
   *
   * Override it for content that is no file's, and beside it {@link getContentSize}, {@link getModifiedTime} and
   * {@link validateAbsolutePath}.
   */
  static getContent(absolutePath: string, start = 0, end?: number): StaticContent {
    return contentOfFile(absolutePath, start, end)
  }

  /**
   * The version of a file, for its entity tag and its URL: SHA-512 of the content, in hexadecimal digits. It is kept for as long
   * as the file does not change. A version that comes as a promise is in URLs once a request has waited for it.
   */
  static getContentVersion(absolutePath: string): string | null | Promise<string | null> {
    return this.getContent === StaticFileHandler.getContent
      ? versionOfFileSync(absolutePath)
      : versionOfContent(this.getContent(absolutePath))
  }

  /** Bytes of the whole content. */
  getContentSize(): number | Promise<number> {
    return stateOf(this.#source?.sentState).size
  }

  /** When the file was changed, in whole seconds; `null` sends no `Last-Modified`. */
  getModifiedTime(): Date | null | Promise<Date | null> {
    const { mtimeMs } = stateOf(this.#source?.originalState)
    return new Date(Math.floor(mtimeMs / 1000) * 1000)
  }

  /** The media type, by the ending of the file's name; empty leaves `text/html`. */
  getContentType(): string {
    return contentTypeOf(this.absolutePath!)
  }

  /** For headers of your own. */
  setExtraHeaders(_path: string): void {}

  /** How long the response may be kept, in seconds; 0 says nothing about it. Ten years for requests with an argument `v`. */
  getCacheTime(_path: string, _modified: Date | null, _mimeType: string): number {
    return this.request.query !== '' && this.request.arguments.has('v') ? this.#class.CACHE_MAX_AGE : 0
  }

  /**
   * The URL of a file below the setting `staticPath`, with its version as the argument `v`. Characters that may not stand in
   * a URL are percent-encoded.
   */
  static makeStaticUrl(
    settings: ApplicationSettings,
    path: string,
    { includeVersion = true }: StaticUrlOptions = {},
  ): string {
    const url = (settings.staticUrlPrefix ?? defaultStaticUrlPrefix) + encodeUrlPath(path)
    const version = includeVersion ? this.getVersion(settings, path) : null
    return version === null ? url : `${url}?v=${version}`
  }

  /** The path below the directory, of that in the URL: with the separators of this system. */
  parseUrlPath(urlPath: string): string {
    return sep === '/' ? urlPath : urlPath.replaceAll('/', sep)
  }

  /**
   * The version of a file below the setting `staticPath`, or `null` when it cannot be read, which is logged. An unknown file is read
   * at once, while nothing else happens; after that only its state is asked for.
   */
  static getVersion(settings: ApplicationSettings, path: string): string | null {
    const absolutePath = this.getAbsolutePath(directoryPath(settings.staticPath ?? ''), path)
    const cache = staticCacheOf(this, StaticFileHandler)
    if (this.getContent === StaticFileHandler.getContent || existsSync(absolutePath))
      return cache.versionSync(absolutePath)
    const version = cache.contentVersion(absolutePath)
    return version instanceof Promise ? null : version
  }

  /** A subclass may have set the root by itself. */
  get #rule(): StaticRule {
    this.#initialRule ??= staticRuleOf({ path: this.root })
    return this.#initialRule
  }

  get #class(): typeof StaticFileHandler {
    return this.constructor as typeof StaticFileHandler
  }

  async #validatePath(root: string, absolutePath: string): Promise<string | null> {
    const { guard: ofRule, root: rootOfRule } = this.#rule
    const guard = root === rootOfRule ? ofRule : ofRule.of(resolve(root))
    if (!isInside(guard.root, absolutePath)) throw this.#outside()
    if (!isPlainPath(this.#urlPath, { root: guard.root }) || hasEncodedSlash(this.request.path))
      throw new HTTPError(404)
    let path = absolutePath
    let stats = await statShared(path)
    if (stats?.isDirectory() === true && this.defaultFilename !== null) {
      // Before the redirect, so that it does not tell whether there is such a directory out of the root.
      if (!(await guard.admits(path))) throw this.#outside()
      if (!this.request.path.endsWith('/')) {
        this.#redirectToDirectory()
        return null
      }
      path = join(path, this.defaultFilename)
      stats = await statShared(path)
    } else if (this.#urlPath.endsWith('/') && stats?.isFile() === true) throw new HTTPError(404)
    if (stats === null) throw (await guard.leavesRoot(path)) ? this.#outside() : new HTTPError(404)
    if (!stats.isFile()) throw new HTTPError(403, '%j is not a file', { args: [this.path] })
    this.#guard = guard
    this.#file = await staticCacheOf(this.#class, StaticFileHandler).get(path, stats, guard)
    return path
  }

  #outside(): HTTPError {
    return new HTTPError(403, '%j is not in root static directory', { args: [this.path] })
  }

  #redirectToDirectory(): void {
    const { path } = this.request
    // A browser takes `//name` and `/\name` for another host (CVE-2023-28370).
    if (/^\/[/\\]/.test(path)) throw new HTTPError(403, 'cannot redirect path with two initial slashes')
    this.redirect(`${path}/`, { permanent: true })
  }

  /** Finds what is to be sent; a file is open then, if it is needed. */
  async #find(path: string, includeBody: boolean): Promise<StaticSource> {
    const handlerClass = this.#class
    const cache = staticCacheOf(handlerClass, StaticFileHandler)
    const found = this.#file?.path === path ? this.#file : null
    if (handlerClass.getContent !== StaticFileHandler.getContent) {
      const version = found === null ? await cache.contentVersion(path) : found.version
      const state = found?.stats ?? (await statShared(path))
      return new OwnSource(version, state, (start, end) => handlerClass.getContent(path, start, end))
    }
    const source = new FileSource(cache, {
      original: found ?? (await unguardedFile(cache, path)),
      guard: found === null ? null : this.#guard,
    })
    const { endings } = this.#rule
    if (endings.length > 0) {
      const { headers } = this.request
      await source.chooseSibling(acceptableSiblings(headers.get('Accept-Encoding'), endings))
    }
    if (includeBody) await source.open()
    return source
  }

  async #answer(source: StaticSource, withBody: boolean): Promise<void> {
    this.modified = await this.getModifiedTime()
    this.setHeaders()
    const { headers } = this.request
    const etag = responseOf(this).headers.get('Etag') ?? null
    const validators = { etag, modified: this.modified }
    if (preconditionFails(headers, validators)) {
      refuseContent(this, 412)
      return
    }
    if (this.shouldReturn304()) {
      this.setStatus(304)
      return
    }
    const size = await this.getContentSize()
    const range = headers.get('Range')
    // For other methods than GET there are no ranges (RFC 9110 §14.2).
    const plan =
      range !== undefined && this.request.method === 'GET' && rangeHolds(headers, validators)
        ? planRanges(range, size, this.#rule.maxRanges)
        : 'whole'
    const contentType = typeof plan === 'string' ? '' : this.getContentType()
    await answerContent(this, source, { plan, size, contentType, withBody })
  }

  #setEncodingHeaders(): void {
    const encoding = this.#source?.encoding ?? null
    if (encoding !== null) this.setHeader('Content-Encoding', encoding)
    if (this.#rule.endings.length > 0 && this.#source instanceof FileSource)
      this.addHeader('Vary', 'Accept-Encoding')
  }

  #askedByVersion(): boolean {
    const version = this.#source?.urlVersion ?? null
    return version !== null && this.request.arguments.get('v')?.at(-1) === version
  }
}

/** The group of the path, which may have a name. */
function urlPathOf(group: unknown): string {
  if (typeof group === 'string') return group
  const [named] = Object.values((group ?? {}) as Readonly<Record<string, unknown>>)
  return typeof named === 'string' ? named : ''
}

/** A file that a subclass stands for. */
async function unguardedFile(cache: StaticFileCache, path: string): Promise<StaticFile> {
  const stats = await statShared(path)
  if (stats === null) throw new HTTPError(404)
  if (!stats.isFile()) throw new HTTPError(403, '%j is not a file', { args: [path] })
  return await cache.get(path, stats, null)
}

function stateOf(state: FileState | null | undefined): FileState {
  if (state === null || state === undefined) throw new HTTPError(404)
  return state
}

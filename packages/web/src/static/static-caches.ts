import { StaticFileCache } from './static-file-cache.ts'

/** What the cache of a class of static handlers depends on. */
export interface StaticCacheOwner {
  readonly MEMORY_CACHE_SIZE: number
  readonly MEMORY_CACHE_FILE_SIZE: number
  getContent(absolutePath: string): unknown
  getContentVersion(absolutePath: string): string | null | Promise<string | null>
}

const caches = new Map<StaticCacheOwner, StaticFileCache>()

/** The cache of a class: each has its own, for each may have its own versions. `base` is the one that reads files as they are. */
export function staticCacheOf(owner: StaticCacheOwner, base: StaticCacheOwner): StaticFileCache {
  let cache = caches.get(owner)
  if (cache === undefined) {
    cache = makeCache(owner, base)
    caches.set(owner, cache)
  }
  return cache
}

/** Empties the caches of a class and of those that extend it. */
export function resetStaticCaches(owner: StaticCacheOwner): void {
  for (const [each, cache] of caches) {
    if (each === owner || Object.prototype.isPrototypeOf.call(owner, each)) cache.clear()
  }
}

function makeCache(owner: StaticCacheOwner, base: StaticCacheOwner): StaticFileCache {
  const versionOf = (path: string): string | null | Promise<string | null> => owner.getContentVersion(path)
  const ownContent = owner.getContent !== base.getContent
  const ownVersion = owner.getContentVersion !== base.getContentVersion
  return new StaticFileCache({
    cacheSize: owner.MEMORY_CACHE_SIZE,
    maxFileSize: ownContent ? -1 : Math.min(owner.MEMORY_CACHE_FILE_SIZE, owner.MEMORY_CACHE_SIZE),
    // The base's own way is taken in pieces, with other work between them.
    versionOf: ownContent || ownVersion ? versionOf : null,
    versionOfSync: versionOf,
  })
}

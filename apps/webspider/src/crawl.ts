import { SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import { Queue } from '@tornado-ts/ioloop/queues'
import { findLinks } from './find-links.ts'

/** Options of {@link crawl}. */
export interface CrawlOptions {
  /** How many pages are fetched at once. @default 10 */
  readonly workers?: number
  /** How many pages are fetched at most. @default 1_000 */
  readonly maxPages?: number
  /** Ends the crawl after this time. In ms. @default 300_000 (5 min) */
  readonly timeoutMs?: number
  /** Bytes of the largest page; a larger one fails. @default 5 MiB */
  readonly maxPageSize?: number
  /** Told of each page before it is fetched. */
  readonly onFetch?: (url: string) => void
  /** Told of each page that could not be fetched. */
  readonly onFail?: (url: string, error: Error) => void
}

/** What a crawl has come to. */
export interface CrawlReport {
  /** The pages, in the order in which they came. */
  readonly fetched: ReadonlySet<string>
  /** Those that could not be fetched, and why. */
  readonly failed: ReadonlyMap<string, Error>
  /** Whether every page that was found has been tried; not when a limit ended the crawl. */
  readonly complete: boolean
  readonly elapsedMs: number
}

/** Fetches a page, and every page below it that can be reached by links, each once. */
export async function crawl(start: string, options: CrawlOptions = {}): Promise<CrawlReport> {
  const { workers = 10, maxPages = 1_000, timeoutMs = 300_000, maxPageSize = 5 * 1024 * 1024 } = options
  const base = new URL('.', start).href
  const beganMs = performance.now()
  const queue = new Queue<string>()
  const seen = new Set<string>()
  const fetched = new Set<string>()
  const failed = new Map<string, Error>()
  const over = new AbortController()
  const signal = AbortSignal.any([over.signal, AbortSignal.timeout(timeoutMs)])
  const client = new SimpleAsyncHTTPClient({ maxClients: workers, maxBodySize: maxPageSize })
  let complete = true

  const add = (url: string): void => {
    if (seen.has(url) || !url.startsWith(base)) return
    if (seen.size >= maxPages) {
      complete = false
      return
    }
    seen.add(url)
    queue.putNowait(url)
  }
  const visit = async (url: string): Promise<void> => {
    options.onFetch?.(url)
    try {
      const response = await client.fetch(url, { signal })
      fetched.add(url)
      const { effectiveUrl } = response
      // A redirect may lead off the site; what is found there is not followed.
      const isPage = response.headers.get('Content-Type')?.startsWith('text/html') ?? false
      if (isPage && effectiveUrl.startsWith(base)) findLinks(response.text(), effectiveUrl).forEach(add)
    } catch (error) {
      if (signal.aborted) return
      failed.set(url, error as Error)
      options.onFail?.(url, error as Error)
    }
  }
  const work = async (): Promise<void> => {
    for (;;) {
      await visit(await queue.get({ signal }))
      queue.taskDone()
    }
  }

  add(new URL(start).href.replace(/#.*$/s, ''))
  // A worker ends when the crawl is over: then it is given no more.
  for (let worker = 0; worker < workers; worker++) work().catch(() => undefined)
  try {
    await queue.join({ signal })
  } catch {
    complete = false
  } finally {
    over.abort()
    client.close()
  }
  return { fetched, failed, complete, elapsedMs: performance.now() - beganMs }
}

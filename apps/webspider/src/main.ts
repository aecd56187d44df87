import { defineOptions, parseCommandLine } from '@tornado-ts/options'
import { crawl } from './crawl.ts'

const options = defineOptions(
  {
    url: { default: 'http://127.0.0.1:8888/', help: 'where to begin; only pages below it are fetched' },
    workers: { default: 10, help: 'how many pages are fetched at once' },
    maxPages: { default: 1_000, help: 'how many pages are fetched at most' },
    timeout: { type: 'duration', default: 300_000, help: 'ends the crawl after this time, such as 5m' },
  },
  { group: 'webspider' },
)
parseCommandLine()

const { fetched, failed, complete, elapsedMs } = await crawl(options.url, {
  workers: options.workers,
  maxPages: options.maxPages,
  timeoutMs: options.timeout,
  onFetch: (url) => console.log(`fetching ${url}`),
  onFail: (url, error) => console.error(`failed   ${url}: ${error.message}`),
})
console.log(
  `${complete ? 'Done' : 'Stopped'} in ${(elapsedMs / 1000).toFixed(1)} s: ${fetched.size} pages fetched, ${failed.size} failed`,
)
process.exitCode = complete && failed.size === 0 ? 0 : 1

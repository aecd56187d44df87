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
const { url, workers, maxPages } = options
if (!/^https?:$/.test(URL.parse(url)?.protocol ?? ''))
  fail(`--url must be like http://127.0.0.1:8888/, not ${JSON.stringify(url)}`)
if (workers < 1) fail(`--workers must be at least 1, not ${workers}`)
if (maxPages < 1) fail(`--max-pages must be at least 1, not ${maxPages}`)

const { fetched, failed, complete, elapsedMs } = await crawl(url, {
  workers,
  maxPages,
  timeoutMs: options.timeout,
  onFetch: (url) => console.log(`fetching ${url}`),
  onFail: (url, error) => console.error(`failed   ${url}: ${error.message}`),
})
console.log(
  `${complete ? 'Done' : 'Stopped'} in ${(elapsedMs / 1000).toFixed(1)} s: ${fetched.size} pages fetched, ${failed.size} failed`,
)
process.exitCode = complete && failed.size === 0 ? 0 : 1

function fail(problem: string): never {
  console.error(`webspider: ${problem}; see --help`)
  process.exit(2)
}

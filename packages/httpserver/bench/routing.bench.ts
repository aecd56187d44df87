// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import type { HTTPMessageDelegate, HTTPServerRequest } from '@tornado-ts/httputil'
import { createRequire } from 'node:module'
import { it } from 'vitest'

const require = createRequire(import.meta.url)
const { RuleRouter }: typeof import('../src/routing.ts') = require('@tornado-ts/httpserver/routing')
const httputil: typeof import('@tornado-ts/httputil') = require('@tornado-ts/httputil')

const delegate = {} as HTTPMessageDelegate

class BenchRouter extends RuleRouter<number> {
  override getTargetDelegate(): HTTPMessageDelegate {
    return delegate
  }
}

function routes(count: number): [pattern: string, target: number][] {
  return Array.from({ length: count }, (_, i) => [`/section${i}/([0-9]+)/([^/]+)`, i])
}

function get(path: string): HTTPServerRequest {
  return new httputil.HTTPServerRequest({
    startLine: new httputil.RequestStartLine('GET', path, 'HTTP/1.1'),
    headers: new httputil.HTTPHeaders({ Host: 'localhost' }),
  })
}

it('finding a handler', async ({ bench }) => {
  const last = (count: number): [InstanceType<typeof BenchRouter>, HTTPServerRequest] => [
    new BenchRouter([...routes(count), ['/(.*)', -1]]),
    get(`/section${count - 1}/42/name`),
  ]
  const [ten, inTen] = last(10)
  const [thousand, inThousand] = last(1000)
  const literals = new BenchRouter(Array.from({ length: 1000 }, (_, i) => [`/page${i}`, i]))
  const page = get('/page999')
  await bench.compare(
    bench('last of 10 routes with two groups', () => void ten.findHandler(inTen)),
    bench('last of 1000 routes with two groups', () => void thousand.findHandler(inThousand)),
    bench('last of 1000 literal routes', () => void literals.findHandler(page)),
    bench('none of 1000 routes but the last, /(.*)', () => void thousand.findHandler(get('/elsewhere'))),
  )
})

it('making a router of 1000 routes', async ({ bench }) => {
  const rules = routes(1000)
  await bench('1000 routes', () => void new BenchRouter(rules).findHandler(get('/section1/2/x'))).run()
})

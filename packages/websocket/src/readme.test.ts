import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { resolveConnectionParams } from './connection-params.ts'
import { compressionBudget } from './deflate/compression-limits.ts'
import { resolveCompression } from './deflate/compression-options.ts'
import { sendBudget } from './send-limits.ts'

/** The programs of the README, in order. */
async function programs(): Promise<string[]> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  return Array.from(readme.matchAll(/```ts\n([\s\S]*?)```/g), ([, program]) => program!)
}

/** What a program prints. */
async function run(program: string): Promise<string> {
  // Beside the package, so that its own name resolves.
  const file = new URL(`../readme-program-${program.length}.tmp.ts`, import.meta.url)
  await writeFile(file, program)
  onTestFinished(async () => await rm(file, { force: true }))
  const args = [
    ...(process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']),
    '--no-warnings',
    fileURLToPath(file),
  ]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [status] = await once(child, 'close')
  expect(status).toBe(0)
  return output
}

it('README: the first program runs as it stands, on an unused port', { timeout: 30_000 }, async () => {
  const [first = ''] = await programs()
  expect(first).toContain('listen(8888)')
  const output = await run(
    first.replace('listen(8888)', "listen(0, { address: '127.0.0.1' })").replace('localhost', '127.0.0.1'),
  )
  expect(output).toContain('Hello, world\n')
})

it('README: the table of limits has the defaults of the code', async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const cells = (first: string): string => readme.split(`\n| ${first} | `)[1]!.split(' |')[0]!
  const MiB = 1024 ** 2
  const params = resolveConnectionParams('server', true, {})
  expect(cells('`websocketMaxMessageSize`')).toBe(`${params.maxMessageSize / MiB} MiB, also after inflating`)
  expect(cells('`websocketPingIntervalMs`')).toBe(`${params.pingIntervalMs}: no pings`)
  expect(cells('`websocketMaxQueuedSize`')).toBe(`${params.maxQueuedSize / MiB} MiB`)
  expect(cells('`websocketSlowReaderPolicy`')).toBe(`\`${params.slowReaderPolicy}\``)
  expect(cells('what waits for slow peers in the process')).toBe(`${sendBudget.maxQueuedSize / MiB} MiB`)
  expect(cells('answer to a close frame')).toBe(`${params.closeTimeoutMs / 1000} s`)
  const { level, memLevel, threshold } = resolveCompression({})
  expect(cells('`compressionLevel`, `memLevel`, `threshold`')).toBe(
    `${level}, ${memLevel}, ${threshold} bytes`,
  )
  const { maxConcurrentJobs, maxMemorySize } = compressionBudget
  expect(cells('zlib jobs, zlib memory of the process')).toBe(
    `${maxConcurrentJobs}, ${maxMemorySize / MiB} MiB`,
  )
})

it('README: the client follows a server until it closes', { timeout: 30_000 }, async () => {
  const [, second = ''] = await programs()
  const program = `${second}
import { Application } from '@tornado-ts/web'
import { WebSocketHandler } from '@tornado-ts/websocket'

class Feed extends WebSocketHandler {
  override selectSubprotocol(): string {
    return 'feed.v1'
  }
  override open(): void {
    void this.writeMessage('news')
    this.close(1001)
  }
}

const server = new Application([['/', Feed]], { logFunction: () => {} }).listen(0, { address: '127.0.0.1' })
await follow(\`ws://127.0.0.1:\${(await server.bound).port}/\`, new AbortController().signal)
await server.close()
`
  expect(await run(program)).toBe('news\nclosed with 1001\n')
})

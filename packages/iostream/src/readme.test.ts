import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { stripTypeScriptTypes } from 'node:module'
import { afterAll, describe, expect, it } from 'vitest'
import { IOStream } from './stream/io-stream.ts'

const root = join(import.meta.dirname, '..')
const readme = readFileSync(join(root, 'README.md'), 'utf8')
const programs = [...readme.matchAll(/```ts\n([^]*?)```/g)].map((match) => match[1] ?? '')
// Beside the sources, so that the package's own name is found.
const folder = mkdtempSync(join(root, 'readme-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The program of the README that contains these words, with another port. */
function program(words: string, port: number = 0): string {
  const found = programs.filter((text) => text.includes(words))
  expect(found).toHaveLength(1)
  return found[0]!.replaceAll('8888', String(port))
}

function start(text: string, name: string) {
  const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
  const file = join(folder, `${name}.ts`)
  writeFileSync(file, text)
  const args = ['--disable-warning=ExperimentalWarning', ...conditions, file]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += String(chunk)))
  const ended = once(child, 'close').then(() => output)
  return { child, ended }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Connects once the program listens. */
async function connectTo(port: number): Promise<IOStream> {
  for (;;) {
    const stream = new IOStream()
    const isConnected = await stream.connect({ host: '127.0.0.1', port }).then(
      () => true,
      () => false,
    )
    if (isConnected) return stream
  }
}

describe('the README', { timeout: 30_000 }, () => {
  it.each([
    ['awaited reads', 'for (;;) await'],
    ['a receiver', 'implements StreamReceiver'],
  ])('its echo server with %s runs, and the client beside it', async (name, words) => {
    const port = await freePort()
    const { child, ended } = start(program(words, port), name.replace(' ', '-'))
    const stream = await connectTo(port)
    await stream.write('hello\n')
    expect(String(await stream.readUntil('\n'))).toBe('hello\n')
    stream.close()
    expect(await start(program('StreamClosedError', port), 'client').ended).toBe('one line\n\ntrue\n')
    child.kill()
    expect(await ended).toBe('')
  })

  it('its echo server has ten lines', () => {
    expect(programs[0]!.trimEnd().split('\n').length).toBeLessThanOrEqual(10)
  })

  it('its programs without a peer run', async () => {
    expect(await start(program("['sort']"), 'sort').ended).toBe('a\nb\n\n')
    const output = await start(program('splits'), 'splits').ended
    expect(output).toBe('hello\r\n\nbye\n'.repeat(8))
  })

  it('its server in several processes runs', async () => {
    const port = await freePort()
    const { child, ended } = start(program('forkProcesses', port), 'fork')
    ;(await connectTo(port)).close()
    child.kill('SIGTERM')
    expect(await ended).toContain('listens\n')
  })

  it('the others are programs at least', () => {
    for (const text of programs) expect(() => stripTypeScriptTypes(text)).not.toThrow()
  })
})

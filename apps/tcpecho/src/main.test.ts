import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { IOStream } from '@tornado-ts/iostream'
import { describe, expect, it } from 'vitest'
import { EchoServer } from './echo-server.ts'
import { sendLine } from './send-line.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const node = ['--conditions=@tornado-ts/source', '--no-warnings', main]

async function listen(): Promise<{ server: EchoServer; port: number }> {
  const server = new EchoServer()
  server.listen(0, { address: '127.0.0.1' })
  return { server, port: (await server.bound).port }
}

describe('tcpecho', () => {
  it('B-demo-007 a server sends each line back, and a client prints it', async () => {
    const server = spawn(process.execPath, [...node, '--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const [said] = (await once(server.stdout, 'data')) as [Buffer]
      const [, port] = /Listening on 127\.0\.0\.1:(\d+)/.exec(said.toString())!
      const { stdout } = await promisify(execFile)(process.execPath, [
        ...node,
        `--port=${port}`,
        '--message=ping',
      ])
      expect(stdout).toBe('ping\n')
    } finally {
      server.kill()
      await once(server, 'close')
    }
  })

  it('explains its options', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [...node, '--help'])
    for (const name of ['--port', '--address', '--message']) expect(stdout).toContain(name)
  })

  it('says in one line that nobody listens, or that another does', async () => {
    const { server, port } = await listen()
    const run = promisify(execFile)
    await expect(run(process.execPath, [...node, `--port=${port}`])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^tcpecho: .*address already in use\n$/),
    })
    server.stop()
    await expect(run(process.execPath, [...node, `--port=${port}`, '--message=x'])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^tcpecho: connect ECONNREFUSED .*\n$/),
    })
  })

  it('keeps the clients and their lines apart', async () => {
    const { server, port } = await listen()
    const lines = Array.from({ length: 20 }, (_, index) => `line ${index} é`)
    expect(await Promise.all(lines.map((line) => sendLine(line, '127.0.0.1', port)))).toEqual(lines)
    server.stop()
  })

  it('answers lines that come in one piece one by one, and ends when the client does', async () => {
    const { server, port } = await listen()
    const stream = new IOStream()
    await stream.connect({ host: '127.0.0.1', port })
    await stream.write('a\nb\n')
    expect((await stream.readBytes(4)).toString()).toBe('a\nb\n')
    stream.endWriting()
    expect((await stream.readUntilClose()).length).toBe(0)
    server.stop()
  })

  it('cuts off a client whose line has no end', async () => {
    const { server, port } = await listen()
    const stream = new IOStream()
    await stream.connect({ host: '127.0.0.1', port })
    await stream.write(Buffer.alloc(EchoServer.maxLineSize + 1, 'x')).catch(() => undefined)
    expect((await stream.readUntilClose().catch(() => Buffer.alloc(0))).length).toBe(0)
    server.stop()
  })
})

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('main.ts', import.meta.url))

interface Program {
  readonly child: ChildProcess
  readonly output: () => string
  readonly ended: Promise<number | null>
}

function start(...flags: string[]): Program {
  const child = spawn(
    process.execPath,
    ['--conditions=@tornado-ts/source', '--no-warnings', main, ...flags],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, output: () => output, ended }
}

/** Starts it on an unused port and answers its URL once that is printed. */
async function serve(): Promise<Program & { url: URL }> {
  const program = start('--port=0')
  await once(program.child.stdout!, 'data')
  return { ...program, url: new URL(/http:\S+/.exec(program.output())![0]) }
}

describe('hello-world', () => {
  it('B-demo-006 greets on the port of its option, and logs each request as Tornado does', async () => {
    const { child, url, output, ended } = await serve()
    const response = await fetch(url, { headers: { Connection: 'close' } })
    expect([response.status, await response.text()]).toEqual([200, 'Hello, world'])
    expect(response.headers.get('etag')).toBe('"e02aa1b106d5c7c6a98def2b13005d5b84fd8dc8"')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    expect(output()).toMatch(/\[I \d{6} \d\d:\d\d:\d\d \S+:\d+\] 200 GET \/ \(127\.0\.0\.1\) \d+\.\d\dms\n/)
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`answers what it has begun to read, then ends, on ${signal}`, async () => {
      const { child, url, ended } = await serve()
      const socket = connect(Number(url.port), url.hostname)
      let received = ''
      socket.on('data', (chunk: Buffer) => (received += chunk.toString()))
      await once(socket, 'connect')
      // A first request tells that the connection is being served; the second has begun when the signal comes.
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\n')
      await once(socket, 'data')
      child.kill(signal)
      const refused = new Promise<void>((resolve) => {
        const knock = (): void => {
          connect(Number(url.port), url.hostname)
            .on('connect', function (this: ReturnType<typeof connect>) {
              this.destroy()
              setImmediate(knock)
            })
            .on('error', () => resolve())
        }
        knock()
      })
      await refused
      socket.write('Host: x\r\n\r\n')
      await once(socket, 'close')
      expect(received.match(/Hello, world/g)).toHaveLength(2)
      expect(received).toContain('Connection: close')
      expect(await ended).toBe(0)
    })
  }

  it('tells its options on --help', async () => {
    const { output, ended } = start('--help')
    expect(await ended).toBe(0)
    expect(output()).toMatch(/^Usage: .*--port.*--address/)
  })

  it('says in one line that its port is in use, and ends with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { output, ended } = start(`--port=${port}`)
    expect(await ended).toBe(1)
    expect(output()).toBe(`Cannot listen on 127.0.0.1:${port}: address already in use\n`)
    other.close()
  })

  it('says in one line that an address or an option is no good, and ends with 1', async () => {
    for (const [flags, line] of [
      [
        ['--port=0', '--address=192.0.2.1'],
        /^Cannot listen on 192\.0\.2\.1:0: address not available on this machine\n$/,
      ],
      [['--port=http'], /^hello-world: --port must be a number from 0 to 65535, not 'http'\n$/],
      [['--port=65536'], /^hello-world: --port must be a number from 0 to 65535, not '65536'\n$/],
      [['--prot=1'], /^hello-world: Unknown option '--prot'.*\n$/],
    ] as const) {
      const { output, ended } = start(...flags)
      expect(await ended).toBe(1)
      expect(output()).toMatch(line)
    }
  })
})

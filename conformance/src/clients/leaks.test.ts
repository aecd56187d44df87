import { SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { answer, RawServer, redirect } from './raw-server.ts'

/** Every kind of bad answer, and a good one; a function does what it wants with the connection. */
const answers: Readonly<Record<string, string | Buffer | null | undefined>> = {
  good: answer('x'),
  silence: undefined,
  close: null,
  'half a head': 'HTTP/1.1 200 OK\r\nContent-',
  'half a body': 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf',
  'no HTTP': 'SSH-2.0-OpenSSH_9.2\r\n\r\n',
  'wrong lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nok',
  'bad chunks': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  'a large head': `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`,
  'a large body': answer('x'.repeat(300_000)),
  'no gzip': answer('no gzip', { fields: 'Content-Encoding: gzip\r\n' }),
  'half a gzip': `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n${gzipSync('x'.repeat(500)).subarray(0, 20).toString('latin1')}`,
  'a bomb': answer(gzipSync(Buffer.alloc(10_000_000)), { fields: 'Content-Encoding: gzip\r\n' }),
  'too much': `${answer('x').toString()}${answer('y').toString()}`,
  'a loop': redirect('/'),
  'a switch': 'HTTP/1.1 101 X\r\nUpgrade: y\r\n\r\n',
  'a storm': 'HTTP/1.1 100 X\r\n\r\n'.repeat(20),
}

it('leaves no socket, timer or listener behind, whatever the answer', async () => {
  const before = resources()
  for (const [what, reply] of Object.entries(answers)) {
    const client = new SimpleAsyncHTTPClient({ maxBodySize: 200_000, maxClients: 3 })
    const server = await RawServer.start(() => reply)
    const abort = new AbortController()
    const fetches = Array.from({ length: 6 }, () =>
      client.fetch(server.url(), {
        raiseError: false,
        requestTimeoutMs: 60,
        queueTimeoutMs: 1000,
        firstByteTimeoutMs: 50,
        signal: abort.signal,
      }),
    )
    await Promise.allSettled(fetches)
    expect([what, client.activeCount, client.queueSize]).toEqual([what, 0, 0])
    // Whatever is still open on the client's side is a connection that is kept.
    const { idleCount } = client
    await server.settled(idleCount)
    expect([what, server.sockets.size]).toEqual([what, idleCount])
    client.close()
    await server[Symbol.asyncDispose]()
  }
  for (let turn = 0; resources().length !== before.length && turn < 20_000; turn++)
    await new Promise((resolve) => setImmediate(resolve))
  expect(resources()).toEqual(before)
})

it('a client that is not closed keeps no program alive', async () => {
  const { spawn } = await import('node:child_process')
  const program = `
    import { createServer } from 'node:http'
    import { AsyncHTTPClient } from '@tornado-ts/httpclient'
    const server = createServer((_request, response) => response.end('x')).listen(0, '127.0.0.1', async () => {
      await new AsyncHTTPClient().fetch('http://127.0.0.1:' + server.address().port)
      server.close()
      server.unref()
      server.closeIdleConnections = () => {}
    })
  `
  const child = spawn(
    process.execPath,
    ['--conditions=@tornado-ts/source', '--input-type=module', '-e', program],
    { stdio: ['ignore', 'inherit', 'inherit'], cwd: import.meta.dirname },
  )
  const status = await new Promise((resolve) => child.once('exit', resolve))
  expect(status).toBe(0)
})

function resources(): readonly string[] {
  // Those of the test runner come and go.
  return process.getActiveResourcesInfo().filter((name) => name.includes('TCP') || name.includes('Zlib'))
}

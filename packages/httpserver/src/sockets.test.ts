import { bindSockets, bindUnixSocket } from '@tornado-ts/iostream/netutil'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { answerJson } from '../fixtures/delegates.ts'
import { listening } from '../fixtures/listening.ts'
import { RawClient } from '../fixtures/raw-client.ts'
import { Program } from '../fixtures/run-program.ts'
import { HTTPServer } from './http-server.ts'

const describePeer = answerJson(({ protocol, remoteIp }) => `${protocol} ${remoteIp}`)

describe('Unix sockets', () => {
  async function onUnixSocket(
    run: (path: string, server: HTTPServer) => Promise<void>,
    options: ConstructorParameters<typeof HTTPServer>[1] = {},
  ): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'httpserver-'))
    const path = join(folder, 'test.sock')
    {
      await using server = new HTTPServer(describePeer, options)
      server.addSocket(await bindUnixSocket(path))
      await run(path, server)
    }
    await rm(folder, { recursive: true })
  }

  it('B-server-005 the peer has the address 0.0.0.0', async () => {
    await onUnixSocket(async (path, server) => {
      await using client = await RawClient.open(path)
      expect((await client.get('/')).body).toBe('"http 0.0.0.0"')
      expect(await server.url()).toBe(`http+unix://${encodeURIComponent(path)}`)
    })
  })

  it('B-server-005 a bad request is answered with 400', async () => {
    using _log = expectLog(genLog, 'Malformed HTTP message from 0.0.0.0', { level: 'info' })
    await onUnixSocket(async (path) => {
      await using client = await RawClient.open(path)
      client.send('garbage\r\n\r\n')
      expect((await client.response()).status).toBe(400)
      expect(await client.rest()).toBe('')
    })
  })

  it('a proxy behind one can be believed', async () => {
    await onUnixSocket(
      async (path) => {
        await using client = await RawClient.open(path)
        expect((await client.get('/', { 'X-Real-Ip': '4.4.4.4' })).body).toBe('"http 4.4.4.4"')
      },
      { xheaders: ['unix'] },
    )
  })
})

it('B-server-007 the PROXY protocol tells the client of a connection, of proxies that are trusted', async () => {
  await using serving = await listening(describePeer, { proxyProtocol: { trusted: ['127.0.0.1'] } })
  await using client = await RawClient.open(serving.port)
  client.send('PROXY TCP4 4.4.4.4 5.5.5.5 1234 80\r\n')
  for (let i = 0; i < 2; i++) expect((await client.get('/')).body).toBe('"http 4.4.4.4"')
})

describe('B-server-013 ways to listen', () => {
  it('addSockets takes sockets that are bound', async () => {
    await using server = new HTTPServer(describePeer)
    const sockets = await bindSockets(0, { address: '127.0.0.1' })
    server.addSockets(sockets)
    await using client = await RawClient.open((await server.bound).port)
    expect((await client.get('/')).status).toBe(200)
  })

  it('bind does nothing before start', async () => {
    await using server = new HTTPServer(describePeer)
    server.bind(0, { address: '127.0.0.1' })
    expect(server.addresses()).toEqual([])
    await server.start()
    await using client = await RawClient.open((await server.bound).port)
    expect((await client.get('/')).status).toBe(200)
  })

  it('start(2) serves one port from two processes', async () => {
    await using running = new Program('two-processes.ts')
    const ports = [await running.line(), await running.line()]
    expect(ports[0]).toBe(ports[1])
    const pids = new Set<string>()
    while (pids.size < 2) {
      await using client = await RawClient.open(Number(ports[0]))
      pids.add((await client.get('/', { Connection: 'close' })).body)
    }
    expect(pids).not.toContain(String(running.process.pid))
    for (const pid of pids) process.kill(Number(pid), 'SIGTERM')
    expect(await running.ended).toMatchObject({ status: 0 })
  })
})

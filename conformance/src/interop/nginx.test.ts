import { HTTPServer } from '@tornado-ts/httpserver'
import { bindUnixSocket } from '@tornado-ts/iostream/netutil'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { interopRouter, sha1, streamed, type Seen } from './application.ts'
import { startNginx } from './nginx.ts'
import { describeWith, findProgram } from './programs.ts'

describeWith('nginx', findProgram('nginx'), (program) => {
  /** Runs with nginx before servers; `upstream` are its lines in the configuration. */
  async function behindNginx(
    upstream: readonly string[],
    run: (port: number) => Promise<void>,
  ): Promise<void> {
    await using nginx = await startNginx(program, (port) => configuration(port, upstream))
    await run(nginx.port)
  }

  async function serve(): Promise<{ server: HTTPServer; line: string; accepted: () => number }> {
    let count = 0
    class CountingServer extends HTTPServer {
      override handleStream(...args: Parameters<HTTPServer['handleStream']>): void {
        count++
        super.handleStream(...args)
      }
    }
    const server = new CountingServer(interopRouter(), { xheaders: ['127.0.0.1', 'unix'] })
    server.listen(0, { address: '127.0.0.1' })
    const { port } = await server.bound
    return { server, line: `server 127.0.0.1:${port};`, accepted: () => count }
  }

  it('hands requests on over connections that it keeps', async () => {
    const { server, line, accepted } = await serve()
    await using _ = server
    await behindNginx([line], async (port) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 8 })
      const answers = await Promise.all(
        Array.from({ length: 400 }, async () => (await ask(port, '/hello', { agent })).body.toString()),
      )
      expect(new Set(answers)).toEqual(new Set(['Hello, world']))
      expect(accepted()).toBeLessThanOrEqual(8)
      agent.destroy()
    })
  })

  it('tells the client and its protocol', async () => {
    const { server, line } = await serve()
    await using _ = server
    await behindNginx([line], async (port) => {
      const headers = { 'X-Forwarded-For': '6.6.6.6', 'X-Scheme': 'https', 'X-Real-Ip': '6.6.6.6' }
      const seen = JSON.parse((await ask(port, '/seen', { headers })).body.toString()) as Seen
      // nginx was told to set X-Real-Ip to the client's address: what the client says is not believed.
      expect([seen.remoteIp, seen.protocol, seen.version]).toEqual(['127.0.0.1', 'http', 'HTTP/1.1'])
    })
  })

  it('streams uploads and downloads', async () => {
    const { server, line } = await serve()
    await using _ = server
    await behindNginx([line], async (port) => {
      const body = Buffer.alloc(20_000_000, 'up and away ')
      const expected = `20000000 ${sha1(body)}`
      const fixed = await ask(port, '/upload', { body, headers: { 'Content-Length': String(body.length) } })
      const chunked = await ask(port, '/upload', { body, headers: { 'Transfer-Encoding': 'chunked' } })
      expect([fixed.body.toString(), chunked.body.toString()]).toEqual([expected, expected])
      expect((await ask(port, '/stream/5000')).body.toString()).toBe(streamed(5000))
    })
  })

  it('answers of every kind come through', async () => {
    const { server, line } = await serve()
    await using _ = server
    await behindNginx([line], async (port) => {
      expect((await ask(port, '/hello', { method: 'HEAD' })).status).toBe(200)
      expect((await ask(port, '/not-modified')).status).toBe(304)
      expect((await ask(port, '/until-close')).body.toString()).toBe('to the end')
      expect((await ask(port, '/missing')).status).toBe(404)
      expect((await ask(port, '/refuse', { body: Buffer.from('hello') })).status).toBe(417)
    })
  })

  it('comes over a Unix socket', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'interop-'))
    const path = join(folder, 'server.sock')
    {
      await using server = new HTTPServer(interopRouter(), { xheaders: ['unix'] })
      server.addSocket(await bindUnixSocket(path, { mode: 0o666 }))
      await behindNginx([`server unix:${path};`], async (port) => {
        const seen = JSON.parse((await ask(port, '/seen')).body.toString()) as Seen
        expect(seen.remoteIp).toBe('127.0.0.1')
      })
    }
    await rm(folder, { recursive: true })
  })

  describe('a restart of one of two servers', () => {
    it('fails no request', async () => {
      const [old, other] = [await serve(), await serve()]
      await using _ = other.server
      await behindNginx([old.line, other.line], async (port) => {
        const agent = new Agent({ keepAlive: true, maxSockets: 32 })
        let goOn = true
        let count = 0
        const statuses = new Set<number>()
        const clients = Array.from({ length: 32 }, async () => {
          while (goOn) {
            // A POST is not sent twice, so it must not be lost.
            const { status } = await ask(port, '/seen', { agent, body: Buffer.from('a=1') })
            statuses.add(status)
            count++
          }
        })
        while (count < 500) await ask(port, '/hello', { agent })
        await old.server.close()
        const before = count
        while (count < before + 200) await ask(port, '/hello', { agent })
        goOn = false
        await Promise.all(clients)
        expect(statuses).toEqual(new Set([200]))
        agent.destroy()
      })
    })
  })
})

function configuration(port: number, upstream: readonly string[]): string {
  return `
    client_max_body_size 0;
    upstream backend { ${upstream.join(' ')} keepalive 64; }
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass http://backend;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host $host;
        proxy_set_header X-Real-Ip $remote_addr;
        proxy_set_header X-Scheme $scheme;
        proxy_request_buffering off;
        proxy_buffering off;
      }
    }
  `
}

async function ask(
  port: number,
  path: string,
  {
    method,
    headers = {},
    body = Buffer.alloc(0),
    agent,
  }: { method?: string; headers?: Record<string, string>; body?: Buffer; agent?: Agent } = {},
): Promise<{ status: number; body: Buffer }> {
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    path,
    method: method ?? (body.length > 0 ? 'POST' : 'GET'),
    headers,
    ...(agent === undefined ? {} : { agent }),
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const chunks = (await response.toArray()) as Buffer[]
  return { status: response.statusCode!, body: Buffer.concat(chunks) }
}

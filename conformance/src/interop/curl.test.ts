import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { bindUnixSocket } from '@tornado-ts/iostream/netutil'
import { HTTPServer } from '@tornado-ts/httpserver'
import { Application, EventSourceHandler } from '@tornado-ts/web'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { interopRouter, interopServer, sha1, streamed, type Seen } from './application.ts'
import { describeWith, findProgram, run, type Ended } from './programs.ts'

describeWith('curl', findProgram('curl'), (program) => {
  async function curl(args: readonly string[], input?: string | Uint8Array): Promise<Ended> {
    // Options of the user's own would change what is tested.
    const ended = await run(
      program,
      ['-q', '-sS', '--noproxy', '*', ...args],
      input === undefined ? {} : { input },
    )
    expect([ended.stderr, ended.status]).toEqual(['', 0])
    return ended
  }

  const text = async (...args: string[]): Promise<string> => (await curl(args)).stdout.toString()
  const seen = async (...args: string[]): Promise<Seen> => JSON.parse(await text(...args)) as Seen

  describe('requests', () => {
    it('GET, its head and its body', async () => {
      await using serving = await interopServer()
      expect(await text('-i', `http://127.0.0.1:${serving.port}/hello`)).toBe(
        'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello, world',
      )
      expect(await text('-I', `http://127.0.0.1:${serving.port}/hello`)).toContain(
        'Content-Length: 12\r\n\r\n',
      )
    })

    it('several on one connection', async () => {
      await using serving = await interopServer()
      const url = `http://127.0.0.1:${serving.port}`
      const counts = await text('-w', ' %{num_connects}\n', `${url}/hello`, `${url}/stream/1`, `${url}/hello`)
      expect(counts.match(/ [0-9]+$/gm)).toEqual([' 1', ' 0', ' 0'])
    })

    it('HTTP/1.0, with and without keep-alive', async () => {
      await using serving = await interopServer()
      const url = `http://127.0.0.1:${serving.port}`
      expect((await seen('--http1.0', `${url}/seen`)).version).toBe('HTTP/1.0')
      expect(await text('--http1.0', `${url}/stream/50`)).toBe(streamed(50))
      const kept = await text(
        '--http1.0',
        '-H',
        'Connection: keep-alive',
        '-w',
        ' %{num_connects}\n',
        `${url}/hello`,
        `${url}/hello`,
      )
      expect(kept).toBe('Hello, world 1\nHello, world 0\n')
    })

    it('forms, with and without files', async () => {
      await using serving = await interopServer()
      const url = `http://127.0.0.1:${serving.port}/seen`
      expect((await seen('-d', 'a=1&b=2', url)).names).toEqual(['a', 'b'])
      expect((await seen('-F', 'a=1', '-F', 'file=@/dev/null;filename=x.txt', url)).names).toEqual([
        'a',
        'file',
      ])
    })

    it('an upload whose length is not known, from standard input', async () => {
      await using serving = await interopServer()
      const body = Buffer.alloc(10_000_000, 'chunked ')
      const { stdout } = await curl(['-T', '-', `http://127.0.0.1:${serving.port}/upload`], body)
      expect(stdout.toString()).toBe(`10000000 ${sha1(body)}`)
    })

    it('compressed answers', async () => {
      await using serving = await interopServer()
      const url = `http://127.0.0.1:${serving.port}/gzip`
      const plain = await text(url)
      expect(await text('--compressed', url)).toBe(plain)
      expect(await text('--compressed', '-i', url)).toContain('Content-Encoding: gzip\r\n')
    })

    it('that offer to go over to HTTP/2', async () => {
      await using serving = await interopServer()
      const { version, fields } = await seen('--http2', `http://127.0.0.1:${serving.port}/seen`)
      expect([version, fields.some(([name]) => name === 'Upgrade')]).toEqual(['HTTP/1.1', true])
    })

    it('in parallel', async () => {
      await using serving = await interopServer()
      const url = `http://127.0.0.1:${serving.port}/stream/[10-59]`
      const bodies = await text('--no-progress-meter', '--parallel', '--parallel-max', '50', url)
      const total = Array.from({ length: 50 }, (_, i) => (i + 10) * 1000).reduce((sum, size) => sum + size)
      expect(bodies.length).toBe(total)
    })
  })

  describe('Expect: 100-continue', () => {
    // curl would wait for a minute before it sends a body without being told to.
    const waiting = ['-H', 'Expect: 100-continue', '--expect100-timeout', '60']

    it('is answered with 100', async () => {
      await using serving = await interopServer()
      const { stdout } = await curl(
        [...waiting, '-T', '-', `http://127.0.0.1:${serving.port}/upload`],
        'hello',
      )
      expect(stdout.toString()).toBe(`5 ${sha1('hello')}`)
    })

    it('is answered with 417 by an application that does not want it, and nothing is sent', async () => {
      await using serving = await interopServer()
      const args = ['-w', ' %{http_code} %{size_upload}', '-d', 'hello']
      const output = await text(...waiting, ...args, `http://127.0.0.1:${serving.port}/refuse`)
      expect(output).toBe('not today 417 0')
    })

    it('is answered with 413 when the body is too large', async () => {
      using _log = expectLog(genLog, 'Malformed HTTP message', { level: 'info' })
      await using serving = await interopServer({ maxBodySize: 3 })
      const args = ['-w', ' %{http_code}', '-d', 'hello']
      const output = await text(...waiting, ...args, `http://127.0.0.1:${serving.port}/seen`)
      expect(output).toMatch(/ 413$/)
    })
  })

  describe('answers before the end of an upload', () => {
    it('can be read', async () => {
      using _log = expectLog(genLog, 'Malformed HTTP message', { level: 'info' })
      await using serving = await interopServer({ maxBodySize: 1000 })
      const folder = await mkdtemp(join(tmpdir(), 'interop-'))
      const file = join(folder, 'large')
      await writeFile(file, Buffer.alloc(20_000_000))
      const args = ['-H', 'Expect:', '-w', ' %{http_code}', '-T', file]
      expect(await text(...args, `http://127.0.0.1:${serving.port}/seen`)).toMatch(/ 413$/)
      expect(await text(...args, `http://127.0.0.1:${serving.port}/refuse`)).toBe('not today 417')
      await rm(folder, { recursive: true })
    })
  })

  describe('server-sent events', () => {
    class Events extends EventSourceHandler {
      override async open(): Promise<void> {
        const first = Number(this.lastEventId ?? 0) + 1
        for (let id = first; id < first + 3; id++) await this.send({ id: String(id), data: { id } })
        if (this.getArgument('stay', '') === '') this.close()
      }
    }
    const application = new Application([['/events', Events]], { logFunction: () => {} })
    const three = (first: number): string =>
      [0, 1, 2].map((i) => `id: ${first + i}\ndata: {"id":${first + i}}\n\n`).join('')

    it('to their end, and on from the last one', async () => {
      await using server = application.listen(0, { address: '127.0.0.1' })
      const url = `${await server.url()}/events`
      const answer = await text('-i', url)
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Content-Type: text\/event-stream\r\n/)
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(three(1))
      expect(await text('-H', 'Last-Event-ID: 7', url)).toBe(three(8))
    })

    it('compressed', async () => {
      const rules = [['/events', Events]] as const
      const encoding = new Application(rules, { compressResponse: true, logFunction: () => {} })
      await using server = encoding.listen(0, { address: '127.0.0.1' })
      const answer = await text('--compressed', '-i', `${await server.url()}/events`)
      expect(answer).toContain('Content-Encoding: ')
      expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(three(1))
    })

    it('as they come, until the server closes', async () => {
      const server = application.listen(0, { address: '127.0.0.1' })
      const child = spawn(program, ['-q', '-sSN', '--noproxy', '*', `${await server.url()}/events?stay=1`])
      const ended = once(child, 'close')
      let received = ''
      for await (const chunk of child.stdout) {
        received += String(chunk)
        // Nothing but the close ends the answer.
        if (received === three(1)) void server.close({ graceMs: 2 ** 30, idleGraceMs: 2 ** 30 })
      }
      expect([received, await ended]).toEqual([three(1), [0, null]])
      await server[Symbol.asyncDispose]()
    })
  })

  describe('other ways in', () => {
    it('TLS', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'interop-'))
      const file = join(folder, 'authority.pem')
      await writeFile(file, testAuthority().cert)
      const { cert, key } = localhostCertificate()
      await using serving = await interopServer({ sslOptions: { cert, key } })
      const url = `https://127.0.0.1:${serving.port}`
      expect((await seen('--cacert', file, `${url}/seen`)).protocol).toBe('https')
      expect(await text('--cacert', file, `${url}/stream/200`)).toBe(streamed(200))
      await rm(folder, { recursive: true })
    })

    it('a Unix socket', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'interop-'))
      const path = join(folder, 'server.sock')
      {
        await using server = new HTTPServer(interopRouter())
        server.addSocket(await bindUnixSocket(path))
        expect((await seen('--unix-socket', path, 'http://anything/seen')).remoteIp).toBe('0.0.0.0')
      }
      await rm(folder, { recursive: true })
    })

    it('the PROXY protocol', async () => {
      await using serving = await interopServer({ proxyProtocol: { trusted: ['127.0.0.1'] } })
      const { remoteIp } = await seen('--haproxy-protocol', `http://127.0.0.1:${serving.port}/seen`)
      expect(remoteIp).toBe('127.0.0.1')
    })
  })
})

import { SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { describeWith, end, findProgram } from '../interop/programs.ts'
import { pythonTornadoVersion } from '../interop/python.ts'
import { engines } from './engines.ts'
import { answer, RawServer } from './raw-server.ts'

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when somebody accepts on the port. */
async function accepting(port: number, program: ChildProcess): Promise<void> {
  while (program.exitCode === null) {
    const socket = connect(port, '127.0.0.1')
    const connected = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    socket.destroy()
    if (connected) return
  }
  throw new Error(`Nobody accepts on port ${port}`)
}

/** Runs with a program that listens on a port, and a folder of its own. */
async function withProgram(
  start: (port: number, folder: string) => Promise<ChildProcess> | ChildProcess,
  run: (port: number) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'clients-'))
  const port = await unusedPort()
  const program = await start(port, folder)
  try {
    await accepting(port, program)
    await run(port)
  } finally {
    await end(program)
    await rm(folder, { recursive: true })
  }
}

const tornadoProgram = `
import sys
import tornado.ioloop
import tornado.web

class Echo(tornado.web.RequestHandler):
    def get(self):
        self.write(self.request.method + " " + self.get_argument("q", ""))
    def post(self):
        self.write("%d %s" % (len(self.request.body), self.request.headers.get("Transfer-Encoding", "length")))

class Large(tornado.web.RequestHandler):
    async def get(self):
        for _ in range(40):
            self.write("x" * 50000)
            await self.flush()

tornado.web.Application([
    ("/", Echo),
    ("/large", Large),
    ("/to", tornado.web.RedirectHandler, {"url": "/?q=there"}),
], compress_response=True).listen(int(sys.argv[1]), "127.0.0.1")
tornado.ioloop.IOLoop.current().start()
`

describeWith('Python Tornado', pythonTornadoVersion === null ? null : '/usr/bin/python3', (python) => {
  it('answers to a client that keeps its connections', async () => {
    await withProgram(
      (port) => spawn(python, ['-c', tornadoProgram, String(port)], { stdio: 'ignore' }),
      async (port) => {
        await using client = new SimpleAsyncHTTPClient()
        const url = `http://127.0.0.1:${port}`
        const texts = await Promise.all(
          Array.from({ length: 200 }, async (_, index) => (await client.fetch(`${url}/?q=${index}`)).text()),
        )
        expect(texts).toEqual(Array.from({ length: 200 }, (_, index) => `GET ${index}`))
        expect((await client.fetch(`${url}/to`)).text()).toBe('GET there')
        const large = await client.fetch(`${url}/large`)
        expect([large.body.length, large.headers.get('X-Consumed-Content-Encoding')]).toEqual([
          2_000_000,
          'gzip',
        ])
        const body = 'y'.repeat(1_000_000)
        expect((await client.fetch(`${url}/`, { method: 'POST', body })).text()).toBe('1000000 length')
        const bodyProducer = async (write: (chunk: string) => Promise<void>): Promise<void> => {
          for (let i = 0; i < 10; i++) await write(body)
        }
        expect((await client.fetch(`${url}/`, { method: 'POST', bodyProducer })).text()).toBe(
          '10000000 chunked',
        )
        expect((await client.fetch(`${url}/missing`, { raiseError: false })).code).toBe(404)
      },
    )
  })
})

describeWith('nginx', findProgram('nginx'), (program) => {
  it.each(engines)('$name: keep-alive with its hint, gzip, ranges, TLS, HTTP/2 by curl', async (engine) => {
    const securePort = await unusedPort()
    const start = async (port: number, folder: string): Promise<ChildProcess> => {
      const { cert, key } = localhostCertificate()
      await mkdir(join(folder, 'www'))
      await writeFile(join(folder, 'www/text.txt'), 'hello '.repeat(10_000))
      await writeFile(join(folder, 'cert.pem'), cert)
      await writeFile(join(folder, 'key.pem'), key)
      await writeFile(join(folder, 'nginx.conf'), nginxConfiguration(folder, port, securePort))
      const args = ['-e', join(folder, 'error.log'), '-p', folder, '-c', join(folder, 'nginx.conf')]
      return spawn(program, args, { stdio: 'ignore' })
    }
    await withProgram(start, async (port) => {
      await using client = engine.create({ defaults: { allowIpv6: false } })
      const caCerts = testAuthority().certfile
      for (const url of [`http://127.0.0.1:${port}/text.txt`, `https://localhost:${securePort}/text.txt`]) {
        // Ten requests a connection are what it grants.
        for (let i = 0; i < 25; i++) {
          const response = await client.fetch(url, { caCerts })
          expect(response.body.length).toBe(60_000)
          expect(response.headers.get('X-Consumed-Content-Encoding')).toBe('gzip')
        }
        const range = await client.fetch(url, {
          caCerts,
          headers: { Range: 'bytes=0-4' },
          decompressResponse: false,
        })
        expect([range.code, range.text()]).toEqual([206, 'hello'])
        const modified = range.headers.get('Last-Modified')!
        const options = { caCerts, ifModifiedSince: Date.parse(modified), raiseError: false }
        expect((await client.fetch(url, options)).code).toBe(304)
        expect((await client.fetch(url, { caCerts, method: 'HEAD' })).body.length).toBe(0)
      }
      const lines: string[] = []
      const url = `https://localhost:${securePort}/text.txt`
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          await client.fetch(url, { caCerts, headerCallback: (line) => void lines.push(line) })
        }),
      )
      const version = engine.name === 'CurlAsyncHTTPClient' ? 'HTTP/2' : 'HTTP/1.1'
      expect(lines.filter((line) => line.startsWith(`${version} 200`))).toHaveLength(8)
      const old = client.fetch(`http://127.0.0.1:${securePort}/`, { raiseError: false })
      expect((await old).code).toBe(400)
    })
  })
})

function nginxConfiguration(folder: string, port: number, securePort: number): string {
  return `
    daemon off;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes 1;
    pid ${folder}/nginx.pid;
    error_log ${folder}/error.log;
    events { worker_connections 256; }
    http {
      access_log off;
      client_body_temp_path ${folder}/body;
      proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi;
      scgi_temp_path ${folder}/scgi;
      types { text/plain txt; }
      gzip on;
      gzip_types text/plain;
      keepalive_requests 10;
      keepalive_timeout 5s 5s;
      server {
        listen 127.0.0.1:${port};
        listen 127.0.0.1:${securePort} ssl http2;
        ssl_certificate ${folder}/cert.pem;
        ssl_certificate_key ${folder}/key.pem;
        root ${folder}/www;
      }
    }
  `
}

describeWith('microsocks', findProgram('microsocks'), (program) => {
  it.each(engines)('$name: connects by name, by address, and with a password', async ({ create }) => {
    await using server = await RawServer.start(({ field }) => answer(field('Host')!))
    await using client = create()
    const start =
      (...args: string[]) =>
      (port: number): ChildProcess =>
        spawn(program, ['-i', '127.0.0.1', '-p', String(port), ...args], { stdio: 'ignore' })
    await withProgram(start(), async (port) => {
      for (const [protocol, host] of [
        ['socks5h', 'localhost'],
        ['socks5', '127.0.0.1'],
      ]) {
        const response = await client.fetch(`http://${host}:${server.port}/`, {
          proxy: `${protocol}://127.0.0.1:${port}`,
        })
        expect(response.text()).toBe(`${host}:${server.port}`)
      }
    })
    await withProgram(start('-u', 'name', '-P', 'word'), async (port) => {
      const url = server.url()
      expect((await client.fetch(url, { proxy: `socks5h://name:word@127.0.0.1:${port}` })).code).toBe(200)
      await expect(client.fetch(url, { proxy: `socks5h://name:no@127.0.0.1:${port}` })).rejects.toThrow(
        /refused|rejected|acceptable/,
      )
      await expect(client.fetch(url, { proxy: `socks5h://127.0.0.1:${port}` })).rejects.toThrow(
        /refused|rejected|acceptable/,
      )
    })
  })
})

describeWith('tinyproxy', findProgram('tinyproxy'), (program) => {
  it('tunnels and forwards, with basic authentication', async () => {
    await using server = await RawServer.start(({ field }) => answer(field('Proxy-Authorization') ?? 'plain'))
    await using client = new SimpleAsyncHTTPClient()
    const start = async (port: number, folder: string): Promise<ChildProcess> => {
      const file = join(folder, 'tinyproxy.conf')
      await writeFile(
        file,
        `Port ${port}\nListen 127.0.0.1\nBasicAuth name word\nTimeout 60\nLogFile "${folder}/log"\n`,
      )
      return spawn(program, ['-d', '-c', file], { stdio: 'ignore' })
    }
    await withProgram(start, async (port) => {
      const proxy = `http://name:word@127.0.0.1:${port}`
      for (let i = 0; i < 3; i++) expect((await client.fetch(server.url(), { proxy })).text()).toBe('plain')
      const wrong = await client.fetch(server.url(), { proxy: `http://127.0.0.1:${port}`, raiseError: false })
      expect(wrong.code).toBe(407)
      await expect(
        client.fetch('https://127.0.0.1:1/', { proxy: `http://name:no@127.0.0.1:${port}` }),
      ).rejects.toThrow(/refused a tunnel .*HTTP 40[17]/)
    })
  })
})

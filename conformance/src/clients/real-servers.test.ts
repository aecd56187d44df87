import { SimpleAsyncHTTPClient } from '@tornado-ts/httpclient'
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { startNginx } from '../interop/nginx.ts'
import { describeWith, findProgram } from '../interop/programs.ts'
import { pythonTornadoVersion } from '../interop/python.ts'
import { SpawnedServer, unusedPort } from '../interop/spawned-server.ts'
import { engines } from './engines.ts'

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
  it.each(engines)(
    '$name: requests and answers of every kind, over connections that are kept',
    async (engine) => {
      await using server = await SpawnedServer.start((port) =>
        spawn(python, ['-c', tornadoProgram, String(port)], { stdio: 'ignore' }),
      )
      await using client = engine.create()
      const url = `http://127.0.0.1:${server.port}`
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

describeWith('nginx', findProgram('nginx'), (program) => {
  const { certfile: caCerts } = testAuthority()
  const { certfile: clientCert, keyfile: clientKey } = localhostCertificate()

  it.each(engines)('$name: keep-alive with its hint, gzip, ranges, TLS, HTTP/2 by curl', async (engine) => {
    const securePort = await unusedPort()
    await using nginx = await startNginx(program, async (port, folder) => {
      await mkdir(join(folder, 'www'))
      await writeFile(join(folder, 'www/text.txt'), 'hello '.repeat(10_000))
      return `
        types { text/plain txt; }
        gzip on;
        gzip_types text/plain;
        keepalive_requests 10;
        keepalive_timeout 5s 5s;
        server {
          listen 127.0.0.1:${port};
          listen 127.0.0.1:${securePort} ssl http2;
          ${certificateLines()}
          root ${folder}/www;
        }
      `
    })
    await using client = engine.create()
    for (const url of [
      `http://127.0.0.1:${nginx.port}/text.txt`,
      `https://127.0.0.1:${securePort}/text.txt`,
    ]) {
      // Ten requests a connection are what it grants.
      for (let i = 0; i < 25; i++) {
        const response = await client.fetch(url, { caCerts })
        expect(response.body.length).toBe(60_000)
        expect(response.headers.get('X-Consumed-Content-Encoding')).toBe('gzip')
      }
      const headers = { Range: 'bytes=0-4' }
      const range = await client.fetch(url, { caCerts, headers, decompressResponse: false })
      expect([range.code, range.text()]).toEqual([206, 'hello'])
      const modified = range.headers.get('Last-Modified')!
      const options = { caCerts, ifModifiedSince: Date.parse(modified), raiseError: false }
      expect((await client.fetch(url, options)).code).toBe(304)
      expect((await client.fetch(url, { caCerts, method: 'HEAD' })).body.length).toBe(0)
    }
    const lines: string[] = []
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        await client.fetch(`https://127.0.0.1:${securePort}/text.txt`, {
          caCerts,
          headerCallback: (line) => void lines.push(line),
        })
      }),
    )
    const version = engine.name === 'CurlAsyncHTTPClient' ? 'HTTP/2' : 'HTTP/1.1'
    expect(lines.filter((line) => line.startsWith(`${version} 200`))).toHaveLength(8)
    const old = client.fetch(`http://127.0.0.1:${securePort}/`, { raiseError: false })
    expect((await old).code).toBe(400)
  })

  it.each(engines)('$name: client certificates, where some must be shown', async ({ create }) => {
    await using nginx = await startNginx(
      program,
      (port) => `
        server {
          listen 127.0.0.1:${port} ssl;
          ${certificateLines()}
          ssl_client_certificate ${caCerts};
          ssl_verify_client on;
          location / { return 200 "$ssl_client_verify $ssl_client_s_dn"; }
        }
      `,
    )
    await using client = create()
    const url = `https://127.0.0.1:${nginx.port}/`
    const shown = { caCerts, clientCert, clientKey }
    for (let i = 0; i < 2; i++) {
      expect((await client.fetch(url, shown)).text()).toBe('SUCCESS CN=localhost')
      const nobody = await client.fetch(url, { caCerts, raiseError: false })
      expect([nobody.code, nobody.text().includes('No required SSL certificate')]).toEqual([400, true])
    }
  })

  it('a further connection takes up a session of TLS', async () => {
    await using nginx = await startNginx(
      program,
      (port) => `
        keepalive_timeout 0;
        server {
          listen 127.0.0.1:${port} ssl;
          ${certificateLines()}
          location / { return 200 $ssl_session_reused; }
        }
      `,
    )
    await using client = new SimpleAsyncHTTPClient()
    const texts: string[] = []
    for (let i = 0; i < 3; i++)
      texts.push((await client.fetch(`https://127.0.0.1:${nginx.port}/`, { caCerts })).text())
    expect(texts).toEqual(['.', 'r', 'r'])
  })
})

function certificateLines(): string {
  const { certfile, keyfile } = localhostCertificate()
  return `ssl_certificate ${certfile}; ssl_certificate_key ${keyfile};`
}

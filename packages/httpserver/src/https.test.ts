import { HTTPHeaders, ResponseStartLine } from '@tornado-ts/httputil'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type ConnectionOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import {
  authority,
  clientCertificate,
  localhostCertificate,
  otherCertificate,
} from '../fixtures/certificates.ts'
import { answer, answerJson } from '../fixtures/delegates.ts'
import { listening } from '../fixtures/listening.ts'
import { RawClient } from '../fixtures/raw-client.ts'
import { HTTPServer, type HTTPServerOptions } from './http-server.ts'

const sslOptions: NonNullable<HTTPServerOptions['sslOptions']> = { ...localhostCertificate }
const describeRequest = answerJson(({ protocol, remoteIp, body }) => [protocol, remoteIp, body.length])

function openTls(port: number, options: ConnectionOptions = {}): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', ca: authority, ...options })
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject)
      resolve(new RawClient(socket))
    })
  })
}

describe('HTTP over TLS', () => {
  it('B-server-006 is served, and is https', async () => {
    await using serving = await listening(describeRequest, { sslOptions })
    await using client = await openTls(serving.port)
    for (let i = 0; i < 2; i++) {
      expect(JSON.parse((await client.get('/')).body)).toEqual(['https', '127.0.0.1', 0])
    }
    expect(await serving.server.url()).toBe(`https://127.0.0.1:${serving.port}`)
  })

  it('B-server-006 is what the option says', async () => {
    await using serving = await listening(describeRequest, { sslOptions, protocol: 'http' })
    await using client = await openTls(serving.port)
    expect(JSON.parse((await client.get('/')).body)).toEqual(['http', '127.0.0.1', 0])
  })

  it('B-server-003 stays https unless a proxy says otherwise', async () => {
    await using serving = await listening(describeRequest, { sslOptions, xheaders: true })
    await using client = await openTls(serving.port)
    const protocols: unknown[] = []
    for (const fields of [{}, { 'X-Scheme': 'unknown' }, { 'X-Scheme': 'http' }, {}]) {
      protocols.push(
        (JSON.parse((await client.get('/', fields as Record<string, string>)).body) as unknown[])[0],
      )
    }
    expect(protocols).toEqual(['https', 'https', 'http', 'https'])
  })

  it('takes large bodies and sends large answers', async () => {
    const size = 1024 * 1024
    await using serving = await listening(
      ({ body, connection }) => answer(connection!, body.toString('latin1').toUpperCase()),
      { sslOptions },
    )
    await using client = await openTls(serving.port)
    client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n${'a'.repeat(size)}`)
    expect((await client.response()).body).toBe('A'.repeat(size))
  })

  it('answers a malformed request like any other', async () => {
    await using serving = await listening(describeRequest, { sslOptions })
    await using client = await openTls(serving.port)
    client.send('GET / HTTP/1.1\r\nHost : x\r\n\r\n')
    expect(await client.response()).toMatchObject({ status: 400 })
    expect(await client.rest()).toBe('')
  })

  it('ends with a notice when the response has no length', async () => {
    await using serving = await listening(
      ({ connection }) => {
        void connection!.writeHeaders(
          new ResponseStartLine('HTTP/1.1', 200, 'OK'),
          new HTTPHeaders(),
          'until the end',
        )
        connection!.finish()
      },
      { sslOptions },
    )
    await using client = await openTls(serving.port)
    client.send('GET / HTTP/1.0\r\n\r\n')
    expect((await client.response()).body).toBe('until the end')
    client.end()
    expect(await client.closed).toBeNull()
  })

  it('closes gracefully', async () => {
    await using serving = await listening(describeRequest, { sslOptions })
    await using client = await openTls(serving.port)
    await client.get('/')
    const closing = serving.server.close()
    await new Promise((resolve) => serving.server.closing.addEventListener('abort', resolve))
    expect((await client.get('/')).headers.get('connection')).toBe('close')
    client.end()
    await closing
    expect(serving.server.connectionCount).toBe(0)
  })
})

describe('what is no TLS', () => {
  it('B-server-009 is closed with one warning and no stack', async () => {
    using log = expectLog(genLog, 'SSL Error', { level: 'warning' })
    await using serving = await listening(describeRequest, { sslOptions })
    await using client = await RawClient.open(serving.port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    await client.closed
    expect([log.matched, log.loggedStack]).toEqual([1, false])
    expect(client.waiting).not.toContain('HTTP')
    await using good = await openTls(serving.port)
    expect((await good.get('/')).status).toBe(200)
  })
})

describe('certificates', () => {
  it('of a client are shown to the application', async () => {
    await using serving = await listening(
      answerJson((request) => request.getSslCertificate()?.subject.CN ?? null),
      { sslOptions: { ...sslOptions, ca: authority, certReqs: 'optional' } },
    )
    await using known = await openTls(serving.port, { ...clientCertificate })
    expect((await known.get('/')).body).toBe('"A client"')
    await using unknown = await openTls(serving.port)
    expect((await unknown.get('/')).body).toBe('null')
  })

  it('are chosen by the name that the client asks for', async () => {
    await using serving = await listening(describeRequest, {
      sslOptions: { ...sslOptions, sniContexts: { 'other.test': { ...otherCertificate } } },
    })
    await using other = await openTls(serving.port, { servername: 'other.test' })
    await using local = await openTls(serving.port, { servername: 'localhost' })
    expect((await other.get('/')).status).toBe(200)
    expect((await local.get('/')).status).toBe(200)
  })

  it('that change on disk are used for new connections; those that are open go on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'httpserver-'))
    const [certfile, keyfile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const install = async ({ cert, key }: typeof localhostCertificate): Promise<void> => {
      await writeFile(keyfile, key)
      await writeFile(certfile, cert)
    }
    await install(localhostCertificate)
    await using serving = await listening(describeRequest, {
      sslOptions: { certfile, keyfile, reloadCheckMs: 0 },
    })
    await using before = await openTls(serving.port, { servername: 'localhost' })
    await before.get('/')
    await install(otherCertificate)
    using _log = expectLog(genLog, 'Loaded the changed TLS certificate', { level: 'info' })
    await using after = await openTls(serving.port, { servername: 'other.test' })
    expect((await after.get('/')).status).toBe(200)
    expect((await before.get('/')).status).toBe(200)
    await rm(folder, { recursive: true })
  })

  it('B-server-008 must be there, and must be readable, when the server is made', () => {
    expect(() => new HTTPServer(() => {}, { sslOptions: {} })).toThrow('needs the TLS option certfile')
    expect(() => new HTTPServer(() => {}, { sslOptions: { keyfile: 'x' } })).toThrow(TypeError)
    expect(() => new HTTPServer(() => {}, { sslOptions: { certfile: '/nowhere/cert.pem' } })).toThrow(
      'Cannot read /nowhere/cert.pem for TLS',
    )
    expect(
      () => new HTTPServer(() => {}, { sslOptions: { ...sslOptions, key: otherCertificate.key } }),
    ).toThrow('Cannot use the certificate and its key')
  })
})

import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  localhostCertificate,
  testAuthority,
  type Certificate,
} from '../../../../scripts/vitest/certificates.ts'
import { SSLIOStream } from '../stream/io-stream.ts'
import { SSLContext, sslOptionsToContext } from './ssl-context.ts'
import type { SSLOptions } from './ssl-options.ts'
import { TCPServer } from '../tcp/tcp-server.ts'

const { certfile, keyfile, cert, key } = localhostCertificate()
const caCerts = testAuthority().certfile
const folder = mkdtempSync(join(tmpdir(), 'ssl-context-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Puts a certificate where a server has its own, as a renewal does. */
function install({ certfile: newCert, keyfile: newKey }: Certificate, name: string): SSLOptions {
  const files = { certfile: join(folder, `${name}.crt`), keyfile: join(folder, `${name}.key`) }
  copyFileSync(newKey, files.keyfile)
  copyFileSync(newCert, files.certfile)
  // However coarse the clock of the file system is.
  touchCount++
  for (const file of Object.values(files)) utimesSync(file, touchCount, touchCount)
  return files
}
let touchCount = 1

/** The serial number of the certificate that the server shows, over a new connection. */
async function shownSerial(server: TCPServer, serverHostname = 'localhost'): Promise<string> {
  const { port } = await server.bound
  const stream = new SSLIOStream(null, { sslOptions: { caCerts } })
  await stream.connect({ host: '127.0.0.1', port }, { serverHostname })
  const { serialNumber } = stream.socket.getPeerCertificate()
  stream.close()
  return serialNumber
}

class QuietServer extends TCPServer {
  override handleStream(): void {}
}

describe('sslOptionsToContext', () => {
  it('B-net-012 takes the options there are and no others', () => {
    const context = sslOptionsToContext(
      {
        certfile,
        keyfile,
        caCerts,
        certReqs: 'optional',
        ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256',
        sslVersion: 'TLSv1.2',
      },
      { serverSide: true },
    )
    expect(context).toBeInstanceOf(SSLContext)
    expect(context.secureContext.context).toBeDefined()
    expect(() => sslOptionsToContext({ certFile: 'x' } as SSLOptions)).toThrow(
      new TypeError('Unknown TLS option certFile'),
    )
    expect(() => sslOptionsToContext({ certReqs: 'maybe' as 'none' })).toThrow(
      new TypeError('Unknown value of the TLS option certReqs: maybe'),
    )
    expect(() => sslOptionsToContext({ ciphers: 'NONSENSE' })).toThrow(
      'Cannot use the certificate and its key',
    )
    expect(() => sslOptionsToContext({ certfile, keyfile: '/missing.key' })).toThrow(
      'Cannot read /missing.key',
    )
  })

  it('B-net-012 a client offers no compression', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const stream = new SSLIOStream()
    const connected = stream.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
    const [socket] = (await once(server, 'connection')) as [Socket]
    const [hello] = (await once(socket, 'data')) as [Buffer]
    // RFC 8446 §4.1.2: record and message head, version, random, then vectors: session, cipher suites, compression.
    let at = 5 + 4 + 2 + 32
    at += 1 + hello[at]!
    at += 2 + hello.readUInt16BE(at)
    expect([...hello.subarray(at, at + 2)]).toEqual([1, 0])
    stream.close()
    await expect(connected).rejects.toThrow('Stream is closed')
    socket.destroy()
    server.close()
  })

  it('B-net-013 the side decides what must be there, and what is checked', () => {
    expect(() => sslOptionsToContext({}, { serverSide: true })).toThrow(
      'A server needs the TLS option certfile',
    )
    const client = sslOptionsToContext({}, { serverSide: false })
    expect(client.serverSide).toBe(false)
    expect(client.connectionOptions('example.com')).toMatchObject({
      rejectUnauthorized: true,
      servername: 'example.com',
    })
    const either = sslOptionsToContext({ certfile, keyfile })
    expect(either.serverSide).toBeUndefined()
    expect(either.connectionOptions('example.com.').servername).toBe('example.com')
    expect(either.connectionOptions('127.0.0.1').servername).toBeUndefined()
    expect(() => either.connectionOptions(undefined)).toThrow('without serverHostname')
    expect(new SSLContext({ certReqs: 'none' }).connectionOptions(undefined).rejectUnauthorized).toBe(false)
  })

  it('takes certificates as text and keys with a passphrase', () => {
    expect(new SSLContext({ cert, key, ca: [testAuthority().cert] }, { serverSide: true }).generation).toBe(0)
    expect(() => new SSLContext({ cert, key: 'nonsense' }, { serverSide: true })).toThrow('Cannot use')
  })
})

describe('reloading', () => {
  it('connections get the new certificate once the files have changed', async () => {
    const [first, second] = [1, 2].map(() => testAuthority().issue(['localhost'])) as [
      Certificate,
      Certificate,
    ]
    const files = install(first, 'renewed')
    await using server = new QuietServer({ sslOptions: { ...files, reloadCheckMs: 0 } })
    server.listen(0, { address: '127.0.0.1' })
    const before = await shownSerial(server)
    expect(await shownSerial(server)).toBe(before)
    install(second, 'renewed')
    const after = await shownSerial(server)
    expect(after).not.toBe(before)
    expect(await shownSerial(server)).toBe(after)
    expect(server.sslContext!.generation).toBe(1)
  })

  it('connections that are open go on with the old one', async () => {
    const [first, second] = [1, 2].map(() => testAuthority().issue(['localhost'])) as [
      Certificate,
      Certificate,
    ]
    const accepted = Promise.withResolvers<SSLIOStream>()
    class KeepingServer extends TCPServer {
      override handleStream(stream: SSLIOStream): void {
        accepted.resolve(stream)
      }
    }
    await using server = new KeepingServer({ sslOptions: { ...install(first, 'open'), reloadCheckMs: 0 } })
    server.listen(0, { address: '127.0.0.1' })
    const { port } = await server.bound
    const stream = new SSLIOStream(null, { sslOptions: { caCerts } })
    await stream.connect({ host: 'localhost', port })
    const peer = await accepted.promise
    install(second, 'open')
    await shownSerial(server)
    await peer.write('still here')
    expect(String(await stream.readBytes(10))).toBe('still here')
    stream.close()
  })

  it('a broken certificate is reported once and the old one stays', async () => {
    const files = install(testAuthority().issue(['localhost']), 'broken')
    await using server = new QuietServer({ sslOptions: { ...files, reloadCheckMs: 0 } })
    server.listen(0, { address: '127.0.0.1' })
    const before = await shownSerial(server)
    using expected = expectLog(
      'tornado.general',
      'Cannot load the changed TLS certificate; the old one stays in use',
    )
    writeFileSync(files.certfile!, 'no certificate')
    expect(await shownSerial(server)).toBe(before)
    expect(await shownSerial(server)).toBe(before)
    expect(expected.matched).toBe(1)
    expect(expected.records[0]!.error).toMatchObject({
      message: expect.stringContaining('Cannot use the') as string,
    })
    // The certificate is there, its key is not yet.
    const next = testAuthority().issue(['localhost'])
    copyFileSync(next.certfile, files.certfile!)
    expect(await shownSerial(server)).toBe(before)
    expect(expected.matched).toBe(2)
    rmSync(files.keyfile!)
    expect(await shownSerial(server)).toBe(before)
    expect(expected.matched).toBe(3)
    install(next, 'broken')
    expect(await shownSerial(server)).not.toBe(before)
    expect(expected.matched).toBe(3)
  })

  it('the certificates of names are loaded anew as well', async () => {
    const files = install(testAuthority().issue(['chat.example']), 'chat')
    const sslOptions = { certfile, keyfile, sniContexts: { 'chat.example': { ...files, reloadCheckMs: 0 } } }
    await using server = new QuietServer({ sslOptions })
    server.listen(0, { address: '127.0.0.1' })
    const before = await shownSerial(server, 'chat.example')
    install(testAuthority().issue(['chat.example']), 'chat')
    expect(await shownSerial(server, 'chat.example')).not.toBe(before)
  })

  it('reload loads at once, other options too, or throws and changes nothing', async () => {
    await using server = new QuietServer({ sslOptions: { certfile, keyfile, reloadCheckMs: Infinity } })
    server.listen(0, { address: '127.0.0.1' })
    const before = await shownSerial(server)
    const context = server.sslContext!
    expect(() => context.reload({ certfile: '/missing.pem' })).toThrow('Cannot read /missing.pem')
    expect(() => context.reload({})).toThrow('A server needs the TLS option certfile')
    expect(await shownSerial(server)).toBe(before)
    context.reload()
    expect(await shownSerial(server)).toBe(before)
    const next = testAuthority().issue(['localhost'])
    context.reload({ cert: next.cert, key: next.key })
    expect(await shownSerial(server)).not.toBe(before)
    expect(context.generation).toBe(2)
    // The rules change with the certificate.
    const chat = new SSLContext(testAuthority().issue(['chat.example']), { serverSide: true })
    context.reload({ certfile, keyfile, alpnProtocols: ['h2'], sniContexts: { 'chat.example': chat } })
    const { port } = await server.bound
    const stream = new SSLIOStream(null, { sslOptions: { caCerts, alpnProtocols: ['h2'] } })
    await stream.connect({ host: '127.0.0.1', port }, { serverHostname: 'chat.example' })
    expect(stream.alpnProtocol).toBe('h2')
    stream.close()
  })

  it('files are not looked at more often than asked for', async () => {
    const files = install(testAuthority().issue(['localhost']), 'rarely')
    await using server = new QuietServer({ sslOptions: { ...files, reloadCheckMs: 3_600_000 } })
    server.listen(0, { address: '127.0.0.1' })
    const before = await shownSerial(server)
    install(testAuthority().issue(['localhost']), 'rarely')
    expect(await shownSerial(server)).toBe(before)
  })
})

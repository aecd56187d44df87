import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { chmod } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it } from 'vitest'
import { makeFileTree } from '../../test/file-tree.ts'
import { serve } from '../../test/serve.ts'
import {
  getAndHead,
  lastModified,
  openFiles,
  quiet,
  robots,
  serveTree,
  sha512,
} from '../../test/static-tree.ts'
import { Application, type ApplicationRule } from '../application.ts'
import { StaticFileHandler } from './static-file-handler.ts'

describe('a file', () => {
  it('B-static-004 B-static-016 comes with these headers in this order, to HEAD too', async () => {
    await using tree = await makeFileTree({ 'robots.txt': robots })
    await using served = await serveTree(tree)
    const { status, lines, body } = await getAndHead(served, '/files/robots.txt')
    expect([status, body]).toEqual([200, robots])
    expect(lines.map((line) => line.replace(/^(Server|Date): .*/, '$1'))).toEqual([
      'Server',
      'Content-Type: text/plain; charset=UTF-8',
      'Date',
      'Accept-Ranges: bytes',
      `Etag: "${sha512(robots)}"`,
      `Last-Modified: ${lastModified}`,
      'Content-Length: 26',
      'Connection: close',
    ])
  })

  it('B-static-004 B-static-005 may be kept for ten years when asked for by a version, of whatever value', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    await using served = await serveTree(tree)
    const before = Date.now()
    const { lines, headers } = await getAndHead(served, '/files/a.txt?v=anything')
    expect(headers['cache-control']).toBe('max-age=315360000')
    const expiresMs = Date.parse(headers['expires']!)
    expect(expiresMs).toBeGreaterThanOrEqual(before + 315_360_000_000 - 1000)
    expect(expiresMs).toBeLessThanOrEqual(Date.now() + 315_360_000_000)
    const names = lines.map((line) => line.slice(0, line.indexOf(':')))
    expect(names.slice(3, 8)).toEqual(['Accept-Ranges', 'Etag', 'Last-Modified', 'Expires', 'Cache-Control'])
    const plain = await served.fetch('GET', '/files/a.txt?w=1')
    expect([plain.headers['cache-control'], plain.headers['expires']]).toEqual([undefined, undefined])
  })

  it('never changes when it is asked for by its own version', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    await using served = await serveTree(tree)
    const { headers } = await served.fetch('GET', `/files/a.txt?v=${sha512('a')}`)
    expect(headers['cache-control']).toBe('max-age=315360000, immutable')
  })

  it('B-static-001 B-static-002 has the SHA-512 of its content as tag, as long as it is that', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'one' })
    await using served = await serveTree(tree)
    const etag = async (): Promise<string | undefined> =>
      (await served.fetch('GET', '/files/a.txt')).headers['etag']
    expect(await etag()).toBe(`"${sha512('one')}"`)
    await tree.write('a.txt', 'two')
    expect(await etag()).toBe(`"${sha512('two')}"`)
  })

  it('B-static-018 of any size comes whole', async () => {
    const bytes = Buffer.alloc(3 * 262_144 + 17)
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE(at, Math.min(at, bytes.length - 4))
    await using tree = await makeFileTree({
      'big.bin': bytes,
      'exact.bin': bytes.subarray(0, 262_144),
      empty: '',
    })
    await using served = await serveTree(tree)
    const big = await getAndHead(served, '/files/big.bin')
    expect(big.headers['content-length']).toBe(String(bytes.length))
    expect(sha512(Buffer.from(big.body, 'latin1'))).toBe(sha512(bytes))
    expect(big.headers['etag']).toBe(`"${sha512(bytes)}"`)
    expect((await served.fetch('GET', '/files/exact.bin')).body.length).toBe(262_144)
    const empty = await getAndHead(served, '/files/empty')
    expect([empty.status, empty.body, empty.headers['content-length']]).toEqual([200, '', '0'])
  })

  it('B-static-018 is closed when a client leaves in the middle', async () => {
    const ended = Promise.withResolvers<void>()
    class Watched extends StaticFileHandler {
      override async get(path: string): Promise<void> {
        try {
          await super.get(path)
        } finally {
          if (path === 'big.bin') ended.resolve()
        }
      }
    }
    await using tree = await makeFileTree({ 'big.bin': Buffer.alloc(20_000_000), 'a.txt': 'a' })
    await using served = await serveTree(tree, {}, Watched)
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET /files/big.bin HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    socket.destroy()
    await ended.promise
    if (process.platform === 'linux') expect(openFiles()).not.toContain(join(tree.root, 'big.bin'))
    expect((await served.fetch('GET', '/files/a.txt')).body).toBe('a')
  })

  it('B-static-017 has the type of its ending; unlike in Tornado text says that it is UTF-8', async () => {
    const types = {
      'a.html': 'text/html; charset=UTF-8',
      'a.css': 'text/css; charset=UTF-8',
      'a.JS': 'text/javascript; charset=UTF-8',
      'a.svg': 'image/svg+xml',
      'sample.xml': 'text/xml',
      'sample.xml.gz': 'application/gzip',
      'sample.xml.bz2': 'application/octet-stream',
      'a.unheard-of': 'application/octet-stream',
      noending: 'application/octet-stream',
    }
    await using tree = await makeFileTree(Object.fromEntries(Object.keys(types).map((name) => [name, 'x'])))
    await using served = await serveTree(tree)
    for (const [name, type] of Object.entries(types))
      expect((await served.fetch('GET', `/files/${name}`)).headers['content-type'], name).toBe(type)
  })

  it('B-static-019 answers GET and HEAD alone', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    await using served = await serveTree(tree)
    const { status, headers } = await served.fetch('POST', '/files/a.txt')
    expect([status, headers['allow']]).toEqual([405, expect.stringMatching(/^GET, HEAD(?:, OPTIONS)?$/)])
  })

  it('may be named by a group with a name, and its directory by a URL', async () => {
    await using tree = await makeFileTree({ 'a b.txt': 'a' })
    const rule: ApplicationRule = ['/f/(?<file>.*)', StaticFileHandler, { path: pathToFileURL(tree.root) }]
    await using served = await serve(new Application([rule], quiet))
    expect((await served.fetch('GET', '/f/a%20b.txt')).body).toBe('a')
  })

  it('needs a directory', async () => {
    await using served = await serve(new Application([['/(.*)', StaticFileHandler]], quiet))
    using expected = expectLog('tornado.application', /Uncaught exception/)
    expect((await served.fetch('GET', '/a')).status).toBe(500)
    expect(String(expected.records[0]?.error)).toContain('A StaticFileHandler needs a path')
  })
})

describe('what is not served', () => {
  it('B-static-006 B-static-007 is 403 out of the root and for what is no file, 404 when it is missing', async () => {
    await using tree = await makeFileTree({ 'sub/index.html': 'i', 'a.txt': 'a' })
    await tree.write('../static_secret/s.txt', 'secret')
    await using served = await serveTree(tree)
    using expected = expectLog(genLog, /is not/)
    expect((await served.fetch('GET', '/files/missing.txt')).status).toBe(404)
    expect((await served.fetch('GET', '/files/a.txt/deeper')).status).toBe(404)
    for (const path of ['sub', 'sub/', '', '../static_secret/s.txt', '../../', '/etc/passwd'])
      expect((await served.fetch('GET', `/files/${path}`)).status, path).toBe(403)
    expect(expected.records.map(({ message }) => message)).toContain(
      `403 GET /files/sub (127.0.0.1): "sub" is not a file`,
    )
  })

  it('B-static-007 a root of / holds all', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    const rule: ApplicationRule = ['/root(.*)', StaticFileHandler, { path: '/' }]
    await using served = await serve(new Application([rule], quiet))
    expect((await served.fetch('GET', `/root${tree.root}/a.txt`)).body).toBe('a')
  })

  it.skipIf(process.getuid?.() === 0)('is 403 when it cannot be read', async () => {
    await using tree = await makeFileTree()
    await chmod(await tree.write('a.txt', 'a'), 0)
    await using served = await serveTree(tree)
    using _expected = expectLog(genLog, /Cannot read/)
    expect((await served.fetch('GET', '/files/a.txt')).status).toBe(403)
  })
})

describe('a directory', () => {
  it('B-static-008 has a default file, at the URL with a slash', async () => {
    await using tree = await makeFileTree({ 'dir/index.html': 'index', 'index.html': 'root', 'plain/a': '' })
    await using served = await serveTree(tree, { defaultFilename: 'index.html' })
    const redirected = await served.fetch('GET', '/files/dir')
    expect([redirected.status, redirected.headers['location']]).toEqual([301, '/files/dir/'])
    const { status, body, headers } = await served.fetch('GET', '/files/dir/')
    expect([status, body, headers['content-type']]).toEqual([200, 'index', 'text/html; charset=UTF-8'])
    expect((await served.fetch('GET', '/files/')).body).toBe('root')
    expect((await served.fetch('GET', '/files/plain/')).status).toBe(404)
    expect((await served.fetch('GET', '/files/dir/index.html/')).status).toBe(404)
  })
})

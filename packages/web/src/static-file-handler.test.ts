import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { chmod, rm, symlink } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { makeFileTree, type FileTree } from '../test/file-tree.ts'
import { serve, type Served } from '../test/serve.ts'
import { Application, type ApplicationRule } from './application.ts'
import { StaticFileHandler } from './static-file-handler.ts'
import type { StaticFileOptions } from './static-rule.ts'
import type { StaticHandlerClass } from './static-url.ts'
import type { StaticContent } from './static-version.ts'

const quiet = { logFunction: (): void => {} }
const robots = 'User-agent: *\nDisallow: /\n'
const sha512 = (content: string | Uint8Array): string => createHash('sha512').update(content).digest('hex')
const lastModified = 'Sun, 02 Feb 2020 20:20:20 GMT'

function serveTree(
  tree: FileTree,
  options: Partial<StaticFileOptions> = {},
  handler: StaticHandlerClass = StaticFileHandler,
): Promise<Served> {
  const rules: ApplicationRule[] = [['/files/(.*)', handler, { path: tree.root, ...options }]]
  return serve(new Application(rules, quiet))
}

/** The paths of all files that this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      // The directory that is being read is among them.
      return []
    }
  })
}

/** GET and HEAD, which must agree in all but the body; HEAD knows no ranges. */
async function getAndHead(
  served: Served,
  path: string,
  headers: Record<string, string> = {},
): ReturnType<Served['fetch']> {
  const got = await served.fetch('GET', path, { headers })
  const head = await served.fetch('HEAD', path, { headers })
  const { Range: range, ...others } = headers
  const whole = range === undefined ? got : await served.fetch('GET', path, { headers: others })
  const timeless = (lines: readonly string[]): string[] =>
    lines.filter((line) => !/^(?:Date|Expires)/.test(line))
  expect([head.statusLine, timeless(head.lines), head.body]).toEqual([
    whole.statusLine,
    timeless(whole.lines),
    '',
  ])
  return got
}

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
    for (const path of ['sub', 'sub/', '', '../static_secret/s.txt', '../', '/etc/passwd'])
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

describe('conditions', () => {
  it('B-static-009 If-None-Match decides alone; without it, If-Modified-Since', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    await using served = await serveTree(tree)
    const etag = `"${sha512('a')}"`
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await getAndHead(served, '/files/a.txt', headers)).status
    expect(await status({ 'If-None-Match': etag })).toBe(304)
    expect(await status({ 'If-None-Match': `"x", W/${etag}` })).toBe(304)
    expect(await status({ 'If-None-Match': '*' })).toBe(304)
    expect(await status({ 'If-None-Match': '"x"', 'If-Modified-Since': lastModified })).toBe(200)
    expect(await status({ 'If-Modified-Since': lastModified })).toBe(304)
    expect(await status({ 'If-Modified-Since': 'Sun, 02 Feb 2020 20:20:19 GMT' })).toBe(200)
    expect(await status({ 'If-Modified-Since': 'Sun, 02 Feb 2020 20:20:20' })).toBe(304)
    expect(await status({ 'If-Modified-Since': 'Sun Feb  2 21:00:00 2020' })).toBe(304)
    expect(await status({ 'If-Modified-Since': '!nv@l!d' })).toBe(200)
    expect(await status({ 'If-Modified-Since': 'Fri, 01 Jan 1960 00:00:00 GMT' })).toBe(200)
  })

  it('B-static-009 an answer of 304 has the tag and no body', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    await using served = await serveTree(tree)
    const etag = `"${sha512('a')}"`
    const { lines, body } = await served.fetch('GET', '/files/a.txt?v=1', {
      headers: { 'If-None-Match': etag },
    })
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'Server',
      'Date',
      'Accept-Ranges',
      'Etag',
      'Last-Modified',
      'Expires',
      'Cache-Control',
      'Connection',
    ])
    expect(body).toBe('')
  })

  it('B-static-015 304 wins over a range; unlike in Tornado If-Range holds', async () => {
    await using tree = await makeFileTree({ 'a.txt': '0123456789' })
    await using served = await serveTree(tree)
    const etag = `"${sha512('0123456789')}"`
    const answer = async (headers: Record<string, string>): Promise<[number, string]> => {
      const { status, body } = await getAndHead(served, '/files/a.txt', { Range: 'bytes=1-2', ...headers })
      return [status, body]
    }
    expect(await answer({ 'If-None-Match': etag })).toEqual([304, ''])
    expect(await answer({ 'If-Range': etag })).toEqual([206, '12'])
    expect(await answer({ 'If-Range': lastModified })).toEqual([206, '12'])
    for (const other of ['"x"', `W/${etag}`, 'Sun, 02 Feb 2020 20:20:21 GMT', 'garbage', ''])
      expect(await answer({ 'If-Range': other }), other).toEqual([200, '0123456789'])
  })

  it('If-Match and If-Unmodified-Since refuse another file than the one that is known (RFC 9110 §13.1)', async () => {
    await using tree = await makeFileTree({ 'a.txt': '0123456789' })
    await using served = await serveTree(tree)
    const etag = `"${sha512('0123456789')}"`
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await getAndHead(served, '/files/a.txt', headers)).status
    expect(await status({ 'If-Match': etag })).toBe(200)
    expect(await status({ 'If-Match': `"x", ${etag}`, Range: 'bytes=0-1' })).toBe(206)
    expect(await status({ 'If-Match': '*' })).toBe(200)
    expect(await status({ 'If-Match': '"x"' })).toBe(412)
    expect(await status({ 'If-Match': `W/${etag}`, 'If-None-Match': etag })).toBe(412)
    expect(await status({ 'If-Unmodified-Since': lastModified })).toBe(200)
    expect(await status({ 'If-Unmodified-Since': 'garbage' })).toBe(200)
    expect(await status({ 'If-Unmodified-Since': 'Sun, 02 Feb 2020 20:20:19 GMT' })).toBe(412)
    expect(await status({ 'If-Match': etag, 'If-Unmodified-Since': 'Sun, 02 Feb 2020 20:20:19 GMT' })).toBe(
      200,
    )
    const refused = await served.fetch('GET', '/files/a.txt?v=1', { headers: { 'If-Match': '"x"' } })
    expect([refused.body, refused.headers['content-length'], refused.headers['cache-control']]).toEqual([
      '',
      '0',
      undefined,
    ])
  })

  it('If-Range by a date that is younger than a second does not hold (RFC 9110 §8.8.2.2)', async () => {
    await using tree = await makeFileTree()
    const future = new Date(Date.now() + 60_000)
    await tree.write('a.txt', '0123456789', future)
    await using served = await serveTree(tree)
    const headers = { Range: 'bytes=1-2', 'If-Range': future.toUTCString() }
    expect((await served.fetch('GET', '/files/a.txt', { headers })).status).toBe(200)
  })
})

describe('ranges', () => {
  it('B-static-011 are for GET alone (RFC 9110 §14.2)', async () => {
    await using tree = await makeFileTree({ 'a.txt': '0123456789' })
    await using served = await serveTree(tree)
    for (const range of ['bytes=0-4', 'bytes=0-1,5-6', 'bytes=10-', 'bytes=x']) {
      const { status, headers } = await served.fetch('HEAD', '/files/a.txt', { headers: { Range: range } })
      expect([status, headers['content-range'], headers['content-length']]).toEqual([200, undefined, '10'])
    }
  })

  const digits = '0123456789'

  async function ranges(
    asked: Record<string, string>,
    options: Partial<StaticFileOptions> = {},
    content: string = digits,
  ): Promise<Record<string, string>> {
    await using tree = await makeFileTree({ 'a.txt': content })
    await using served = await serveTree(tree, options)
    const got: Record<string, string> = {}
    for (const range of Object.keys(asked)) {
      const { status, headers, body } = await getAndHead(served, '/files/a.txt', { Range: range })
      got[range] = [status, headers['content-range'], headers['content-length'], body]
        .filter((part) => part !== undefined && part !== '')
        .join(' ')
    }
    return got
  }

  it('B-static-011 B-static-013 a part is 206 with its place; the whole is 200', async () => {
    const asked = {
      'bytes=0-4': '206 bytes 0-4/10 5 01234',
      'bytes=4-': '206 bytes 4-9/10 6 456789',
      'bytes=9-9': '206 bytes 9-9/10 1 9',
      'bytes=4-1000000': '206 bytes 4-9/10 6 456789',
      'bytes=-3': '206 bytes 7-9/10 3 789',
      'bytes=0-': '200 10 0123456789',
      'bytes=0-9': '200 10 0123456789',
      'bytes=0-10': '200 10 0123456789',
      'bytes=-10': '200 10 0123456789',
      'bytes=-5000': '200 10 0123456789',
      'bytes=0-999999999999999999999': '200 10 0123456789',
    }
    expect(await ranges(asked)).toEqual(asked)
  })

  it('B-static-010 B-static-014 malformed headers, signs and blanks are ignored', async () => {
    const asked = Object.fromEntries(
      [
        'chars=0-1',
        'bytes',
        'bytes=',
        'bytes=26',
        'bytes=+1-4',
        'bytes=1_0-',
        'bytes=1 - 4',
        'bytes=a-b',
      ].map((range) => [range, '200 10 0123456789']),
    )
    expect(await ranges(asked)).toEqual(asked)
  })

  it('B-static-012 416 tells the size, keeps what names the file, and says nothing about keeping it', async () => {
    const asked = {
      'bytes=10-': '416 bytes */10 0',
      'bytes=5-2': '416 bytes */10 0',
      'bytes=-0': '416 bytes */10 0',
      'bytes=1000-2000, 30-40': '416 bytes */10 0',
    }
    expect(await ranges(asked)).toEqual(asked)
    await using tree = await makeFileTree({ 'a.css': digits })
    await using served = await serveTree(tree)
    const { lines } = await served.fetch('GET', '/files/a.css?v=1', { headers: { Range: 'bytes=10-' } })
    expect(lines.filter((line) => !/^(?:Server|Date|Connection)/.test(line))).toEqual([
      'Content-Type: text/plain',
      'Accept-Ranges: bytes',
      `Etag: "${sha512(digits)}"`,
      `Last-Modified: ${lastModified}`,
      'Content-Range: bytes */10',
      'Content-Length: 0',
    ])
  })

  it('B-static-012 nothing of an empty file can be had', async () => {
    expect(await ranges({ 'bytes=0-': '', 'bytes=-1': '' }, {}, '')).toEqual({
      'bytes=0-': '416 bytes */0 0',
      'bytes=-1': '416 bytes */0 0',
    })
  })

  it('B-static-010 unlike in Tornado several ranges come as parts of one response (RFC 9110 §14.6)', async () => {
    await using tree = await makeFileTree({
      'a.txt': digits.repeat(100),
      'big.bin': Buffer.alloc(500_000, 'x'),
    })
    await using served = await serveTree(tree)
    const range = 'bytes=0-3, -2, 500-504, 5000-'
    const { status, headers, body } = await getAndHead(served, '/files/a.txt', { Range: range })
    const boundary = /^multipart\/byteranges; boundary=(\w{24})$/.exec(headers['content-type']!)![1]!
    const part = (place: string, bytes: string): string =>
      `--${boundary}\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Range: bytes ${place}/1000\r\n\r\n${bytes}\r\n`
    expect([status, headers['content-range']]).toEqual([206, undefined])
    expect(body).toBe(
      `${part('0-3', '0123') + part('998-999', '89') + part('500-504', '01234')}--${boundary}--\r\n`,
    )
    expect(headers['content-length']).toBe(String(body.length))
    const big = await getAndHead(served, '/files/big.bin', { Range: 'bytes=0-99999,200000-399999' })
    expect([big.status, big.headers['content-length']]).toEqual([206, String(big.body.length)])
    expect(big.body.match(/x/g)!.length).toBe(300_000)
  })

  it('one range is left of several: it needs no parts', async () => {
    const asked = { 'bytes=1-2,50-60': '206 bytes 1-2/10 2 12', 'bytes=1-2,,': '206 bytes 1-2/10 2 12' }
    expect(await ranges(asked)).toEqual(asked)
  })

  it('CVE-2011-3192 the same bytes twice, or too many ranges, are answered with the whole', async () => {
    const whole = '200 10 0123456789'
    const asked = {
      'bytes=0-1,1-2': whole,
      'bytes=0-4,5-9': whole,
      [`bytes=${'0-,'.repeat(500)}0-`]: whole,
      'bytes=0-0,2-2,4-4,6-6': whole,
    }
    expect(await ranges(asked, { maxRanges: 3 })).toEqual(asked)
    expect(await ranges({ 'bytes=0-0,2-2': '' }, { maxRanges: 1 })).toEqual({ 'bytes=0-0,2-2': whole })
  })
})

describe('methods to override', () => {
  class Custom extends StaticFileHandler {
    override validateAbsolutePath(_root: string, absolutePath: string): string {
      return absolutePath
    }
    static override getAbsolutePath(_root: string, path: string): string {
      return `custom:${path}`
    }
    static override getContent(path: string, start?: number, end?: number): StaticContent {
      if (start !== undefined || end !== undefined) throw new Error('asked for a range')
      return path === 'custom:foo.txt' ? Buffer.from('bar') : [Buffer.from('b'), Buffer.from('c')]
    }
    override getContentSize(): number | Promise<number> {
      return this.absolutePath === 'custom:foo.txt' ? 3 : 2
    }
    override getModifiedTime(): null {
      return null
    }
    override getContentType(): string {
      return 'x/y'
    }
    override getCacheTime(): number {
      return 60
    }
    override setExtraHeaders(path: string): void {
      this.setHeader('X-Path', path)
    }
    override parseUrlPath(urlPath: string): string {
      return urlPath.replace(/^v1-/, '')
    }
  }

  it('B-static-019 B-static-020 serve what is no file, without a date', async () => {
    await using tree = await makeFileTree()
    await using served = await serveTree(tree, {}, Custom)
    const { status, headers, body } = await getAndHead(served, '/files/v1-foo.txt')
    expect([status, body]).toEqual([200, 'bar'])
    expect(headers).toMatchObject({
      etag: `"${sha512('bar')}"`,
      'content-type': 'x/y',
      'cache-control': 'max-age=60',
      'x-path': 'foo.txt',
      'content-length': '3',
    })
    expect(headers['last-modified']).toBeUndefined()
    const pieces = await getAndHead(served, '/files/other')
    expect([pieces.body, pieces.headers['etag']]).toEqual(['bc', `"${sha512('bc')}"`])
    const since = { 'If-Modified-Since': new Date().toUTCString() }
    expect((await served.fetch('GET', '/files/foo.txt', { headers: since })).status).toBe(200)
  })

  it('B-static-019 may answer in their own time, and give versions of their own', async () => {
    class Slow extends Custom {
      static override async *getContent(_path: string, start = 0, end = 10): AsyncGenerator<Uint8Array> {
        for (let at = start; at < end; at++) yield Buffer.from(String(at))
      }
      static override getContentVersion(path: string): Promise<string | null> {
        return Promise.resolve(path === 'custom:none' ? null : 'v7')
      }
      override getContentSize(): Promise<number> {
        return Promise.resolve(10)
      }
    }
    await using tree = await makeFileTree()
    await using served = await serveTree(tree, {}, Slow)
    const { headers, body } = await getAndHead(served, '/files/foo.txt')
    expect([body, headers['etag']]).toEqual(['0123456789', '"v7"'])
    expect((await getAndHead(served, '/files/foo.txt', { Range: 'bytes=3-5' })).body).toBe('345')
    expect((await served.fetch('GET', '/files/none')).headers['etag']).toBeUndefined()
  })

  it('B-static-019 getContent may change what files hold: versions follow the files', async () => {
    let asked = 0
    class Upper extends StaticFileHandler {
      static override getContent(path: string): string {
        asked++
        return readFileSync(path, 'utf8').toUpperCase()
      }
    }
    await using tree = await makeFileTree({ 'a.txt': 'one' })
    await using served = await serveTree(tree, {}, Upper)
    const version = (): string | null => Upper.getVersion({ staticPath: tree.root }, 'a.txt')
    const { body, headers } = await served.fetch('GET', '/files/a.txt')
    expect([body, headers['etag'], headers['last-modified'], version()]).toEqual([
      'ONE',
      `"${sha512('ONE')}"`,
      lastModified,
      sha512('ONE'),
    ])
    await tree.write('a.txt', 'two')
    const again = await getAndHead(served, '/files/a.txt')
    expect([again.body, again.headers['etag'], version()]).toEqual([
      'TWO',
      `"${sha512('TWO')}"`,
      sha512('TWO'),
    ])
    expect(asked).toBeGreaterThan(2)
  })

  it('initialize may set the directory, for each request another', async () => {
    class Tenant extends StaticFileHandler {
      override initialize(): void {
        this.root = join(outside, this.request.headers.get('X-Tenant')!)
      }
    }
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    const { outside } = tree
    await tree.write('../other/a.txt', 'other')
    await tree.write('../other/big.bin', Buffer.alloc(100_000))
    await symlink(join(tree.root, 'a.txt'), join(outside, 'other/link.txt'))
    await using served = await serve(new Application([['/(.*)', Tenant]], quiet))
    const status = async (tenant: string, path: string): Promise<number> =>
      (await served.fetch('GET', path, { headers: { 'X-Tenant': tenant } })).status
    using _expected = expectLog(genLog, /is not in root/)
    expect(await status('static', '/a.txt')).toBe(200)
    expect(await status('other', '/a.txt')).toBe(200)
    expect(await status('other', '/big.bin')).toBe(200)
    expect(await status('static', '/big.bin')).toBe(404)
    expect(await status('other', '/link.txt')).toBe(403)
    expect(await status('other', '/../static/a.txt')).toBe(403)
  })

  it('validateAbsolutePath may be called with another root', async () => {
    class Elsewhere extends StaticFileHandler {
      override validateAbsolutePath(root: string, _path: string): string | null | Promise<string | null> {
        const other = join(root, '../other')
        return super.validateAbsolutePath(other, join(other, this.path))
      }
      override get(path: string): Promise<void> {
        return super.get(path)
      }
    }
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    await tree.write('../other/a.txt', 'other')
    await using served = await serveTree(tree, {}, Elsewhere)
    expect((await getAndHead(served, '/files/a.txt')).body).toBe('other')
  })

  it('B-static-019 computeEtag and shouldReturn304 decide what they say', async () => {
    class Never extends StaticFileHandler {
      override computeEtag(): null {
        return null
      }
      override shouldReturn304(): boolean {
        return this.request.headers.has('X-Known')
      }
    }
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    await using served = await serveTree(tree, {}, Never)
    expect((await getAndHead(served, '/files/a.txt')).headers['etag']).toBeUndefined()
    expect((await getAndHead(served, '/files/a.txt', { 'X-Known': '1' })).status).toBe(304)
  })

  it('B-static-019 validateAbsolutePath may send another file', async () => {
    class Localized extends StaticFileHandler {
      override async validateAbsolutePath(root: string, absolutePath: string): Promise<string | null> {
        const path = await super.validateAbsolutePath(root, absolutePath)
        return path === null ? null : join(root, 'fr', 'a.txt')
      }
    }
    await using tree = await makeFileTree({ 'a.txt': 'one', 'fr/a.txt': 'un' })
    await using served = await serveTree(tree, {}, Localized)
    const { body, headers } = await getAndHead(served, '/files/a.txt')
    expect([body, headers['etag']]).toEqual(['un', `"${sha512('un')}"`])
    await rm(join(tree.root, 'fr'), { recursive: true })
    expect((await served.fetch('GET', '/files/a.txt')).status).toBe(404)
  })

  it('content that ends early ends the connection', async () => {
    class Short extends Custom {
      override getContentSize(): number {
        return 100
      }
    }
    await using tree = await makeFileTree()
    await using served = await serveTree(tree, {}, Short)
    using _http = expectLog(genLog, /Cannot complete a response/)
    using _application = expectLog('tornado.application', /.*/, { required: false })
    using _head = expectLog(genLog, /Cannot send error response/, { required: false })
    const both = 'GET /files/x HTTP/1.1\r\nHost: a\r\n\r\nGET /files/y HTTP/1.1\r\nHost: a\r\n\r\n'
    const answer = await served.exchange(both)
    expect(answer).toContain('Content-Length: 100')
    expect(answer.endsWith('bc')).toBe(true)
  })
})

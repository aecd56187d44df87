import { mkdir, open, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { once } from 'node:events'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { makeFileTree, type FileTree } from '../../test/file-tree.ts'
import { serve, type Served } from '../../test/serve.ts'
import { Application, type ApplicationRule } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import { StaticFileHandler } from './static-file-handler.ts'
import type { StaticFileOptions } from './static-rule.ts'

const quiet = { logFunction: (): void => {} }

/** root/a.txt, root/sub/index.html, and what must not be seen beside it. */
async function makeTree(): Promise<FileTree> {
  const tree = await makeFileTree({
    'a.txt': 'served',
    'sub/index.html': 'index',
    'admin/secret': 'guarded',
    'r.bin': Buffer.alloc(1000, 'r'),
  })
  await tree.write('../static_secret/s.txt', 'SECRET')
  await tree.write('../out/index.html', 'SECRET')
  return tree
}

function serveAt(
  pattern: string,
  tree: FileTree,
  options: Partial<StaticFileOptions> = {},
  rules: ApplicationRule[] = [],
): Promise<Served> {
  const rule: ApplicationRule = [pattern, StaticFileHandler, { path: tree.root, ...options }]
  return serve(new Application([...rules, rule], quiet))
}

const refused = { level: 'warning', required: false } as const

describe('out of the root', () => {
  const paths = [
    '../static_secret/s.txt',
    '..%2fstatic_secret/s.txt',
    '..%2Fstatic_secret%2Fs.txt',
    '%2e%2e/static_secret/s.txt',
    '%2e%2e%2fstatic_secret/s.txt',
    '..%5cstatic_secret%5cs.txt',
    '..\\static_secret\\s.txt',
    '%252e%252e/static_secret/s.txt',
    '....//static_secret/s.txt',
    '..././static_secret/s.txt',
    'sub/../../static_secret/s.txt',
    './../static_secret/s.txt',
    '/etc/passwd',
    '%2fetc/passwd',
    '//etc/passwd',
    'C:/x',
    'C:%5cx',
    '..;/static_secret/s.txt',
    '%c0%ae%c0%ae/static_secret/s.txt',
    '..%00/static_secret/s.txt',
    '../static/../static_secret/s.txt',
    '_secret/s.txt',
  ]

  it.each(['/static/', '/'])(
    'CVE-2023-24334 CVE-2014-6394 CVE-2017-14849 CVE-2023-29159 CVE-2021-22963 CVE-2006-0847 nothing is served, below %s',
    async (prefix) => {
      await using tree = await makeTree()
      await using served = await serveAt(`${prefix}(.*)`, tree)
      using _expected = expectLog(genLog, /is not in root|not UTF-8|Unicode|Invalid/i, refused)
      for (const path of paths) {
        const { status, body } = await served.fetch('GET', prefix + path)
        expect([400, 403, 404], `${prefix}${path}: ${status}`).toContain(status)
        expect(body).not.toContain('SECRET')
        expect(body).not.toContain('root:')
      }
    },
  )

  it('4.2.1: a directory whose name begins with that of the root is not in it', async () => {
    await using tree = await makeTree()
    await using served = await serveAt('/static/(.*)', tree)
    using expected = expectLog(genLog, /is not in root static directory/)
    const paths = [
      '/static/../static_secret/s.txt',
      '/static/..%2fstatic_secret/s.txt',
      '/static/%2e%2e/static_secret/s.txt',
    ]
    for (const path of paths) expect((await served.fetch('GET', path)).status).toBe(403)
    expect(expected.matched).toBe(3)
  })
})

describe('another spelling', () => {
  class Guard extends RequestHandler {
    override get(): void {
      this.setStatus(401)
    }
  }

  it('CVE-2026-29087 CVE-2026-39406 CVE-2026-39407 CVE-2026-6414 CVE-2026-47676 does not lead around a guard', async () => {
    await using tree = await makeTree()
    await using served = await serveAt('/(.*)', tree, {}, [['/admin/.*', Guard]])
    using _expected = expectLog(genLog, /is not/, refused)
    expect((await served.fetch('GET', '/admin/secret')).status).toBe(401)
    const others = [
      '/admin%2Fsecret',
      '/admin%2fsecret',
      '//admin/secret',
      '/./admin/secret',
      '/%2e/admin/secret',
      '/sub/../admin/secret',
      '/sub/%2e%2e/admin/secret',
      '/sub//../admin/secret',
      '/sub/..%2fadmin/secret',
    ]
    for (const path of others) {
      const { status, body } = await served.fetch('GET', path)
      expect([401, 403, 404], `${path}: ${status}`).toContain(status)
      expect(body).not.toContain('guarded')
    }
    // Encoded letters are the same path to both.
    expect((await served.fetch('GET', '/%61.txt')).body).toBe('served')
    expect((await served.fetch('GET', '/sub//index.html')).status).toBe(404)
    expect((await served.fetch('GET', '/a.txt/')).status).toBe(404)
  })

  it('%00, line ends, names without end and bytes that are no text are 404 or 400, and never 500', async () => {
    await using tree = await makeTree()
    await using served = await serveAt('/(.*)', tree, { precompressed: true, defaultFilename: 'index.html' })
    using _expected = expectLog(genLog, /UTF-8|Unicode/i, refused)
    const deep = '/a'.repeat(10_000)
    for (const path of [
      '/a.txt%00.html',
      '/%00',
      '/a.txt%0d%0aX: y',
      `/${'a'.repeat(5000)}`,
      deep,
      '/%',
      '/%zz',
      '/%c0%af',
      '/%ff',
    ]) {
      const answer = await served.fetch('GET', path, { headers: { 'Accept-Encoding': 'gzip' } })
      expect([400, 404], `${path.slice(0, 40)}: ${answer.status}`).toContain(answer.status)
      expect(answer.headers['x']).toBeUndefined()
    }
  })
})

describe('redirects of directories', () => {
  it('CVE-2023-28370 CVE-2015-1164 CVE-2020-28724 CVE-2021-21330 never lead to another host', async () => {
    await using tree = await makeTree()
    await using served = await serveAt('/(.*)', tree, { defaultFilename: 'index.html' })
    using _expected = expectLog(genLog, /is not in root|initial slashes/, refused)
    const redirected = await served.fetch('GET', '/sub')
    expect([redirected.status, redirected.headers['location'], redirected.body]).toEqual([301, '/sub/', ''])
    const others = [
      '//evil.example/%2e%2e/sub',
      '//evil.example/%2e%2e',
      '//sub',
      '///sub',
      '/\\evil.example/sub',
      '/%5cevil.example/sub',
      '/\\sub',
      '/%2fsub',
      '/.//sub',
      '/sub/%2e%2e//evil.example',
    ]
    for (const path of others) {
      const { status, headers } = await served.fetch('GET', path)
      expect([400, 403, 404], `${path}: ${status}`).toContain(status)
      expect(headers['location']).toBeUndefined()
    }
  })

  it('B-static-008 CVE-2023-28370 nor do they with a pattern that takes more than one slash', async () => {
    await using tree = await makeTree()
    await using served = await serveAt('/+(.*)', tree, { defaultFilename: 'index.html' })
    using expected = expectLog(genLog, /cannot redirect path with two initial slashes/)
    const { status, headers } = await served.fetch('GET', '//sub')
    expect([status, headers['location'], expected.matched]).toEqual([403, undefined, 1])
  })
})

describe('links', () => {
  it('CVE-2024-42367 6.5.9 out of the root are 403: files, directories, default files, compressed siblings', async () => {
    await using tree = await makeTree()
    await symlink('../static_secret/s.txt', join(tree.root, 'file.txt'))
    await symlink('../out', join(tree.root, 'dir'))
    await mkdir(join(tree.root, 'def'))
    await symlink('../../out/index.html', join(tree.root, 'def/index.html'))
    await tree.write('a.txt.gz', 'x')
    await rm(join(tree.root, 'a.txt.gz'))
    await symlink('../static_secret/s.txt', join(tree.root, 'a.txt.gz'))
    await using served = await serveAt('/s/(.*)', tree, {
      defaultFilename: 'index.html',
      precompressed: true,
    })
    using _expected = expectLog(genLog, /is not in root static directory/)
    for (const path of ['file.txt', 'dir/index.html', 'dir', 'dir/', 'dir/missing', 'def/'])
      expect((await served.fetch('GET', `/s/${path}`)).status, path).toBe(403)
    const sibling = await served.fetch('GET', '/s/a.txt', { headers: { 'Accept-Encoding': 'gzip' } })
    expect([sibling.status, sibling.headers['content-encoding']]).toEqual([403, undefined])
    expect((await served.fetch('GET', '/s/a.txt')).body).toBe('served')
  })

  it('6.5.9 answers do not tell whether there is something out of the root', async () => {
    await using tree = await makeTree()
    await symlink('../out', join(tree.root, 'there'))
    await symlink('../nowhere', join(tree.root, 'not-there'))
    await using served = await serveAt('/s/(.*)', tree, { defaultFilename: 'index.html' })
    using _expected = expectLog(genLog, /is not in root static directory/)
    for (const path of ['there', 'not-there', 'there/', 'there/x', 'there/index.html'])
      expect((await served.fetch('GET', `/s/${path}`)).status, path).toBe(403)
  })

  it('in the root, and of the root itself, are followed', async () => {
    await using tree = await makeTree()
    await symlink('a.txt', join(tree.root, 'link.txt'))
    await symlink('sub', join(tree.root, 'linked'))
    await symlink(tree.root, join(tree.outside, 'current'))
    const rule: ApplicationRule = ['/s/(.*)', StaticFileHandler, { path: join(tree.outside, 'current') }]
    await using served = await serve(new Application([rule], quiet))
    expect((await served.fetch('GET', '/s/link.txt')).body).toBe('served')
    expect((await served.fetch('GET', '/s/linked/index.html')).body).toBe('index')
    expect((await served.fetch('GET', '/s/linked/x')).status).toBe(404)
  })

  it('a link that is turned to the outside between two requests is 403', async () => {
    await using tree = await makeTree()
    await symlink('a.txt', join(tree.root, 'link.txt'))
    await using served = await serveAt('/s/(.*)', tree)
    using _expected = expectLog(genLog, /is not in root static directory/)
    expect((await served.fetch('GET', '/s/link.txt')).body).toBe('served')
    await symlink('../static_secret/s.txt', join(tree.root, 'new'))
    await rename(join(tree.root, 'new'), join(tree.root, 'link.txt'))
    expect((await served.fetch('GET', '/s/link.txt')).status).toBe(403)
  })

  it('may lead into directories that are allowed', async () => {
    await using tree = await makeTree()
    await symlink('../out', join(tree.root, 'dir'))
    await symlink('../static_secret', join(tree.root, 'secret'))
    const allowedSymlinkDirectory = join(tree.outside, 'out')
    await using served = await serveAt('/s/(.*)', tree, { allowedSymlinkDirectory })
    using _expected = expectLog(genLog, /is not in root static directory/)
    expect((await served.fetch('GET', '/s/dir/index.html')).body).toBe('SECRET')
    expect((await served.fetch('GET', '/s/secret/s.txt')).status).toBe(403)
  })
})

describe('what changes meanwhile', () => {
  it('TOCTOU: a file that is replaced is sent as it is now, with the length and tag of what is sent', async () => {
    await using tree = await makeTree()
    await tree.write('big.bin', Buffer.alloc(100_000, 'a'))
    await using served = await serveAt('/s/(.*)', tree)
    const first = await served.fetch('GET', '/s/big.bin')
    await tree.write('new', Buffer.alloc(120_000, 'b'))
    await rename(join(tree.root, 'new'), join(tree.root, 'big.bin'))
    const second = await served.fetch('GET', '/s/big.bin')
    expect([first.body, second.body]).toEqual(['a'.repeat(100_000), 'b'.repeat(120_000)])
    expect(second.headers['content-length']).toBe('120000')
    expect(second.headers['etag']).not.toBe(first.headers['etag'])
  })

  it('TOCTOU: a file that becomes shorter while it is sent ends the connection', async () => {
    await using tree = await makeTree()
    const size = 64 * 2 ** 20
    const file = await tree.write('big.bin', '')
    await truncate(file, size)
    await using served = await serveAt('/s/(.*)', tree)
    using expected = expectLog('tornado.application', /Uncaught exception/)
    using _closed = expectLog(genLog, /Cannot send error response/)
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET /s/big.bin HTTP/1.1\r\nHost: a\r\n\r\nGET /s/a.txt HTTP/1.1\r\nHost: a\r\n\r\n')
    await once(socket, 'readable')
    // Nothing is read for now, so that the server is far from the end.
    await truncate(file, 1000)
    let received = 0
    let last = ''
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received += chunk.length
      last = chunk.toString('latin1')
    }
    expect(received).toBeLessThan(size)
    expect(last).not.toContain('served')
    expect(String(expected.records[0]?.error)).toContain('were announced')
  })

  it('TOCTOU: a file that grows while it is sent is sent as long as was announced', async () => {
    await using tree = await makeTree()
    const size = 32 * 2 ** 20
    const file = await tree.write('big.bin', '')
    await truncate(file, size)
    await using served = await serveAt('/s/(.*)', tree)
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET /s/big.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await once(socket, 'readable')
    const handle = await open(file, 'a')
    await handle.write(Buffer.alloc(100_000, 'x'))
    await handle.close()
    let received = 0
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      received += chunk.length
      expect(chunk.includes('xxxx')).toBe(false)
    }
    expect(received).toBeGreaterThan(size)
    expect(received).toBeLessThan(size + 1000)
  })

  it.skipIf(process.platform === 'win32')('a pipe is 403, and does not make anybody wait', async () => {
    await using tree = await makeTree()
    execFileSync('mkfifo', [join(tree.root, 'pipe')])
    await using served = await serveAt('/s/(.*)', tree)
    using _expected = expectLog(genLog, /is not a file/)
    expect((await served.fetch('GET', '/s/pipe')).status).toBe(403)
  })
})

describe('headers of an attacker', () => {
  it('CVE-2025-69225 CVE-2011-3192 ranges: no digits but those of ASCII, no memory for what is only claimed', async () => {
    await using tree = await makeTree()
    await using served = await serveAt('/s/(.*)', tree)
    const answer = async (range: string): Promise<unknown[]> => {
      const { status, headers, body } = await served.fetch('GET', '/s/r.bin', { headers: { Range: range } })
      return [status, headers['content-range'], body.length]
    }
    const whole = [200, undefined, 1000]
    const ignored = [
      `bytes=${'0-,'.repeat(500)}`,
      'bytes=+1-4',
      'bytes=1_0-',
      'bytes=',
      'chars=0-1',
      'bytes=\xb2-\xb3',
    ]
    for (const range of [...ignored, 'bytes=-5000', 'bytes=0-999999999999999999999'])
      expect(await answer(range), range).toEqual(whole)
    for (const range of ['bytes=5-2', 'bytes=1000-', 'bytes=-0'])
      expect(await answer(range), range).toEqual([416, 'bytes */1000', 0])
    const request = (lines: string): string =>
      `GET /s/r.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n\r\n`
    const two = await served.exchange(request('Range: bytes=0-1\r\nRange: bytes=2-3'))
    expect(two).toContain(' 200 OK')
    const unicode = request(`Range: bytes=${Buffer.from('١-٢').toString('latin1')}`)
    expect(await served.exchange(unicode)).toContain(' 200 OK')
  })

  it('CVE-2017-16119 long and odd conditions are read in linear time, garbage is ignored', async () => {
    await using tree = await makeTree()
    await using served = await serveAt('/s/(.*)', tree)
    const status = async (headers: Record<string, string>): Promise<number> =>
      (await served.fetch('GET', '/s/a.txt', { headers })).status
    expect(await status({ 'If-None-Match': `${' ,'.repeat(30_000)}"x"` })).toBe(200)
    expect(await status({ 'If-None-Match': `${'"'.repeat(60_000)}` })).toBe(200)
    expect(await status({ 'If-None-Match': 'W/"x", *' })).toBe(200)
    for (const date of ['garbage', String(2 ** 40), 'Sun, 99 Zzz 2020 99:99:99 GMT', '1'.repeat(60_000)])
      expect(await status({ 'If-Modified-Since': date })).toBe(200)
  })

  it('cache poisoning: a version of what is missing is not kept, and compressed content never goes without Vary', async () => {
    await using tree = await makeTree()
    await tree.write('a.txt.gz', 'compressed')
    await using served = await serveAt('/s/(.*)', tree, { precompressed: true })
    const missing = await served.fetch('GET', '/s/missing.txt?v=1')
    expect([missing.status, missing.headers['cache-control'], missing.headers['expires']]).toEqual([
      404,
      undefined,
      undefined,
    ])
    for (const method of ['GET', 'HEAD']) {
      const plain = await served.fetch(method, '/s/a.txt')
      const compressed = await served.fetch(method, '/s/a.txt', { headers: { 'Accept-Encoding': 'gzip' } })
      expect([plain.headers['vary'], compressed.headers['vary']]).toEqual([
        'Accept-Encoding',
        'Accept-Encoding',
      ])
      const headers = { 'If-None-Match': compressed.headers['etag']!, 'Accept-Encoding': 'gzip' }
      const unchanged = await served.fetch(method, '/s/a.txt', { headers })
      expect([unchanged.status, unchanged.headers['vary'], unchanged.body]).toEqual([
        304,
        'Accept-Encoding',
        '',
      ])
    }
  })

  it('CVE-2024-43796 CVE-2024-43800 error pages and redirects hold nothing of the path', async () => {
    await using tree = await makeTree()
    await writeFile(join(tree.root, 'x'), '')
    await mkdir(join(tree.root, '<img src=x>'))
    await using served = await serveAt('/s/(.*)', tree, { defaultFilename: 'index.html' })
    const missing = await served.fetch('GET', '/s/%3Cscript%3Ealert(1)%3C/script%3E')
    expect([missing.status, missing.body.includes('script')]).toEqual([404, false])
    const redirected = await served.fetch('GET', '/s/%3Cimg%20src=x%3E')
    expect([redirected.status, redirected.headers['location'], redirected.body]).toEqual([
      301,
      '/s/%3Cimg%20src=x%3E/',
      '',
    ])
  })
})

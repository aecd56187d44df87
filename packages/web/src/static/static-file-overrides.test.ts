import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { readFileSync } from 'node:fs'
import { rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeFileTree } from '../../test/file-tree.ts'
import { serve } from '../../test/serve.ts'
import { getAndHead, lastModified, quiet, serveTree, sha512 } from '../../test/static-tree.ts'
import { Application } from '../application.ts'
import { StaticFileHandler } from './static-file-handler.ts'
import type { StaticContent } from './static-version.ts'

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

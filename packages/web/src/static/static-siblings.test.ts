import { createHash } from 'node:crypto'
import { brotliCompressSync, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { longAgo, makeFileTree, type FileTree } from '../../test/file-tree.ts'
import { serve, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { StaticFileHandler } from './static-file-handler.ts'
import { acceptableSiblings, siblingEndings } from './static-siblings.ts'
import type { StaticFileOptions } from './static-rule.ts'

const text = 'function hello() {}\n'.repeat(1000)
const files = {
  'a.js': text,
  'a.js.gz': gzipSync(text),
  'a.js.br': brotliCompressSync(text),
  'a.js.zst': zstdCompressSync(text),
  'gz-only.js': text,
  'gz-only.js.gz': gzipSync(text),
  'none.js': text,
}
const sha512 = (content: string | Uint8Array): string => createHash('sha512').update(content).digest('hex')

function serveTree(
  tree: FileTree,
  precompressed: StaticFileOptions['precompressed'] = true,
): Promise<Served> {
  const rule = ['/(.*)', StaticFileHandler, { path: tree.root, precompressed }] as const
  return serve(new Application([rule], { logFunction: () => {} }))
}

describe('precompressed siblings', () => {
  it('are sent by what the client wants most, with the type of the file and their own tag', async () => {
    await using tree = await makeFileTree(files)
    await using served = await serveTree(tree)
    const coding = async (path: string, accept?: string): Promise<string | undefined> => {
      const headers: Record<string, string> = accept === undefined ? {} : { 'Accept-Encoding': accept }
      const answer = await served.fetch('GET', path, { headers })
      expect(answer.headers).toMatchObject({
        vary: 'Accept-Encoding',
        'content-type': 'text/javascript; charset=UTF-8',
        'content-length': String(answer.body.length),
        'last-modified': 'Sun, 02 Feb 2020 20:20:20 GMT',
        etag: `"${sha512(Buffer.from(answer.body, 'latin1'))}"`,
      })
      return answer.headers['content-encoding']
    }
    expect(await coding('/a.js')).toBeUndefined()
    expect(await coding('/a.js', 'gzip, deflate, br, zstd')).toBe('zstd')
    expect(await coding('/a.js', 'gzip, deflate, br')).toBe('br')
    expect(await coding('/a.js', 'gzip')).toBe('gzip')
    expect(await coding('/a.js', 'br;q=0.5, gzip;q=0.9')).toBe('gzip')
    expect(await coding('/a.js', 'br;q=0, *')).toBe('zstd')
    expect(await coding('/a.js', 'identity, gzip;q=0.5')).toBeUndefined()
    expect(await coding('/a.js', 'gzip;q=0')).toBeUndefined()
    expect(await coding('/a.js', 'deflate')).toBeUndefined()
    expect(await coding('/gz-only.js', 'gzip;q=0.1, br')).toBe('gzip')
    expect(await coding('/none.js', 'gzip, br, zstd')).toBeUndefined()
    expect(await coding('/none.js', 'identity;q=0, br')).toBeUndefined()
  })

  it('have ranges, conditions and versions of their own', async () => {
    await using tree = await makeFileTree(files)
    await using served = await serveTree(tree)
    const fetch = (headers: Record<string, string>, query = ''): ReturnType<Served['fetch']> =>
      served.fetch('GET', `/a.js${query}`, { headers: { 'Accept-Encoding': 'gzip', ...headers } })
    const bytes = files['a.js.gz']
    const range = await fetch({ Range: 'bytes=2-5' })
    expect([range.status, range.headers['content-range']]).toEqual([206, `bytes 2-5/${bytes.length}`])
    expect(Buffer.from(range.body, 'latin1')).toEqual(bytes.subarray(2, 6))
    expect((await fetch({ 'If-None-Match': `"${sha512(bytes)}"` })).status).toBe(304)
    expect((await fetch({ 'If-None-Match': `"${sha512(text)}"` })).status).toBe(200)
    const refused = await fetch({ Range: 'bytes=1000000-' })
    expect([refused.status, refused.headers['content-encoding']]).toEqual([416, undefined])
    // The URL names the file, whatever it is sent as.
    const versioned = await fetch({}, `?v=${sha512(text)}`)
    expect(versioned.headers['cache-control']).toBe('max-age=315360000, immutable')
    expect(gunzipSync(Buffer.from(versioned.body, 'latin1')).toString()).toBe(text)
  })

  it('that are older than the file are of another content', async () => {
    await using tree = await makeFileTree(files)
    await tree.write('a.js', 'new', new Date(longAgo.getTime() + 1000))
    await using served = await serveTree(tree)
    const { body, headers } = await served.fetch('GET', '/a.js', { headers: { 'Accept-Encoding': 'gzip' } })
    expect([body, headers['content-encoding'], headers['vary']]).toEqual([
      'new',
      undefined,
      'Accept-Encoding',
    ])
  })

  it('are looked for only when that is wanted, and only those that are', async () => {
    await using tree = await makeFileTree(files)
    const accept = { headers: { 'Accept-Encoding': 'gzip, br, zstd' } }
    await using off = await serveTree(tree, false)
    const plain = await off.fetch('GET', '/a.js', accept)
    expect([plain.headers['content-encoding'], plain.headers['vary']]).toEqual([undefined, undefined])
    await using gz = await serveTree(tree, ['gz', 'br'])
    expect((await gz.fetch('GET', '/a.js', accept)).headers['content-encoding']).toBe('gzip')
    expect((await gz.fetch('GET', '/a.js.br', accept)).headers['content-encoding']).toBeUndefined()
    expect(() => siblingEndings(['lz4' as never])).toThrow(
      new TypeError('No content coding is known for files .lz4'),
    )
  })
})

it('acceptableSiblings orders by weight, then by what this side likes best', () => {
  const all = siblingEndings(true)
  expect(acceptableSiblings('gzip, br, zstd', all)).toEqual(['zst', 'br', 'gz'])
  expect(acceptableSiblings('gzip, br;q=0.9, zstd;q=0.1', all)).toEqual(['gz', 'br', 'zst'])
  expect(acceptableSiblings('*', all)).toEqual(['zst', 'br', 'gz'])
  expect(acceptableSiblings('x-gzip', all)).toEqual(['gz'])
  expect(acceptableSiblings('identity;q=0.5, gzip;q=0.4', all)).toEqual([])
  expect(acceptableSiblings('', all)).toEqual([])
  expect(acceptableSiblings(undefined, all)).toEqual([])
})

import { describe, expect, it } from 'vitest'
import { makeFileTree } from '../../test/file-tree.ts'
import { getAndHead, lastModified, serveTree, sha512 } from '../../test/static-tree.ts'
import type { StaticFileOptions } from './static-rule.ts'

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

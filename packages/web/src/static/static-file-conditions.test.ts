import { describe, expect, it } from 'vitest'
import { makeFileTree } from '../../test/file-tree.ts'
import { getAndHead, lastModified, serveTree, sha512 } from '../../test/static-tree.ts'

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

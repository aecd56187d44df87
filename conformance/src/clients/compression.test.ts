import type { HTTPClientError } from '@tornado-ts/httpclient'
import { gzipSync, brotliCompressSync, deflateSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'vitest'
import { describeEngines, failureOf, fetchFrom } from './engine-suite.ts'
import { answer } from './raw-server.ts'

describeEngines('compression', (test, { create }) => {
  const text = 'hello '.repeat(1000)
  for (const [coding, compress] of [
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ] as const) {
    test(`B-client-026 decompresses ${coding}`, async (client) => {
      const { response, server } = await fetchFrom(client, () =>
        answer(compress(Buffer.from(text)), { fields: `Content-Encoding: ${coding}\r\n` }),
      )
      expect(response.text()).toBe(text)
      expect(response.headers.get('X-Consumed-Content-Encoding')).toBe(coding)
      expect(server.requests[0]!.field('Accept-Encoding')).toContain(coding)
    })
  }

  test('B-client-026 decompressResponse false leaves the bytes as they are', async (client) => {
    const bytes = gzipSync(text)
    const { response, server } = await fetchFrom(
      client,
      () => answer(bytes, { fields: 'Content-Encoding: gzip\r\n' }),
      {
        decompressResponse: false,
        headers: { 'Accept-Encoding': 'gzip' },
      },
    )
    expect(response.body).toEqual(bytes)
    expect(server.requests[0]!.field('Accept-Encoding')).toBe('gzip')
  })

  test('B-client-026 a stream is decompressed, too', async (client) => {
    const chunks: Buffer[] = []
    await fetchFrom(client, () => answer(gzipSync(text), { fields: 'Content-Encoding: gzip\r\n' }), {
      streamingCallback: (chunk) => void chunks.push(chunk),
    })
    expect(Buffer.concat(chunks).toString()).toBe(text)
  })

  test('CVE-2026-49855 GHSA bomb: the limit holds after decompression', async () => {
    await using client = create({ maxBodySize: 1_000_000 })
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const failed = fetchFrom(client, () => answer(bomb, { fields: 'Content-Encoding: gzip\r\n' }))
    const error = await failureOf(failed)
    expect([error.name, (error as HTTPClientError).code]).toEqual(['HTTPProtocolError', 599])
  })

  test('CVE-2026-22036: a chain of codings is not unpacked', async (client) => {
    const fields = `Content-Encoding: ${Array.from({ length: 1000 }, () => 'gzip').join(', ')}\r\n`
    const { response } = await fetchFrom(client, () => answer('packed', { fields }))
    expect(response.text()).toBe('packed')
  })

  test('what is no gzip, or cut short, is an error', async (client) => {
    const fields = 'Content-Encoding: gzip\r\n'
    for (const body of [Buffer.from('no gzip'), gzipSync(text).subarray(0, -10)])
      expect((await failureOf(fetchFrom(client, () => answer(body, { fields })))).name).toBe(
        'HTTPProtocolError',
      )
  })
})

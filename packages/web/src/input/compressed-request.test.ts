import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAnswer, serve, type RawAnswer, type Served } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import { streamRequestBody } from './stream-request-body.ts'

const maxBodySize = 1 << 20

/** What handlers have seen of bodies. */
let seen: (string | number)[] = []

class Whole extends RequestHandler {
  override post(): void {
    seen.push(this.request.body.length)
    this.write(this.getBodyArgument('a', 'none'))
  }
}

class Pieces extends RequestHandler {
  #size = 0

  override dataReceived(chunk: Buffer): void {
    this.#size += chunk.length
    seen.push(this.#size)
  }

  override post(): void {
    this.write(String(this.#size))
  }
}
streamRequestBody(Pieces)

describe('a request whose body is compressed, with decompressRequest', () => {
  let served: Served

  beforeAll(async () => {
    const rules = [
      ['/whole', Whole],
      ['/pieces', Pieces],
    ] as const
    const application = new Application(rules, { logFunction: () => {} })
    served = await serve(application, { decompressRequest: true, maxBodySize })
  })

  afterAll(() => served[Symbol.asyncDispose]())

  async function post(path: string, body: Uint8Array, encoding = 'gzip'): Promise<RawAnswer> {
    seen = []
    const head = [
      `POST ${path} HTTP/1.1`,
      'Host: x',
      'Connection: close',
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Encoding: ${encoding}`,
      `Content-Length: ${body.length}`,
    ]
    const bytes = Buffer.from(body).toString('latin1')
    return parseAnswer(await served.exchange(`${head.join('\r\n')}\r\n\r\n${bytes}`))
  }

  /** The status of one that is refused before its handler runs. */
  async function refused(path: string, body: Uint8Array, encoding?: string): Promise<number> {
    using _logged = expectLog(genLog, /Malformed HTTP message/, { level: 'info' })
    const { status } = await post(path, body, encoding)
    return status
  }

  it('is a form as any other', async () => {
    const codings = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }
    for (const [coding, compress] of Object.entries(codings)) {
      const { status, body } = await post('/whole', compress(`a=${coding}`), coding)
      expect([status, body]).toEqual([200, coding])
    }
    const members = Buffer.concat([gzipSync('a=1'), gzipSync('2')])
    expect((await post('/whole', members)).body).toBe('12')
  })

  it('CVE-2025-69223 CVE-2026-34517 CVE-2026-49855 is limited by what comes out of it', async () => {
    const zeros = Buffer.alloc(32 << 20)
    const half = gzipSync(zeros.subarray(0, maxBodySize / 2 + 1))
    const bombs: [string, Uint8Array][] = [
      ['gzip', gzipSync(zeros)],
      ['deflate', deflateSync(zeros)],
      ['br', brotliCompressSync(zeros)],
      ['zstd', zstdCompressSync(zeros)],
      ['gzip', Buffer.concat([half, half])],
      ['gzip', gzipSync(zeros.subarray(0, maxBodySize + 1))],
    ]
    for (const [coding, bomb] of bombs) {
      expect(bomb.length).toBeLessThan(maxBodySize)
      expect([coding, await refused('/whole', bomb, coding), seen]).toEqual([coding, 413, []])
      expect([coding, await refused('/pieces', bomb, coding)]).toEqual([coding, 413])
      expect(seen.at(-1) ?? 0).toBeLessThanOrEqual(maxBodySize)
    }
    const most = await post('/whole', gzipSync(zeros.subarray(0, maxBodySize)))
    expect([most.status, seen]).toEqual([200, [maxBodySize]])
  })

  it('CVE-2025-69223 in several layers is not decoded, and no form', async () => {
    const twice = gzipSync(gzipSync('a=1'))
    using _logged = expectLog(genLog, /^4\d\d /, { required: false })
    const { status } = await post('/whole', twice, 'gzip, gzip')
    expect([status, seen]).toEqual([400, []])
  })

  it('CVE-2025-69223 that is damaged, cut or has junk behind it is refused', async () => {
    const whole = gzipSync(`a=${'1'.repeat(5000)}`)
    const damaged = Buffer.from(whole)
    damaged[damaged.length - 6]! ^= 1
    for (const body of [damaged, whole.subarray(0, -1), Buffer.concat([whole, Buffer.from('junk')])]) {
      expect([await refused('/whole', body), seen]).toEqual([400, []])
    }
  })
})

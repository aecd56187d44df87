import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { ByteChannel } from './byte-channel.ts'
import { HTTPInputError } from '../errors.ts'
import { multipartBoundary, parseMultipartStream, type MultipartPart } from './multipart-stream.ts'

const contentType = 'multipart/form-data; boundary=B'
const text = [
  '--B\r\nContent-Disposition: form-data; name="title"\r\n\r\nhé\r\n',
  '--B\r\nContent-Disposition: form-data; name="file"; filename="f.bin"\r\nContent-Type: image/png\r\nX-A: 1\r\n\r\n',
  '\r\n--BX\r\n'.repeat(20),
  '\r\n--B\r\nContent-Disposition: form-data; name="last"\r\n\r\n\r\n--B--\r\nepilogue',
].join('')

/** A source of chunks of `size` bytes that tells how many were taken and whether it was ended. */
class Source implements AsyncIterableIterator<Uint8Array> {
  taken = 0
  ended = false
  #rest: Uint8Array
  readonly #size: number

  constructor(body: string, size: number) {
    this.#rest = Buffer.from(body)
    this.#size = size
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#rest.length === 0) return { done: true, value: undefined }
    const value = this.#rest.subarray(0, this.#size)
    this.#rest = this.#rest.subarray(this.#size)
    this.taken++
    return { done: false, value }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.ended = true
    return { done: true, value: undefined }
  }
}

async function readAll(source: AsyncIterable<Uint8Array>): Promise<[string, string | null, string][]> {
  const seen: [string, string | null, string][] = []
  for await (const part of parseMultipartStream(contentType, source))
    seen.push([part.name, part.filename, await part.text()])
  return seen
}

const expected = [
  ['title', null, 'hé'],
  ['file', 'f.bin', '\r\n--BX\r\n'.repeat(20)],
  ['last', null, ''],
]

describe('parseMultipartStream', () => {
  it.each([1, 2, 3, 7, 64, 10_000])('reads parts from chunks of %i bytes', async (size) => {
    const source = new Source(text, size)
    expect(await readAll(source)).toEqual(expected)
    expect(source.ended).toBe(false)
  })

  it('reads from Node and web streams', async () => {
    expect(await readAll(Readable.from([Buffer.from(text)]))).toEqual(expected)
    expect(await readAll(new Blob([text]).stream())).toEqual(expected)
  })

  it('gives heads', async () => {
    const heads: MultipartPart[] = []
    for await (const part of parseMultipartStream(contentType, new Source(text, 5))) heads.push(part)
    expect(heads.map(({ name, filename, contentType: type }) => [name, filename, type])).toEqual([
      ['title', null, null],
      ['file', 'f.bin', 'image/png'],
      ['last', null, null],
    ])
    expect(heads[1]!.headers.get('x-a')).toBe('1')
  })

  it('skips what nobody reads, and the rest of what is half read', async () => {
    const sizes: number[] = []
    for await (const part of parseMultipartStream(contentType, new Source(text, 5))) {
      for await (const chunk of part) {
        sizes.push(chunk.length)
        break
      }
    }
    expect(sizes).toHaveLength(2)
  })

  it('can be piped', async () => {
    const chunks: Buffer[] = []
    for await (const part of parseMultipartStream(contentType, new Source(text, 9))) {
      await pipeline(part, async (source: AsyncIterable<Buffer>) => {
        for await (const chunk of source) chunks.push(chunk)
      })
    }
    expect(Buffer.concat(chunks).toString()).toBe(expected.map(([, , content]) => content).join(''))
  })

  it('takes no chunk before it is needed', async () => {
    const source = new Source(text, 5)
    const parts = parseMultipartStream(contentType, source)
    expect(source.taken).toBe(0)
    await parts.next()
    const headSize = text.indexOf('hé')
    expect(source.taken).toBe(Math.ceil(headSize / 5))
    await parts.return()
    expect(source.ended).toBe(true)
  })

  it('ends the source when the loop is left', async () => {
    const source = new Source(text, 5)
    let left: MultipartPart | undefined
    for await (const part of parseMultipartStream(contentType, source)) {
      left = part
      break
    }
    expect(source.ended).toBe(true)
    await expect(left!.text()).rejects.toThrow(TypeError)
  })

  it('reads a part once, and not after the next was asked for', async () => {
    const parts = parseMultipartStream(contentType, new Source(text, 5))
    const first = (await parts.next()).value!
    expect(await first.text()).toBe('hé')
    expect(await first.text()).toBe('')
    const second = (await parts.next()).value!
    await parts.next()
    await expect(second.bytes()).rejects.toThrow(TypeError)
  })

  it('refuses to be read twice at once', async () => {
    const source = new ByteChannel()
    const parts = parseMultipartStream(contentType, source)
    const pushed = source.push(Buffer.from(text.slice(0, text.indexOf('hé'))))
    const part = (await parts.next()).value!
    const reading = part.text()
    await pushed
    await expect(part.text()).rejects.toThrow(TypeError)
    source.fail(new Error('gone'))
    await expect(reading).rejects.toThrow('gone')
  })
})

describe('errors', () => {
  it.each([
    ['truncated in a part', text.slice(0, text.indexOf('\r\n--BX') + 20)],
    ['truncated in a head', text.slice(0, 20)],
    ['empty', ''],
    ['malformed', text.replace('name="file"', 'nope="file"')],
  ])('a body that is %s is refused, whatever follows', async (_, body) => {
    await expect(readAll(new Source(body, 7))).rejects.toThrow(HTTPInputError)
    const source = new Source(`${body}${'x'.repeat(100)}`, 7)
    await expect(readAll(source)).rejects.toThrow(HTTPInputError)
  })

  it('ends the source after an error of its own', async () => {
    const source = new Source(text.replace('name="file"', 'nope="file"'), 7)
    await expect(readAll(source)).rejects.toThrow(HTTPInputError)
    expect(source.ended).toBe(true)
  })

  it('passes on errors of the source, to the part that is being read', async () => {
    const source = new ByteChannel()
    const reading = readAll(source)
    void source.push(Buffer.from(text.slice(0, 200)))
    source.fail(new Error('connection lost'))
    await expect(reading).rejects.toThrow('connection lost')
  })

  it.each([
    'text/plain',
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary="B "',
    '',
  ])('refuses the content type %j', async (type) => {
    await expect(parseMultipartStream(type, new Source(text, 5)).next()).rejects.toThrow(HTTPInputError)
  })

  it('finds the boundary', () => {
    expect(multipartBoundary('Multipart/Form-Data; charset=utf-8; boundary="a b"')).toBe('a b')
  })

  it('passes on limits', async () => {
    const attempts = [
      { maxParts: 2 },
      { maxPartHeaderSize: 60 },
      { maxPartSize: 10 },
      { maxTotalSize: 200 },
    ].map(async (limits) => {
      const source = new Source(text, 5)
      try {
        for await (const part of parseMultipartStream(contentType, source, limits)) void part
        return 'read'
      } catch (error) {
        return [error instanceof HTTPInputError && error.status, source.ended]
      }
    })
    expect(await Promise.all(attempts)).toEqual([
      [400, true],
      [400, true],
      [413, true],
      [413, true],
    ])
  })

  it('limits what bytes and text keep in memory, and refuses text that is not UTF-8', async () => {
    const source = new Source(text, 5)
    const parts = parseMultipartStream(contentType, source)
    const first = (await parts.next()).value!
    await expect(first.bytes({ maxSize: 2 })).rejects.toMatchObject({ name: 'HTTPInputError', status: 413 })
    const body = Buffer.from('--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--B--', 'latin1')
    await expect(readAll(Readable.from([body]))).rejects.toThrow(HTTPInputError)
  })
})

describe('signal', () => {
  it('ends a wait for bytes', async () => {
    const controller = new AbortController()
    const source = new ByteChannel()
    const reading = parseMultipartStream(contentType, source, { signal: controller.signal }).next()
    controller.abort(new Error('request is gone'))
    await expect(reading).rejects.toThrow('request is gone')
    // The source was ended: what comes now is dropped, not waited for.
    await source.push(Buffer.from(text))
  })

  it('is looked at before reading', async () => {
    const source = new Source(text, 5)
    const reading = parseMultipartStream(contentType, source, {
      signal: AbortSignal.abort(new Error('gone')),
    }).next()
    await expect(reading).rejects.toThrow('gone')
    expect([source.taken, source.ended]).toEqual([0, true])
  })

  it('leaves no listener behind', async () => {
    const { signal } = new AbortController()
    const listeners = new Set<unknown>()
    const add = signal.addEventListener.bind(signal)
    const remove = signal.removeEventListener.bind(signal)
    signal.addEventListener = (type: string, listener: never, options?: never) => {
      listeners.add(listener)
      add(type, listener, options)
    }
    signal.removeEventListener = (type: string, listener: never) => {
      listeners.delete(listener)
      remove(type, listener)
    }
    let parts = 0
    for await (const part of parseMultipartStream(contentType, new Source(text, 5), { signal }))
      if (part.name !== '') parts++
    expect([parts, listeners.size]).toEqual([3, 0])
  })
})

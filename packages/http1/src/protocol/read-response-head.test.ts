import { expect, it } from 'vitest'
import { HTTP1Decoder } from './decoder.ts'
import { readResponseHead } from './read-response-head.ts'

const head =
  'HTTP/1.1 200 Fine\r\nContent-Type: text/plain\r\nX-Folded: a\r\n  b\r\nContent-Length: 3\r\nX-Last: \r\n\r\n'

it('reads a head, and tells where it ends', () => {
  const bytes = Buffer.from(`${head}abcHTTP/1.1 404`, 'latin1')
  const found = readResponseHead(bytes)!
  expect(found.size).toBe(head.length)
  expect(found.head).toMatchObject({
    code: 200,
    reason: 'Fine',
    version: 'HTTP/1.1',
    framing: 3,
    keepAlive: true,
  })
  expect([found.head.fields.fieldCount, found.head.fields.fieldValue(1)]).toEqual([4, 'a b'])
  expect(readResponseHead(bytes, { requestMethod: 'HEAD' })!.head.framing).toBe(0)
})

it('answers null for every beginning of a head, and reads the next all the same', () => {
  for (let size = 0; size < head.length; size++) {
    expect(readResponseHead(Buffer.from(head.slice(0, size)))).toBeNull()
    expect(readResponseHead(Buffer.from(head))!.size).toBe(head.length)
  }
})

it('holds a head to the limits, whatever the limits of the one before', () => {
  const exact = { maxHeaderSize: head.length, maxFieldCount: 4 }
  expect(readResponseHead(Buffer.from(head), exact)!.head.fields.fieldCount).toBe(4)
  expect(() => readResponseHead(Buffer.from(head), { maxHeaderSize: head.length - 1 })).toThrow(
    'Head exceeds',
  )
  expect(() => readResponseHead(Buffer.from(head), { maxFieldCount: 3 })).toThrow('More than 3 header fields')
  expect(readResponseHead(Buffer.from(head))!.head.code).toBe(200)
})

it('says of each changed byte what the decoder says', () => {
  for (let at = 0; at < head.length; at++) {
    for (const byte of [0x00, 0x0a, 0x0d, 0x20, 0x3a, 0x41, 0x7f, 0xff]) {
      const bytes = Buffer.from(head)
      bytes[at] = byte
      const read = outcome(() => readResponseHead(bytes)?.head ?? null)
      const decoder = new HTTP1Decoder({ role: 'client' })
      decoder.receive(bytes)
      expect([at, byte, read]).toEqual([at, byte, outcome(() => decoder.next())])
    }
  }
})

function outcome(read: () => unknown): unknown {
  try {
    const head = read()
    return head === null ? null : { ...head, fields: { ...(head as { fields: object }).fields } }
  } catch (error) {
    return String(error)
  }
}

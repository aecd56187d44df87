import { splits } from '@tornado-ts/iostream/memory'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FastCGIProtocolError } from '../errors.ts'
import { CGIHeadDecoder, parseCGIHead } from './cgi-head.ts'
import { encodeBody, encodeGetValues, encodeRequest, endOfBody } from './encoder.ts'
import { FastCGIResponseDecoder, type FastCGIEvent } from './response-decoder.ts'

/** A record as a server sends it. */
function record(type: number, content: string | Buffer, { id = 1, padding = 0, version = 1 } = {}): Buffer {
  const bytes = Buffer.from(content)
  const header = Buffer.from([
    version,
    type,
    id >> 8,
    id & 0xff,
    bytes.length >> 8,
    bytes.length & 0xff,
    padding,
    0,
  ])
  return Buffer.concat([header, bytes, Buffer.alloc(padding, 0xee)])
}

function end(appStatus = 0, protocolStatus = 0): Buffer {
  return record(3, Buffer.from([0, 0, 0, appStatus, protocolStatus, 0, 0, 0]))
}

/** What a decoder makes of pieces, the pieces of a stream joined. */
function decode(pieces: readonly Buffer[]): (string | FastCGIEvent)[] {
  const decoder = new FastCGIResponseDecoder()
  const found: (string | FastCGIEvent)[] = []
  for (const piece of pieces) {
    decoder.receive(piece)
    for (let event = decoder.next(); event !== null; event = decoder.next()) {
      if (event.kind !== 'stdout' && event.kind !== 'stderr') {
        found.push(event)
        continue
      }
      const text = `${event.kind} ${event.data.toString('latin1')}`
      const last = found.at(-1)
      if (typeof last === 'string' && last.startsWith(event.kind)) {
        found[found.length - 1] = last + event.data.toString('latin1')
      } else found.push(text)
    }
  }
  return found
}

const response = Buffer.concat([
  record(6, 'Status: 200 OK\r\n\r\nHel', { padding: 5 }),
  record(7, 'a warning', { padding: 1 }),
  record(10, 'xx', { id: 0 }),
  record(6, 'lo'),
  record(6, '', { padding: 3 }),
  end(1),
])

describe('FastCGIResponseDecoder', () => {
  it('gives the same events however the bytes are split (FastCGI 1.0 §3.3)', () => {
    for (const pieces of splits(response)) {
      expect(decode(pieces)).toEqual([
        'stdout Status: 200 OK\r\n\r\nHel',
        'stderr a warning',
        { kind: 'values' },
        'stdout lo',
        { kind: 'end', appStatus: 1, protocolStatus: 0 },
      ])
    }
  })

  it('needs every byte: each truncation gives a beginning of the events, without an error', () => {
    for (let size = 0; size < response.length; size++) {
      const events = decode([response.subarray(0, size)])
      expect(events.some((event) => typeof event === 'object' && event.kind === 'end')).toBe(false)
    }
  })

  it.each([
    ['another version', record(6, 'x', { version: 2 })],
    ['another request', record(6, 'x', { id: 2 })],
    ['no request', record(6, 'x', { id: 0 })],
    ['a management record of a request', record(10, '', { id: 1 })],
    ['a type of requests', record(1, Buffer.alloc(8))],
    ['an unknown type', record(99, 'x')],
    ['an end of the wrong size', record(3, 'short')],
    ['an end with an unknown status', end(0, 9)],
    ['an HTTP response', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ])('refuses %s, whole and byte by byte', (_, bytes) => {
    for (const pieces of splits(bytes)) expect(() => decode(pieces)).toThrow(FastCGIProtocolError)
  })

  it('ends damaged input in events or a FastCGIProtocolError, whole as byte by byte', () => {
    const run = (pieces: readonly Buffer[]): unknown => {
      try {
        return decode(pieces)
      } catch (error) {
        if (!(error instanceof FastCGIProtocolError)) throw error
        return 'refused'
      }
    }
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(response.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (damage) => {
          const bytes = Buffer.from(response)
          for (const [at, value] of damage) bytes[at] = value
          expect(run(Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)))).toEqual(run([bytes]))
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('encoding', () => {
  it('writes BEGIN_REQUEST, PARAMS and their ends (FastCGI 1.0 §5.1, §5.2)', () => {
    expect(encodeRequest({ A: 'b', LONG: 'x'.repeat(128) }, true, true).toString('latin1')).toBe(
      '\x01\x01\0\x01\0\x08\0\0\0\x01\x01\0\0\0\0\0' +
        `\x01\x04\0\x01\0\x8d\0\0\x01\x01Ab\x04\x80\0\0\x80LONG${'x'.repeat(128)}` +
        '\x01\x04\0\x01\0\0\0\0\x01\x05\0\x01\0\0\0\0',
    )
    expect(encodeRequest({}, false, false).toString('latin1')).toBe(
      '\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0\x01\x04\0\x01\0\0\0\0',
    )
  })

  it('splits what is larger than a record', () => {
    const sizes = (bytes: Buffer): number[] => {
      const found: number[] = []
      for (let at = 0; at < bytes.length; at += 8 + bytes.readUInt16BE(at + 4))
        found.push(bytes.readUInt16BE(at + 4))
      return found
    }
    expect(sizes(encodeRequest({ A: 'x'.repeat(100_000) }, true, false))).toEqual([8, 65_528, 34_478, 0])
    expect(sizes(Buffer.concat(encodeBody(Buffer.alloc(70_000))))).toEqual([65_528, 4_472])
    expect(encodeBody(Buffer.alloc(0))).toEqual([])
    expect(sizes(Buffer.from(endOfBody))).toEqual([0])
  })

  it('asks for values as a management record (FastCGI 1.0 §4.1)', () => {
    expect(encodeGetValues(['FCGI_MAX_CONNS']).toString('latin1')).toBe(
      '\x01\x09\0\0\0\x10\0\0\x0e\0FCGI_MAX_CONNS',
    )
  })
})

describe('CGIHeadDecoder', () => {
  it('finds the end of the head wherever the output is split', () => {
    for (const lineEnd of ['\r\n', '\n']) {
      const output = ['Status: 404 Not here', 'X-A: 1', 'x-a: 2', '', 'body\n\nmore'].join(lineEnd)
      for (const pieces of splits(output)) {
        const decoder = new CGIHeadDecoder(1000)
        let body: string | null = null
        for (const piece of pieces) {
          if (body !== null) {
            body += piece.toString('latin1')
            continue
          }
          const found = decoder.receive(piece)
          if (found === null) continue
          expect([found.head.code, found.head.reason, found.head.headers.getList('X-A')]).toEqual([
            404,
            'Not here',
            ['1', '2'],
          ])
          body = found.rest.toString('latin1')
        }
        expect(body).toBe(['body', '', 'more'].join('\n'))
      }
    }
  })

  it('takes the status from Location, or 200 (RFC 3875 §6.2)', () => {
    expect(parseCGIHead('Location: /x').code).toBe(302)
    expect(parseCGIHead('Content-Type: text/plain').code).toBe(200)
    expect(parseCGIHead('').code).toBe(200)
    expect(parseCGIHead('Status: 299').reason).toBe('')
  })

  it('leaves the fields of the connection to the server', () => {
    const { headers } = parseCGIHead('Connection: close\r\nTransfer-Encoding: chunked\r\nX: y')
    expect([...headers.keys()]).toEqual(['X'])
  })

  it.each([
    'no colon',
    'a b: c',
    'X: a\0b',
    'X: a\rb',
    'Status: 20',
    'Status: 101 Switching',
    ' folded: line',
    'Status: 200 OK\nStatus: 404 Not Found',
    'Content-Length: 5\nContent-Length: 6',
    'Content-Length: 5\nContent-Length: 5',
    'Content-Length: -5',
    'Content-Length: 5, 5',
    'Content-Length:',
    'Content-Length: 9999999999999999',
  ])('refuses %j', (head) => {
    expect(() => parseCGIHead(head)).toThrow(FastCGIProtocolError)
  })

  it('refuses a head beyond its limit, also one that never ends', () => {
    const decoder = new CGIHeadDecoder(100)
    expect(() => decoder.receive(Buffer.from(`X: ${'y'.repeat(100)}\n\n`))).toThrow('longer than 100 bytes')
    const endless = new CGIHeadDecoder(100)
    expect(endless.receive(Buffer.from('X: '.padEnd(90, 'y')))).toBeNull()
    expect(() => endless.receive(Buffer.from('y'.repeat(20)))).toThrow(FastCGIProtocolError)
  })
})

import { ScriptedPeer, splits } from '@tornado-ts/iostream/memory'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FastCGIConnection, type CloseReason } from './fastcgi-connection.ts'
import { FastCGIRequest } from './fastcgi-request.ts'

function record(type: number, content: string): Buffer {
  const bytes = Buffer.from(content, 'latin1')
  return Buffer.concat([Buffer.from([1, type, 0, 1, 0, bytes.length, 0, 0]), bytes])
}

const endRecord = record(3, '\0'.repeat(8))
const abort = '\x01\x02\0\x01\0\0\0\0'

/** Lets the loop turn, without the timers that are faked, until the check holds. */
async function settle(check: () => void): Promise<void> {
  for (let turn = 0; turn < 100; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    try {
      check()
      return
    } catch {
      // Not yet.
    }
  }
  check()
}

let told: string[]
let peer: ScriptedPeer
let connection: FastCGIConnection

/** A request without a body whose answer is told as text. */
function request(name: string, isEnded = true): FastCGIRequest {
  const made = new FastCGIRequest(
    { REQUEST_METHOD: 'GET', NAME: name },
    {
      stdoutReceived: (chunk) => void told.push(`${name}: ${String(chunk)}`),
      stderrReceived: () => {},
      finished: (status) => void told.push(`${name} finished ${status}`),
      failed: (error) => void told.push(`${name} failed: ${error.message}`),
    },
  )
  if (isEnded) made.end()
  return made
}

/** A connection to a scripted server, of which nothing is told yet. */
function renew(): void {
  told = []
  const { stream, peer: other } = ScriptedPeer.connect()
  peer = other
  connection = new FastCGIConnection(
    stream,
    {
      connectionIdle: () => void told.push('idle'),
      connectionHasRoom: () => void told.push('room'),
      requestReturned: (returned) => void told.push(`${returned.params['NAME']} returned`),
      connectionClosed: (_, reason: CloseReason, error, running) => {
        const why = error === null ? '' : `, ${error.message}`
        told.push(`closed, ${reason}, ${running?.params['NAME'] ?? 'no request'}${why}`)
      },
    },
    { keepConnection: true, requestTimeoutMs: 1000 },
  )
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  renew()
})

afterEach(() => {
  connection.close('released')
  vi.useRealTimers()
})

/** Makes the connection one whose requests were quick so far. */
async function beBrisk(): Promise<void> {
  connection.begin(request('first'))
  await peer.send(Buffer.concat([record(6, 'x'), endRecord]))
  await settle(() => expect(told).toEqual(['idle', 'first: x', 'first finished 0']))
  told = []
}

it('tells that it is idle before it delivers the answer', async () => {
  await beBrisk()
  expect(connection.isBusy).toBe(false)
})

it('sends a request ahead only behind quick ones, and a running one that is sent whole', async () => {
  connection.begin(request('slow'))
  expect(connection.hasRoom).toBe(false)
  vi.advanceTimersByTime(500)
  await peer.send(endRecord)
  await settle(() => expect(told).toContain('slow finished 0'))
  connection.begin(request('next'))
  expect(connection.hasRoom).toBe(false)
})

it('goes on with the request that was sent ahead, also when both answers come in one piece', async () => {
  await beBrisk()
  connection.begin(request('a'))
  expect(connection.hasRoom).toBe(true)
  connection.beginAhead(request('b'))
  expect(connection.hasRoom).toBe(false)
  await peer.send(Buffer.concat([record(6, 'for a'), endRecord, record(6, 'for b'), endRecord]))
  await settle(() => expect(told).toContain('b finished 0'))
  expect(told).toEqual(['room', 'idle', 'a: for a', 'a finished 0', 'b: for b', 'b finished 0'])
})

it('has no room once it is to take no more', async () => {
  await beBrisk()
  connection.begin(request('a'))
  expect(connection.hasRoom).toBe(true)
  connection.takeNoMore()
  expect(connection.hasRoom).toBe(false)
})

it('takes the request back when the running one is slow after all, and passes over what comes of it', async () => {
  await beBrisk()
  connection.begin(request('a'))
  const b = request('b')
  connection.beginAhead(b)
  vi.advanceTimersByTime(20)
  expect(told).toEqual(['b returned'])
  expect(b.state).toBe('waiting')
  await settle(() => expect(peer.receivedText.endsWith(abort)).toBe(true))
  await peer.send(Buffer.concat([record(6, 'for a'), endRecord]))
  await settle(() => expect(told).toContain('a finished 0'))
  expect(connection.isBusy).toBe(true)
  await peer.send(Buffer.concat([record(6, 'for b'), endRecord]))
  await settle(() => expect(told).toContain('idle'))
  expect(told).toEqual(['b returned', 'a: for a', 'a finished 0', 'idle'])
})

it('returns the request that was sent ahead when the connection is lost', async () => {
  await beBrisk()
  connection.begin(request('a'))
  connection.beginAhead(request('b'))
  peer.close()
  await settle(() => expect(told).toEqual([expect.stringContaining('closed, lost, a'), 'b returned']))
})

it('a cancelled request closes the connection; one that was sent ahead does so when its turn comes', async () => {
  await beBrisk()
  connection.begin(request('a'))
  const b = request('b')
  connection.beginAhead(b)
  b.cancel()
  await peer.send(endRecord)
  await settle(() => expect(told).toEqual(['closed, abandoned, no request', 'a finished 0']))
})

it('an upload that the application does not read, and a request without progress, time out', async () => {
  connection.begin(request('a'))
  vi.advanceTimersByTime(1000)
  expect(told).toEqual(['closed, timedOut, no request', 'a failed: Application made no progress for 1000 ms'])
})

it('a request whose body the client still sends does not time out', () => {
  connection.begin(request('a', false))
  vi.advanceTimersByTime(5000)
  expect(told).toEqual([])
})

it('output without a request is a breach of the protocol', async () => {
  await peer.send(record(6, 'x'))
  await settle(() => expect(told).toEqual(['closed, lost, no request, Output without a request']))
})

describe('a response that is none', () => {
  const head = record(6, 'X: a\n\nbody')
  const bad = (type: number, content: string, { version = 1, id = 1 } = {}): Buffer => {
    const bytes = record(type, content)
    bytes[0] = version
    bytes[3] = id
    return bytes
  }

  it.each([
    ['another version', bad(6, 'x', { version: 2 }), 'Unknown FastCGI version 2'],
    ['another request', bad(6, 'x', { id: 2 }), 'Unexpected FastCGI request id 2'],
    ['another request that ends', bad(3, '\0'.repeat(8), { id: 2 }), 'Unexpected FastCGI request id 2'],
    ['no request', bad(7, 'x', { id: 0 }), 'Unexpected FastCGI request id 0'],
    ['a type of clients', bad(5, 'x'), 'Unexpected FastCGI record of type 5'],
    ['an unknown type', bad(99, 'x'), 'Unexpected FastCGI record of type 99'],
    ['values without a question', bad(10, 'x', { id: 0 }), 'Answer to no question'],
    ['an end that is too short', bad(3, '\0'.repeat(7)), 'FastCGI record of type 3 with 7 bytes'],
    ['an end with an unknown status', bad(3, '\0\0\0\0\x09\0\0\0'), 'Unknown FastCGI protocol status 9'],
    ['HTTP', Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), 'Unknown FastCGI version 72'],
  ])(
    '%s: the request fails once and the connection is closed, however the bytes are split',
    (_, bytes, why) => {
      for (const before of [Buffer.alloc(0), head]) {
        for (const pieces of splits(Buffer.concat([before, bytes, endRecord]))) {
          renew()
          const running = request('a')
          connection.begin(running)
          for (const piece of pieces) connection.chunkReceived(piece)
          expect(connection.isClosed).toBe(true)
          expect(told.filter((each) => !each.startsWith('a: '))).toEqual([`closed, lost, a, ${why}`])
          expect(running.state).toBe('running')
        }
      }
    },
  )

  it.each([
    [1, 'it runs one request a connection'],
    [2, 'it is overloaded'],
    [3, 'it does not know the role of a responder'],
  ])(
    'a refusal with the status %i fails the request and ends the connection, however it is split',
    (status, why) => {
      for (const pieces of splits(record(3, `\0\0\0\0${String.fromCharCode(status)}\0\0\0`))) {
        renew()
        connection.begin(request('a'))
        for (const piece of pieces) connection.chunkReceived(piece)
        expect(told).toEqual(['closed, released, no request', `a failed: Server refused the request: ${why}`])
      }
    },
  )

  it('the longest padding and the largest record are none of these', () => {
    const large = Buffer.alloc(8 + 65_535 + 255, 'x')
    large.set([1, 6, 0, 1, 0xff, 0xff, 255, 0])
    for (const size of [1, 8, 9, 4096, large.length]) {
      renew()
      connection.begin(request('a'))
      const bytes = Buffer.concat([large, endRecord])
      for (let at = 0; at < bytes.length; at += size) connection.chunkReceived(bytes.subarray(at, at + size))
      const received = told.filter((each) => each.startsWith('a: '))
      expect(received.reduce((sum, each) => sum + each.length - 3, 0)).toBe(65_535)
      expect(told.at(-1)).toBe('a finished 0')
    }
  })
})

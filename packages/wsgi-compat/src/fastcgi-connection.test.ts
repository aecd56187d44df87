import { ScriptedPeer } from '@tornado-ts/iostream/memory'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
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

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  told = []
  const { stream, peer: other } = ScriptedPeer.connect()
  peer = other
  connection = new FastCGIConnection(
    stream,
    {
      connectionIdle: () => void told.push('idle'),
      connectionHasRoom: () => void told.push('room'),
      requestReturned: (returned) => void told.push(`${returned.params['NAME']} returned`),
      connectionClosed: (_, reason: CloseReason, _error, running) => {
        told.push(`closed, ${reason}, ${running?.params['NAME'] ?? 'no request'}`)
      },
    },
    { keepConnection: true, requestTimeoutMs: 1000 },
  )
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
  await settle(() => expect(told).toEqual(['closed, lost, a', 'b returned']))
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
  await settle(() => expect(told).toEqual(['closed, lost, no request']))
})

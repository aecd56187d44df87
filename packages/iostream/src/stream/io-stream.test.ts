import { once } from 'node:events'
import { createServer, Socket, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { stallingAddress } from '../../test/stalling-address.ts'
import { tcpPair, unixPair } from '../../test/stream-pairs.ts'
import { StreamClosedError } from '../errors.ts'
import { IOStream } from './io-stream.ts'

/** A server on loopback that is closed when the test ends, with the sockets it has accepted. */
class Listener implements AsyncDisposable {
  readonly server: Server
  readonly sockets: Socket[] = []

  private constructor(server: Server) {
    this.server = server
    server.on('connection', (socket: Socket) => {
      this.sockets.push(socket)
      socket.on('error', () => {})
    })
  }

  static async open(
    where: { path: string } | { port: number; host: string } = { port: 0, host: '127.0.0.1' },
  ) {
    const server = createServer({ allowHalfOpen: true }).listen(where)
    await once(server, 'listening')
    return new Listener(server)
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: (this.server.address() as AddressInfo).port }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
    await once(this.server, 'close')
  }
}

/** A port of loopback that nobody listens on. */
async function refusedPort(): Promise<number> {
  const { server, address } = await Listener.open()
  server.close()
  await once(server, 'close')
  return address.port
}

describe('connect', () => {
  it('a port that is none throws at once, and the stream can still connect', async () => {
    await using listener = await Listener.open()
    const stream = new IOStream()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')
    for (const port of [Number.NaN, -1, 65_536]) {
      expect(() => stream.connect({ host: '127.0.0.1', port }, { signal, timeoutMs: 60_000 })).toThrow(
        RangeError,
      )
    }
    expect(removed).toHaveBeenCalledTimes(added.mock.calls.length)
    expect(await stream.connect(listener.address)).toBe(stream)
    const written = stream.write('still')
    await written
    stream.close()
  })

  it('B-ios-027 resolves with the stream itself', async () => {
    await using listener = await Listener.open()
    const stream = new IOStream(null, { maxBufferSize: 1000 })
    expect(await stream.connect(listener.address)).toBe(stream)
    expect(stream.socket.remotePort).toBe(listener.address.port)
    expect(stream.maxBufferSize).toBe(1000)
    expect(() => stream.connect(listener.address)).toThrow('Stream is connected or connecting already')
    stream.close()
    expect(() => stream.connect(listener.address)).toThrow(StreamClosedError)
  })

  it('B-ios-027 a refused connection fails with the reason', async () => {
    const stream = new IOStream()
    const callback = new Promise<void>((resolve) => stream.setCloseCallback(resolve))
    const connected = stream.connect({ host: '127.0.0.1', port: await refusedPort() })
    const write = stream.write('never sent')
    await expect(connected).rejects.toMatchObject({
      name: 'StreamClosedError',
      realError: { code: 'ECONNREFUSED' },
    })
    await expect(write).rejects.toMatchObject({ realError: { code: 'ECONNREFUSED' } })
    expect(stream.error).toMatchObject({ code: 'ECONNREFUSED' })
    await callback
  })

  it('B-ios-028 a name that cannot be looked up closes the stream with the reason', async () => {
    const stream = new IOStream()
    // A label of a name has at most 63 bytes, so this one is not asked for anywhere.
    await expect(stream.connect({ host: `${'x'.repeat(64)}.invalid`, port: 1 })).rejects.toMatchObject({
      name: 'StreamClosedError',
      realError: { syscall: 'getaddrinfo' },
    })
    expect(stream.error).toMatchObject({ syscall: 'getaddrinfo' })
    expect(stream.closed()).toBe(true)
  })

  it('B-ios-018 what is written while connecting is sent, and resolves after the connection', async () => {
    await using listener = await Listener.open()
    const accepted = once(listener.server, 'connection')
    const stream = new IOStream()
    const order: string[] = []
    const connected = stream.connect(listener.address).then(() => order.push('connected'))
    const written = [
      stream.write('hello ').then(() => order.push('hello')),
      stream.write(['wor', 'ld']).then(() => order.push('world')),
    ]
    await Promise.all([connected, ...written])
    expect(order).toEqual(['connected', 'hello', 'world'])
    const [socket] = (await accepted) as [Socket]
    stream.endWriting()
    let received = ''
    for await (const chunk of socket) received += String(chunk)
    expect(received).toBe('hello world')
  })

  it('B-ios-021 closing while connecting rejects the connection', async () => {
    await using listener = await Listener.open()
    const stream = new IOStream()
    const connected = stream.connect(listener.address)
    const cause = new Error('changed my mind')
    stream.close(cause)
    await expect(connected).rejects.toMatchObject({ name: 'StreamClosedError', realError: cause })
  })

  it('gives up after timeoutMs, and when the signal fires', async () => {
    await using stalling = await stallingAddress()
    const late = new IOStream()
    await expect(late.connect(stalling.address, { timeoutMs: 20 })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    expect(late.closed()).toBe(true)
    expect(late.error).toMatchObject({ name: 'TimeoutError' })

    const controller = new AbortController()
    const aborted = new IOStream()
    const connected = aborted.connect(stalling.address, { signal: controller.signal, timeoutMs: 60_000 })
    controller.abort(new Error('not needed'))
    await expect(connected).rejects.toThrow('not needed')
    expect(aborted.closed()).toBe(true)
    await expect(new IOStream().connect(stalling.address, { signal: controller.signal })).rejects.toThrow(
      'not needed',
    )
    const wrong = { timeoutMs: '5' as unknown as number }
    expect(() => new IOStream().connect(stalling.address, wrong)).toThrow(TypeError)
  })

  it('connects to Unix sockets, on Linux to abstract names too', async () => {
    const names = [join(tmpdir(), `io-stream-${process.pid}.sock`)]
    if (process.platform === 'linux') names.push(`\0io-stream-${process.pid}`)
    for (const path of names) {
      await using listener = await Listener.open({ path })
      const accepted = once(listener.server, 'connection')
      const stream = new IOStream()
      await stream.connect(path)
      await stream.write('over a path')
      const [socket] = (await accepted) as [Socket]
      const peer = new IOStream(socket)
      expect(String(await peer.readBytes(11))).toBe('over a path')
      stream.close()
      expect((await peer.readUntilClose()).length).toBe(0)
    }
    await expect(new IOStream().connect(names[0]!)).rejects.toMatchObject({ realError: { code: 'ENOENT' } })
  })
})

describe('IOStream', () => {
  it('B-ios-035 setNodelay acts on TCP sockets, elsewhere it does no harm', async () => {
    const [stream, peer] = await tcpPair()
    const setNoDelay = vi.spyOn(Socket.prototype, 'setNoDelay')
    stream.setNodelay(false)
    stream.setNodelay(true)
    expect(setNoDelay.mock.calls).toEqual([[false], [true]])
    setNoDelay.mockClear()
    stream.close()
    stream.setNodelay(true)
    expect(setNoDelay).not.toHaveBeenCalled()
    setNoDelay.mockRestore()
    peer.close()
    const [unix, other] = await unixPair()
    unix.setNodelay(true)
    unix.close()
    other.close()
  })

  it('B-ios-025 a peer that resets the connection is an ordinary close', async () => {
    const [stream, peer] = await tcpPair()
    const read = stream.readBytes(1)
    peer.socket.resetAndDestroy()
    await expect(read).rejects.toMatchObject({ realError: { code: 'ECONNRESET' } })
    expect(stream.error).toMatchObject({ code: 'ECONNRESET' })
  })

  it('an answer reaches a client that has ended its side', async () => {
    const [stream, peer] = await tcpPair()
    await peer.write('question\n')
    peer.endWriting()
    for (const question of [await stream.readUntil('\n')]) await stream.write(`answer to ${String(question)}`)
    expect(String(await peer.readUntilClose())).toBe('answer to question\n')
  })
})

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import { encodeMaskedFrame } from '../src/protocol/frame-encoder.ts'

/** A frame as it was received. */
export interface RawFrame {
  readonly first: number
  readonly payload: Buffer
}

export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ=='

/** The head of a handshake. A header that is `null` is left out. */
export function handshakeHead(path = '/ws', headers: Record<string, string | null> = {}): string {
  const fields: Record<string, string | null> = {
    Host: '127.0.0.1',
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Key': sampleKey,
    'Sec-WebSocket-Version': '13',
    ...headers,
  }
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === null ? [] : [`${name}: ${value}\r\n`],
  )
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`
}

/** Bytes over a bare socket, so that a test decides about each of them. */
export class RawPeer {
  readonly socket: Socket
  #received: Buffer = Buffer.alloc(0)
  #ended = false
  #wake: (() => void) | null = null

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake?.()
    })
    const over = (): void => {
      this.#ended = true
      this.#wake?.()
    }
    socket.on('end', over)
    socket.on('close', over)
    onTestFinished(() => void socket.destroy())
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    return new RawPeer(socket)
  }

  /** Connects and does the handshake. */
  static async open(
    port: number,
    path = '/ws',
    headers: Record<string, string | null> = {},
  ): Promise<RawPeer> {
    const peer = await RawPeer.connect(port)
    peer.socket.write(handshakeHead(path, headers))
    const head = await peer.readHead()
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(head)
    return peer
  }

  send(bytes: Uint8Array | string): void {
    this.socket.write(bytes)
  }

  /** Sends a masked frame. */
  sendFrame(first: number, payload: Uint8Array | string = ''): void {
    this.socket.write(encodeMaskedFrame(first, payload, 0x04030201))
  }

  /** Through the empty line. */
  async readHead(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf('\r\n\r\n')
      if (end !== -1) return this.#take(end + 4).toString('latin1')
      if (this.#ended) throw new Error(`Ended: ${this.#received.toString('latin1')}`)
      await this.#more()
    }
  }

  async read(size: number): Promise<Buffer> {
    while (this.#received.length < size) {
      if (this.#ended) throw new Error('Ended')
      await this.#more()
    }
    return this.#take(size)
  }

  /** The next frame, which must not be masked; `null` at the end. */
  async readFrame(): Promise<RawFrame | null> {
    while (this.#received.length < 2) {
      if (this.#ended) return null
      await this.#more()
    }
    const [first, second] = await this.read(2)
    if (second! >= 0x80) throw new Error('Masked frame')
    let size = second!
    if (size === 126) size = (await this.read(2)).readUInt16BE()
    else if (size === 127) size = Number((await this.read(8)).readBigUInt64BE())
    return { first: first!, payload: await this.read(size) }
  }

  /** Resolves at the end, with all that was not read. */
  async readAll(): Promise<Buffer> {
    while (!this.#ended) await this.#more()
    return this.#take(this.#received.length)
  }

  #take(size: number): Buffer {
    const taken = this.#received.subarray(0, size)
    this.#received = this.#received.subarray(size)
    return taken
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = null
  }
}

/** The code and reason of a close frame. */
export function closeStatus(frame: RawFrame | null): { code: number | null; reason: string } | null {
  if (frame === null || frame.first !== 0x88) return null
  if (frame.payload.length < 2) return { code: null, reason: '' }
  return { code: frame.payload.readUInt16BE(), reason: frame.payload.subarray(2).toString() }
}

/** Status and body of the answer to a request. */
export async function answer(
  port: number,
  head: string,
): Promise<{ status: number; head: string; body: string }> {
  const peer = await RawPeer.connect(port)
  peer.send(head)
  const received = await peer.readHead()
  const size = Number(/Content-Length: (\d+)/.exec(received)?.[1] ?? 0)
  const body = (await peer.read(size)).toString()
  peer.socket.destroy()
  return { status: Number(received.slice(9, 12)), head: received, body }
}

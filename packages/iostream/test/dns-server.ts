import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'

/** Addresses by name; a name that is missing does not exist, one that is `null` gets no answer at all. */
export type Zone = Readonly<Record<string, { readonly A?: string[]; readonly AAAA?: string[] } | null>>

/** A DNS server on loopback. It speaks as much of RFC 1035 as a resolver's tests need. */
export class DNSServer implements AsyncDisposable {
  /** What was asked, as `A example.com`. */
  readonly questions: string[] = []
  readonly #socket: Socket
  readonly #zone: Zone

  private constructor(socket: Socket, zone: Zone) {
    this.#socket = socket
    this.#zone = zone
    socket.on('message', (message, { port, address }) => {
      const answer = this.#answer(message)
      if (answer !== null) socket.send(answer, port, address)
    })
  }

  static async open(zone: Zone): Promise<DNSServer> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new DNSServer(socket, zone)
  }

  /** As a resolver's list of servers takes it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #answer(message: Buffer): Buffer | null {
    const labels: string[] = []
    let at = 12
    while (message[at]! > 0) {
      labels.push(message.toString('latin1', at + 1, at + 1 + message[at]!))
      at += 1 + message[at]!
    }
    const type = message.readUInt16BE(at + 1) === 28 ? 'AAAA' : 'A'
    const name = labels.join('.').toLowerCase()
    this.questions.push(`${type} ${name}`)
    const entry = this.#zone[name]
    if (entry === null) return null
    const records = (entry?.[type] ?? []).map((address) => toRecord(type, address))
    const head = Buffer.from(message.subarray(0, 12))
    // An answer, from who knows; the name exists, or (3) does not.
    head.writeUInt16BE(0x8580 | (entry === undefined ? 3 : 0), 2)
    head.writeUInt16BE(records.length, 6)
    head.writeUInt32BE(0, 8)
    return Buffer.concat([head, message.subarray(12, at + 5), ...records])
  }
}

function toRecord(type: 'A' | 'AAAA', address: string): Buffer {
  const data = Buffer.from(
    type === 'A'
      ? address.split('.').map(Number)
      : address
          .split(':')
          .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]),
  )
  const record = Buffer.alloc(12)
  record.writeUInt16BE(0xc00c, 0)
  record.writeUInt16BE(type === 'A' ? 1 : 28, 2)
  record.writeUInt16BE(1, 4)
  record.writeUInt32BE(60, 6)
  record.writeUInt16BE(data.length, 10)
  return Buffer.concat([record, data])
}

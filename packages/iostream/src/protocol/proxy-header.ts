import { ByteQueue } from '@tornado-ts/bytes'
import { ProxyProtocolError } from '../errors.ts'
import { formatIPv6, isIPv4, parseIPv6 } from './ip-address.ts'

/** One end of the connection that a proxy forwards. */
export interface ProxyEndpoint {
  readonly family: 'IPv4' | 'IPv6'
  readonly address: string
  readonly port: number
}

/** What a proxy says of the connection that it forwards. */
export interface ProxyHeader {
  readonly version: 1 | 2
  /** The client, or `null` when the connection is the proxy's own (a health check) or of an unknown kind. */
  readonly source: ProxyEndpoint | null
  /** Where the client has connected to. */
  readonly destination: ProxyEndpoint | null
  /** What else version 2 tells: type and value. */
  readonly extensions: readonly ProxyExtension[]
}

/** A type-length-value of version 2, such as the name asked for by TLS (2) or the checksum (3), uninterpreted. */
export interface ProxyExtension {
  readonly type: number
  readonly value: Buffer
}

/** Options of a {@link ProxyHeaderDecoder}. */
export interface ProxyHeaderDecoderOptions {
  /** Largest header, in bytes. @default 4_096 */
  maxHeaderSize?: number
}

/**
 * Reads the header that a proxy puts before a connection's first byte. Call `receive`, then `next` until it gives the
 * header; what came after it is in `remainder`.
 *
 * Source: The PROXY protocol, versions 1 and 2 (HAProxy).
 */
export class ProxyHeaderDecoder {
  readonly #maxHeaderSize: number
  readonly #bytes = new ByteQueue()

  constructor({ maxHeaderSize = 4_096 }: ProxyHeaderDecoderOptions = {}) {
    this.#maxHeaderSize = maxHeaderSize
  }

  receive(chunk: Uint8Array): void {
    this.#bytes.push(chunk)
  }

  /**
   * The header, or `null` while it is not complete.
   *
   * @throws {ProxyProtocolError} As soon as the bytes cannot become one.
   */
  next(): ProxyHeader | null {
    const known = Math.min(this.#bytes.length, signature2.length)
    if (known === 0) return null
    const start = this.#bytes.peek(known)
    if (start.equals(signature2.subarray(0, known))) {
      return known < signature2.length ? null : this.#nextBinary()
    }
    const text = Math.min(known, signature1.length)
    if (start.subarray(0, text).equals(signature1.subarray(0, text))) return this.#nextText()
    throw new ProxyProtocolError('Connection does not begin with a PROXY header')
  }

  /** The bytes behind the header. */
  remainder(): Buffer {
    return this.#bytes.takeAll()
  }

  #nextText(): ProxyHeader | null {
    const end = this.#bytes.indexOf(lineEnd)
    if (end === -1 ? this.#bytes.length >= maxTextSize : end + 2 > maxTextSize) {
      throw new ProxyProtocolError(`PROXY line does not end within ${maxTextSize} bytes`)
    }
    if (end === -1) return null
    const line = this.#bytes.take(end + 2).toString('latin1', 0, end)
    const words = line.split(' ')
    if (words[1] === 'UNKNOWN') return { version: 1, source: null, destination: null, extensions: [] }
    const [, protocol, sourceAddress, destinationAddress, sourcePort, destinationPort] = words
    if (words.length !== 6 || (protocol !== 'TCP4' && protocol !== 'TCP6')) {
      throw new ProxyProtocolError(`PROXY line is malformed: ${JSON.stringify(line)}`)
    }
    const family = protocol === 'TCP4' ? 'IPv4' : 'IPv6'
    return {
      version: 1,
      source: toEndpoint(family, sourceAddress!, sourcePort!),
      destination: toEndpoint(family, destinationAddress!, destinationPort!),
      extensions: [],
    }
  }

  #nextBinary(): ProxyHeader | null {
    if (this.#bytes.length < fixedSize) return null
    const fixed = this.#bytes.peek(fixedSize)
    const version = fixed[12]! >> 4
    const command = fixed[12]! & 0x0f
    const size = fixed.readUInt16BE(14)
    if (version !== 2) throw new ProxyProtocolError(`PROXY header has unknown version ${version}`)
    if (command > 1) throw new ProxyProtocolError(`PROXY header has unknown command ${command}`)
    if (fixedSize + size > this.#maxHeaderSize) {
      throw new ProxyProtocolError(
        `PROXY header of ${fixedSize + size} bytes is larger than ${this.#maxHeaderSize}`,
      )
    }
    if (this.#bytes.length < fixedSize + size) return null
    this.#bytes.skip(fixedSize)
    const body = this.#bytes.take(size)
    const layout = layouts[fixed[13]! >> 4]
    if (layout === undefined)
      throw new ProxyProtocolError(`PROXY header has unknown family ${fixed[13]! >> 4}`)
    if (size < layout.size) throw new ProxyProtocolError(`PROXY header of ${size} bytes lacks its addresses`)
    const isForwarded = command === 1 && layout.read !== null
    return {
      version: 2,
      source: isForwarded ? layout.read!(body, 0) : null,
      destination: isForwarded ? layout.read!(body, 1) : null,
      extensions: readExtensions(body.subarray(layout.size)),
    }
  }
}

const signature1 = Buffer.from('PROXY ')
const signature2 = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')
const lineEnd = Buffer.from('\r\n')
/** The longest line there can be, its end included. */
const maxTextSize = 107
/** Signature, version and command, family and protocol, length. */
const fixedSize = 16

interface Layout {
  /** Bytes of all addresses. */
  readonly size: number
  readonly read: ((body: Buffer, index: 0 | 1) => ProxyEndpoint) | null
}

/** By the family's number: unspecified, IPv4, IPv6, Unix. */
const layouts: readonly Layout[] = [
  { size: 0, read: null },
  {
    size: 12,
    read: (body, index) => ({
      family: 'IPv4',
      address: body.subarray(4 * index, 4 * index + 4).join('.'),
      port: body.readUInt16BE(8 + 2 * index),
    }),
  },
  {
    size: 36,
    read: (body, index) => ({
      family: 'IPv6',
      address: formatIPv6(Array.from({ length: 8 }, (_, i) => body.readUInt16BE(16 * index + 2 * i))),
      port: body.readUInt16BE(32 + 2 * index),
    }),
  },
  { size: 216, read: null },
]

function toEndpoint(family: 'IPv4' | 'IPv6', address: string, port: string): ProxyEndpoint {
  const groups = family === 'IPv6' ? parseIPv6(address) : null
  if (family === 'IPv4' ? !isIPv4(address) : groups === null) {
    throw new ProxyProtocolError(`PROXY line has the malformed address ${JSON.stringify(address)}`)
  }
  if (!/^(0|[1-9]\d{0,4})$/.test(port) || Number(port) > 65_535) {
    throw new ProxyProtocolError(`PROXY line has the malformed port ${JSON.stringify(port)}`)
  }
  return { family, address: groups === null ? address : formatIPv6(groups), port: Number(port) }
}

function readExtensions(bytes: Buffer): ProxyExtension[] {
  const extensions: ProxyExtension[] = []
  for (let at = 0; at < bytes.length;) {
    const end = at + 3 <= bytes.length ? at + 3 + bytes.readUInt16BE(at + 1) : Infinity
    if (end > bytes.length) throw new ProxyProtocolError('PROXY header has an extension that is cut short')
    extensions.push({ type: bytes[at]!, value: bytes.subarray(at + 3, end) })
    at = end
  }
  return extensions
}

import { FastCGIProtocolError } from '../errors.ts'
import { recordHeaderSize, recordType, requestId } from './record-types.ts'

/** A piece of output, as it arrives. */
export interface OutputEvent {
  readonly kind: 'stdout' | 'stderr'
  readonly data: Buffer
}

/** The end of a request (FastCGI 1.0 §5.5). */
export interface EndEvent {
  readonly kind: 'end'
  readonly appStatus: number
  readonly protocolStatus: number
}

/** What a FastCGI server sends. */
export type FastCGIEvent = OutputEvent | EndEvent | { readonly kind: 'values' }

/**
 * Turns received bytes into events. Call `receive`, then `next` until it answers `null`.
 *
 * It is strict: another version, request id, type or size than the protocol has ends in an error, since nothing that
 * follows can be trusted then.
 */
export class FastCGIResponseDecoder {
  #chunk: Buffer = empty
  #at = 0
  /** A header, or a content that is needed whole, that has arrived in part. */
  readonly #held: Buffer = Buffer.allocUnsafe(recordHeaderSize)
  #heldSize = 0
  /** Type of the record whose content comes next; 0 between records. */
  #type = 0
  #contentLeft = 0
  #paddingLeft = 0

  /** @throws {Error} When there are bytes left that `next` has not been asked for. */
  receive(chunk: Buffer): void {
    if (this.#at < this.#chunk.length) throw new Error('Bytes are left from before')
    this.#chunk = chunk
    this.#at = 0
  }

  /** @throws {FastCGIProtocolError} The decoder must then be dropped. */
  next(): FastCGIEvent | null {
    for (;;) {
      if (this.#type === 0 && !this.#readHeader()) return null
      const event = this.#contentLeft > 0 ? this.#readContent() : null
      if (this.#contentLeft === 0) this.#skipPadding()
      if (event !== null) return event
      if (this.#at === this.#chunk.length) return null
    }
  }

  /** Whether it stands between two records with nothing left. */
  get isIdle(): boolean {
    return this.#type === 0 && this.#heldSize === 0 && this.#at === this.#chunk.length
  }

  #readHeader(): boolean {
    const header = this.#gather(recordHeaderSize)
    if (header === null) return false
    const version = header[0]!
    const type = header[1]!
    const id = header.readUInt16BE(2)
    const size = header.readUInt16BE(4)
    if (version !== 1) throw new FastCGIProtocolError(`Unknown FastCGI version ${version}`)
    const isOfRequest =
      type === recordType.stdout || type === recordType.stderr || type === recordType.endRequest
    const isManagement = type === recordType.getValuesResult || type === recordType.unknownType
    if (!isOfRequest && !isManagement)
      throw new FastCGIProtocolError(`Unexpected FastCGI record of type ${type}`)
    if (id !== (isManagement ? 0 : requestId))
      throw new FastCGIProtocolError(`Unexpected FastCGI request id ${id}`)
    const isFixed = type === recordType.endRequest || type === recordType.unknownType
    if (isFixed && size !== recordHeaderSize) {
      throw new FastCGIProtocolError(`FastCGI record of type ${type} with ${size} bytes`)
    }
    this.#type = type
    this.#contentLeft = size
    this.#paddingLeft = header[6]!
    return true
  }

  #readContent(): FastCGIEvent | null {
    const type = this.#type
    if (type === recordType.endRequest) {
      const content = this.#gather(recordHeaderSize)
      if (content === null) return null
      this.#contentLeft = 0
      const protocolStatus = content[4]!
      if (protocolStatus > 3)
        throw new FastCGIProtocolError(`Unknown FastCGI protocol status ${protocolStatus}`)
      return { kind: 'end', appStatus: content.readUInt32BE(0), protocolStatus }
    }
    const start = this.#at
    const end = Math.min(this.#chunk.length, start + this.#contentLeft)
    this.#contentLeft -= end - start
    this.#at = end
    if (type === recordType.stdout || type === recordType.stderr) {
      if (end === start) return null
      return {
        kind: type === recordType.stdout ? 'stdout' : 'stderr',
        data: this.#chunk.subarray(start, end),
      }
    }
    return this.#contentLeft === 0 && type === recordType.getValuesResult ? { kind: 'values' } : null
  }

  #skipPadding(): void {
    const skipped = Math.min(this.#paddingLeft, this.#chunk.length - this.#at)
    this.#at += skipped
    this.#paddingLeft -= skipped
    if (this.#paddingLeft === 0) this.#type = 0
  }

  /** The next `size` bytes in one piece, at most 8; `null` as long as they are not there. */
  #gather(size: number): Buffer | null {
    const available = this.#chunk.length - this.#at
    if (this.#heldSize === 0 && available >= size) {
      this.#at += size
      return this.#chunk.subarray(this.#at - size, this.#at)
    }
    const taken = Math.min(size - this.#heldSize, available)
    this.#chunk.copy(this.#held, this.#heldSize, this.#at, this.#at + taken)
    this.#at += taken
    this.#heldSize += taken
    if (this.#heldSize < size) return null
    this.#heldSize = 0
    return this.#held
  }
}

const empty: Buffer = Buffer.alloc(0)

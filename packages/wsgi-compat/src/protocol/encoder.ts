import { maxContentSize, recordHeaderSize, recordType, requestId } from './record-types.ts'

/** Names and values of a request, one character a byte. */
export type Params = Readonly<Record<string, string>>

/**
 * The records that begin a request to a responder: BEGIN_REQUEST, and PARAMS with its end (FastCGI 1.0 §5.1, §5.2).
 *
 * @param keepConnection Whether the server leaves the connection open behind the request.
 * @param isBodiless Whether the end of STDIN is to follow at once.
 */
export function encodeRequest(params: Params, keepConnection: boolean, isBodiless: boolean): Buffer {
  let size = 0
  for (const name in params) size += pairSize(name.length, params[name]!.length)
  const records = Math.ceil(size / maxContentSize)
  const ends = isBodiless ? 2 : 1
  const total = 2 * recordHeaderSize + size + (records + ends) * recordHeaderSize
  const target = Buffer.allocUnsafe(total)
  writeHeader(target, 0, recordType.beginRequest, 8)
  target.fill(0, 8, 16)
  target[9] = roleResponder
  target[10] = keepConnection ? flagKeepConnection : 0
  let at = 16
  if (records <= 1) {
    if (records === 1) {
      writeHeader(target, at, recordType.params, size)
      at = writePairs(target, at + recordHeaderSize, params)
    }
  } else {
    const pairs = Buffer.allocUnsafe(size)
    writePairs(pairs, 0, params)
    for (let start = 0; start < size; start += maxContentSize) {
      const content = pairs.subarray(start, start + maxContentSize)
      writeHeader(target, at, recordType.params, content.length)
      at += recordHeaderSize + content.copy(target, at + recordHeaderSize)
    }
  }
  writeHeader(target, at, recordType.params, 0)
  if (isBodiless) writeHeader(target, at + recordHeaderSize, recordType.stdin, 0)
  return target
}

/** A piece of the body as STDIN records, as they are to be sent one after the other. */
export function encodeBody(chunk: Uint8Array): Uint8Array[] {
  const records: Uint8Array[] = []
  for (let start = 0; start < chunk.length; start += maxContentSize) {
    const content = chunk.subarray(start, start + maxContentSize)
    records.push(encodeHeader(recordType.stdin, content.length), content)
  }
  return records
}

/** Ends the body. */
export const endOfBody: Uint8Array = encodeHeader(recordType.stdin, 0)

/** Takes a request back (FastCGI 1.0 §5.4). */
export const abortRequest: Uint8Array = encodeHeader(recordType.abortRequest, 0)

/** Asks a server how many connections it takes: whoever answers is free to take a request (FastCGI 1.0 §4.1). */
export function encodeGetValues(names: readonly string[]): Buffer {
  const params = Object.fromEntries(names.map((name) => [name, '']))
  const size = names.reduce((sum, name) => sum + pairSize(name.length, 0), 0)
  const target = Buffer.alloc(recordHeaderSize + size)
  writeHeader(target, 0, recordType.getValues, size)
  target[3] = 0
  writePairs(target, recordHeaderSize, params)
  return target
}

function encodeHeader(type: number, size: number): Buffer {
  const header = Buffer.allocUnsafe(recordHeaderSize)
  writeHeader(header, 0, type, size)
  return header
}

function writeHeader(target: Buffer, at: number, type: number, size: number): void {
  target[at] = 1
  target[at + 1] = type
  target[at + 2] = 0
  target[at + 3] = requestId
  target[at + 4] = size >> 8
  target[at + 5] = size & 0xff
  target[at + 6] = 0
  target[at + 7] = 0
}

function writePairs(target: Buffer, start: number, params: Params): number {
  let at = start
  for (const name in params) {
    const value = params[name]!
    at = writeLength(target, at, name.length)
    at = writeLength(target, at, value.length)
    at += target.write(name, at, 'latin1')
    if (value.length > 0) at += target.write(value, at, 'latin1')
  }
  return at
}

function pairSize(nameLength: number, valueLength: number): number {
  return nameLength + valueLength + (nameLength < 128 ? 1 : 4) + (valueLength < 128 ? 1 : 4)
}

function writeLength(target: Buffer, at: number, length: number): number {
  if (length >= 128) return target.writeUInt32BE((length | 0x80000000) >>> 0, at)
  target[at] = length
  return at + 1
}

const roleResponder = 1
const flagKeepConnection = 1

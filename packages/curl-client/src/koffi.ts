import { MissingPackageError } from '@tornado-ts/ioloop'
import { createRequire } from 'node:module'

/**
 * An address. Programs get none beyond 2^53, so that a number holds it; it costs less than half of what a `bigint` does.
 * The null pointer is 0.
 */
export type Pointer = number
export type Native = (...args: unknown[]) => unknown

/** What we use of koffi. Its own types would make every user of ours install it. */
export interface Koffi {
  load(path: string | null, options?: { deep?: boolean }): { func(definition: string): Native }
  proto(definition: string): unknown
  pointer(type: unknown): unknown
  register(callback: (...args: never[]) => unknown, type: unknown): bigint
  alloc(type: string, length: number): bigint
  view(pointer: bigint, length: number): ArrayBuffer
  decode(pointer: bigint, offset: number, type: string): unknown
}

/** Memory outside of JavaScript. It is never given back: views of it may still be there. */
export interface NativeMemory {
  readonly pointer: Pointer
  readonly memory: ArrayBuffer
}

/** @throws {MissingPackageError} When koffi is not installed. */
export function loadKoffi(): Koffi {
  try {
    const koffi: Koffi = createRequire(import.meta.url)('koffi')
    return koffi
  } catch (cause) {
    throw new MissingPackageError('koffi', 'CurlAsyncHTTPClient', { cause })
  }
}

/** Memory, zeroed. */
export function allocate(koffi: Koffi, size: number): NativeMemory {
  const pointer = koffi.alloc('uint8_t', size)
  const memory = koffi.view(pointer, size)
  new Uint8Array(memory).fill(0)
  return { pointer: toPointer(pointer), memory }
}

/** @throws {RangeError} When the address is beyond what a number holds. */
export function toPointer(address: bigint | number): Pointer {
  const pointer = Number(address)
  if (!Number.isSafeInteger(pointer)) throw new RangeError(`Address ${address} is too high`)
  return pointer
}

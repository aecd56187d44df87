import { close, constants, fstat, open, read, realpath, stat, type Stats } from 'node:fs'

/**
 * Bytes of the pieces that a file is read in. Those of {@link largestPiece} take a third less CPU than those of {@link smallestPiece};
 * but a piece and the next are in memory for as long as a client takes, and ten thousand slow ones must not fill it.
 */
export const smallestPiece: number = 65_536
export const largestPiece: number = 524_288

/** Opens a file to read it. What is no regular file does not make it wait. */
export function openFile(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    open(path, openFlags, (error, fd) => (error === null ? resolve(fd) : reject(error)))
  })
}

export function closeFile(fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    close(fd, (error) => (error ? reject(error) : resolve()))
  })
}

export function statOpenFile(fd: number): Promise<Stats> {
  return new Promise((resolve, reject) => {
    fstat(fd, (error, stats) => (error === null ? resolve(stats) : reject(error)))
  })
}

export function statFile(path: string): Promise<Stats> {
  return new Promise((resolve, reject) => {
    stat(path, (error, stats) => (error === null ? resolve(stats) : reject(error)))
  })
}

/** The path without links. */
export function realPathOf(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    realpath.native(path, (error, real) => (error === null ? resolve(real) : reject(error)))
  })
}

/** Reads up to `size` bytes at `position`, and fewer only at the end of the file. */
export async function readAt(fd: number, position: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(size)
  let filled = 0
  while (filled < size) {
    const count = await readInto(fd, buffer, filled, position + filled)
    if (count === 0) return buffer.subarray(0, filled)
    filled += count
  }
  return buffer
}

/**
 * The bytes from `start` to before `end`, in pieces; the next piece is read while one is used. Pieces are larger for who uses
 * them quickly.
 *
 * @throws {Error} When the file ends before that: who announced a length must not send less.
 */
export async function* readPieces(fd: number, start: number, end: number): AsyncGenerator<Buffer, void> {
  let position = start
  let wanted = smallestPiece
  let size = 0
  const readNext = (): Promise<Buffer> | null => {
    size = Math.min(wanted, end - position)
    return size > 0 ? readAt(fd, position, size) : null
  }
  let ahead = readNext()
  try {
    while (ahead !== null) {
      const piece: Buffer = await ahead
      position += piece.length
      if (piece.length < size) throw new Error(`File ended at ${position}, ${end} bytes were announced`)
      ahead = readNext()
      const givenAtMs = performance.now()
      yield piece
      wanted = nextPieceSize(wanted, performance.now() - givenAtMs)
    }
  } finally {
    // The descriptor may be closed after this, and its number go to another file.
    await ahead?.catch(() => {})
  }
}

/** How large pieces are to be after one that took so long to use, when they were of `size` bytes. */
export function nextPieceSize(size: number, usedMs: number): number {
  if (usedMs < quickMs) return Math.min(size * 2, largestPiece)
  return usedMs > slowMs ? smallestPiece : size
}

const quickMs = 20
const slowMs = 100

// A pipe without a writer would keep a thread of the pool for good.
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

function readInto(fd: number, buffer: Buffer, offset: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, offset, buffer.length - offset, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    )
  })
}

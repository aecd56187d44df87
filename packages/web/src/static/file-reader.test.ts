import { truncate } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { makeFileTree } from '../../test/file-tree.ts'
import {
  closeFile,
  largestPiece,
  nextPieceSize,
  openFile,
  readAt,
  readPieces,
  smallestPiece,
} from './file-reader.ts'
import { contentOfFile } from './static-source.ts'

it('reads exactly what is asked for, at every edge of a piece', async () => {
  await using tree = await makeFileTree()
  const bytes = Buffer.alloc(3 * smallestPiece + 5)
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 7 + (at >> 8)) & 0xff
  const fd = await openFile(await tree.write('a', bytes))
  const edges = [0, 1, smallestPiece - 1, smallestPiece, smallestPiece + 1, bytes.length - 1, bytes.length]
  for (const start of edges) {
    for (const end of edges.filter((each) => each >= start)) {
      const pieces: Buffer[] = []
      for await (const piece of readPieces(fd, start, end)) pieces.push(piece)
      expect(Buffer.concat(pieces).equals(bytes.subarray(start, end)), `${start} to ${end}`).toBe(true)
    }
  }
  expect((await readAt(fd, bytes.length - 2, 10)).length).toBe(2)
  await closeFile(fd)
})

it('fails when the file ends before that', async () => {
  await using tree = await makeFileTree()
  const path = await tree.write('a', Buffer.alloc(200_000))
  const fd = await openFile(path)
  const pieces = readPieces(fd, 0, 200_000)
  await pieces.next()
  await truncate(path, 0)
  await expect(
    (async () => {
      for await (const piece of pieces) expect(piece.length).toBeGreaterThan(0)
    })(),
  ).rejects.toThrow(/File ended at \d+, 200000 bytes were announced/)
  await closeFile(fd)
})

it('a reader that stops early leaves no read behind', async () => {
  await using tree = await makeFileTree()
  const path = await tree.write('a', Buffer.alloc(1_000_000, 'x'))
  for await (const piece of contentOfFile(path)) {
    expect(piece.length).toBe(smallestPiece)
    break
  }
  const rest: number[] = []
  for await (const piece of contentOfFile(path, 999_990)) rest.push(piece.length)
  expect(rest).toEqual([10])
})

it('pieces grow for who is quick, and are small for who is slow', () => {
  expect(nextPieceSize(smallestPiece, 1)).toBe(2 * smallestPiece)
  expect(nextPieceSize(largestPiece, 1)).toBe(largestPiece)
  expect(nextPieceSize(262_144, 50)).toBe(262_144)
  expect(nextPieceSize(largestPiece, 500)).toBe(smallestPiece)
})

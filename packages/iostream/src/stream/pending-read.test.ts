import { describe, expect, it } from 'vitest'
import { BaseIOStream } from './base-io-stream.ts'
import { ScriptedPeer } from '../memory/scripted-peer.ts'
import { splits } from '../memory/splits.ts'

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

describe('however the bytes are cut', () => {
  const message = 'GET /\r\nHost: a\r\n\r\n12345'
  const reads: readonly [
    name: string,
    read: (stream: BaseIOStream) => Promise<Uint8Array>,
    wanted: string,
  ][] = [
    ['readUntil', (stream) => stream.readUntil('\r\n\r\n'), 'GET /\r\nHost: a\r\n\r\n'],
    [
      'readUntil with a limit',
      (stream) => stream.readUntil('\n\r\n', { maxSize: 18 }),
      'GET /\r\nHost: a\r\n\r\n',
    ],
    ['readUntilRegex', (stream) => stream.readUntilRegex(/\r?\n\r?\n/), 'GET /\r\nHost: a\r\n\r\n'],
    ['readBytes', (stream) => stream.readBytes(7), 'GET /\r\n'],
  ]
  for (const [name, read, wanted] of reads) {
    it(`${name} gives the same`, async () => {
      for (const pieces of splits(message)) {
        const { stream, peer } = ScriptedPeer.connect()
        const result = read(stream)
        void peer.send(pieces).then(() => peer.end())
        expect(text(await result)).toBe(wanted)
        expect(text(await stream.readUntilClose())).toBe(message.slice(wanted.length))
      }
    })
  }

  it('B-ios-005 the limit is kept to', async () => {
    for (const pieces of splits('0123456789\n')) {
      const { stream, peer } = ScriptedPeer.connect()
      const result = stream.readUntil('\n', { maxSize: 10 })
      void peer.send(pieces)
      await expect(result).rejects.toMatchObject({ realError: { name: 'UnsatisfiableReadError' } })
      const other = ScriptedPeer.connect()
      const match = other.stream.readUntilRegex(/\n/, { maxSize: 10 })
      void other.peer.send(pieces)
      await expect(match).rejects.toMatchObject({ realError: { name: 'UnsatisfiableReadError' } })
    }
  })

  it('a message cut short is told from one that is not', async () => {
    for (let size = 0; size < message.length; size++) {
      const { stream, peer } = ScriptedPeer.connect()
      void peer.send(message.slice(0, size)).then(() => peer.end())
      const read = stream.readBytes(message.length)
      await expect(read).rejects.toMatchObject({ name: 'StreamClosedError', realError: null })
      expect(text(await stream.readUntilClose())).toBe(message.slice(0, size))
    }
  })
})

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { Room } from '../rooms/room.ts'
import { SQLiteStore } from './sqlite-store.ts'

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'tornado-ts-chat-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

it('keeps the last 200 messages of each room, and secrets, for the next who opens it', () => {
  const path = join(folder(), 'chat.db')
  const first = new SQLiteStore(path)
  const ann = { id: 'a', name: "Ann'; DROP TABLE messages; --" }
  const room = new Room('tea', first, { graceMs: 0 })
  for (let i = 0; i < 202; i++) room.publish(ann, `message ${i} 👋`, `nonce-${i}`)
  new Room('milk', first, { graceMs: 0 }).publish(ann, 'other', 'nonce-0')
  expect(first.secret('cookie', () => 'made')).toBe('made')
  first.close()
  const second = new SQLiteStore(path)
  expect(second.load('tea', 1000)).toEqual(room.messages)
  const again = new Room('tea', second, { graceMs: 0 })
  expect(again.find(ann, 'nonce-201')).toEqual(room.messages.at(-1))
  expect(again.publish(ann, 'next', 'nonce-of-next').id).toBeGreaterThan(room.cursor)
  expect(second.load('milk', 5).map(({ text }) => text)).toEqual(['other'])
  expect(second.secret('cookie', () => 'another')).toBe('made')
  second.close()
})

it('what is no database is not touched', () => {
  const path = join(folder(), 'notes.txt')
  writeFileSync(path, 'Not a database, but long enough that SQLite looks at its first bytes.'.repeat(20))
  expect(() => new SQLiteStore(path)).toThrow('not a database')
})

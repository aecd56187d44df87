import { beforeEach, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory-store.ts'
import { cleanText, isNonce } from './message.ts'
import { Presence } from './presence.ts'
import { RoomList, roomName } from './room-list.ts'
import { Room } from './room.ts'

const ann = { id: 'a', name: 'Ann' }
const all = { cursor: 0, people: null }
let room: Room

beforeEach(() => {
  room = new Room('tea', new MemoryStore(), { graceMs: 1000 })
})

function textsOf(news: string | null): string[] {
  const { messages } = JSON.parse(news ?? '{"messages":[]}') as { messages: { text: string }[] }
  return messages.map(({ text }) => text)
}

it('keeps the last 200 messages, and tells those beyond a cursor', () => {
  const ids = Array.from({ length: 203 }, (_, i) => room.publish(ann, String(i), `nonce-${i}`).id)
  expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b))
  expect(room.messages).toHaveLength(200)
  expect(textsOf(room.news(all))[0]).toBe('3')
  expect(textsOf(room.news({ ...all, cursor: ids[200]! }))).toEqual(['201', '202'])
  expect(room.news({ ...all, cursor: ids[202]! })).toBeNull()
  expect(room.find(ann, 'nonce-2')).toBeUndefined()
  expect(room.find(ann, 'nonce-3')?.id).toBe(ids[3])
  expect(room.find({ ...ann, id: 'b' }, 'nonce-3')).toBeUndefined()
})

it('a cursor of another life of the room gets all there is', () => {
  room.publish(ann, 'new', 'nonce-of-new')
  expect(textsOf(room.news({ ...all, cursor: room.cursor + 5000 }))).toEqual(['new'])
})

it('tells who is here when that has changed, a crowd at once, and the larger it is the rarer', () => {
  const told: string[] = []
  room.follow({ tell: (json) => void told.push(json), end: () => {} })
  const now = Date.now()
  for (let i = 0; i < 150; i++) room.enter({ id: `p${i}`, name: `P ${i}` })
  room.sweep(now)
  room.enter(ann)
  room.sweep(now + 7000)
  expect(told).toHaveLength(1)
  room.sweep(now + 8000)
  room.sweep(now + 20_000)
  const [first, second] = told.map(
    (json) => (JSON.parse(json) as { people: { count: number; names: [] } }).people,
  )
  expect([first!.count, first!.names.length, second!.count, told.length]).toEqual([150, 100, 151, 2])
  const { version } = room.presence
  expect(room.news({ cursor: 0, people: version })).toBeNull()
  expect(room.news({ cursor: 0, people: version - 1 })).toContain('"people":{"version"')
})

it('those who leave count as here for a while, and with another page for as long as that is open', () => {
  const presence = new Presence(1000)
  expect([presence.enter('a', 'Ann'), presence.enter('a', 'Ann'), presence.enter('b', 'Bo')]).toEqual([
    true,
    false,
    true,
  ])
  presence.leave('a', 5000)
  presence.leave('b', 5000)
  presence.leave('nobody', 5000)
  expect([presence.sweep(5999), presence.count]).toEqual([false, 2])
  expect([presence.sweep(6000), presence.count]).toEqual([true, 1])
  expect(presence.enter('a', 'Anne')).toBe(true)
  expect(JSON.parse(presence.json)).toMatchObject({ count: 1, names: [{ id: 'a', name: 'Anne' }] })
})

it('a room that nobody needs makes place; without one there is no further room', () => {
  const rooms = new RoomList(new MemoryStore(), { maxRooms: 2, graceMs: 0 })
  const leave = rooms.get('a')!.enter(ann)
  rooms.get('b')!.publish(ann, 'kept while there is place', 'nonce-of-b')
  rooms.sweep()
  expect(rooms.get('b')!.messages).toHaveLength(1)
  rooms.get('c')!.enter(ann)
  expect(rooms.get('b')).toBeNull()
  expect(rooms.busiest(5)).toEqual([
    { name: 'a', count: 1 },
    { name: 'c', count: 1 },
  ])
  leave()
  rooms.sweep()
  expect(rooms.get('b')!.messages).toHaveLength(0)
})

it('names of rooms and texts have one spelling', () => {
  expect(['Tea', 'ＴＥＡ', '茶', 'tea-2_3', 'नमस्ते'].map(roomName)).toEqual([
    'tea',
    'tea',
    '茶',
    'tea-2_3',
    'नमस्ते',
  ])
  expect(['', '-a', 'a b', 'a/b', '<b>', '..', 'x'.repeat(41), 'a\u202eb'].map(roomName)).toEqual(
    Array.from({ length: 8 }, () => null),
  )
  expect(cleanText(' a\r\nb\rc\u0000\u001b \n\n\n\n\n d\t! ')).toBe('a\nb\nc \n\n\n d\t!')
  expect([cleanText('x'.repeat(2000))?.length, cleanText('x'.repeat(2001)), cleanText('\n')]).toEqual([
    2000,
    null,
    null,
  ])
  expect(['abcdefgh', 'short', 'has space', 5, 'x'.repeat(65)].map(isNonce)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ])
})

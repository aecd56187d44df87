import { expect, it } from 'vitest'
import { planCrowds } from './measure-chat.ts'

it('every room has as many people of each way, however many processes hold them', () => {
  for (const people of [400, 20_000]) {
    const load = { people, rooms: 10, rate: 1, seconds: 1, ways: ['polling', 'websocket'] as const }
    const all = planCrowds(load, 80, true).flatMap((plan) => plan.people)
    expect(all).toHaveLength(people)
    expect(new Set(all.map(({ head }) => head)).size).toBe(people)
    for (let room = 0; room < 10; room++) {
      const here = all.filter((person) => person.room === `room-${room}`)
      expect(here).toHaveLength(people / 10)
      expect(here.filter(({ way }) => way === 'polling').length).toBeCloseTo(people / 20, -1)
    }
  }
})

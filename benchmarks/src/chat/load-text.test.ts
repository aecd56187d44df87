import { expect, it } from 'vitest'
import { cursorsOf, findLoadMessages } from './load-text.ts'

it('finds what either server tells', () => {
  const ours =
    '{"messages":[{"id":7,"nonce":"n","person":"p1","name":"P","text":"load 123 ...","at":1},{"id":9,"text":"load 456 x"}],"people":{"version":55,"count":1,"names":[{"id":"p1","name":"P 1"}]}}'
  const messages = [
    { id: 7, sentAtUs: 123 },
    { id: 9, sentAtUs: 456 },
  ]
  expect(findLoadMessages(ours)).toEqual(messages)
  expect(cursorsOf(ours)).toEqual({ cursor: 9, people: 55 })
  const python = '{"messages": [{"id": 7, "text": "load 123 ..."}, {"id": 9, "text": "load 456 x"}]}'
  expect(findLoadMessages(python)).toEqual(messages)
  expect(cursorsOf(python)).toEqual({ cursor: 9, people: null })
  expect(findLoadMessages('{"messages":[]}')).toEqual([])
  expect(cursorsOf('{"messages":[]}')).toEqual({ cursor: null, people: null })
})

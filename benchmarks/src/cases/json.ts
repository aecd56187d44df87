import { isDeepStrictEqual } from 'node:util'
import { httpCase } from '../load/http-case.ts'

/** An order that `JSON.stringify` spells in 1024 bytes. */
export const order = {
  id: 'ord_20260101_0001',
  created: '2026-01-01T12:00:00.000Z',
  paid: true,
  customer: {
    id: 48_211,
    name: 'Alice Example',
    email: 'alice@example.com',
    tags: ['returning', 'newsletter'],
  },
  items: Array.from({ length: 8 }, (_, index) => ({
    sku: `SKU-${1000 + index}`,
    title: `Part number ${index + 1}`,
    quantity: index + 1,
    price: 19.95 + index,
  })),
  shipping: { street: '1 Example Road', city: 'Exampleton', country: 'GB', weight: 4.25 },
  discount: null,
  note: 'Please leave the parcel with the neighbour at number three if nobody is at home in the morning; they know about it, and the dog does not bite. Thanks a lot!',
}

export const json = httpCase({
  name: 'json',
  group: 'Bodies',
  title: '`GET /json`, an object of 1 KiB serialised for each answer',
  app: { kind: 'json', document: order, answer: JSON.stringify(order), pipelined: false },
  request: { method: 'GET', path: '/json', headers: {} },
  isRight: (body) => isDeepStrictEqual(JSON.parse(body), order),
})

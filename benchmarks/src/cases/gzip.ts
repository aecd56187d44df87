import { isDeepStrictEqual } from 'node:util'
import { httpCase } from '../load/http-case.ts'
import { order } from './json.ts'

/** Twenty orders that are not all alike: 20 KiB of JSON. */
export const orders = {
  orders: Array.from({ length: 20 }, (_, index) => ({
    ...order,
    id: `ord_${String(index).padStart(13, '0')}`,
    customer: { ...order.customer, id: 10_000 + ((index * 7919) % 90_000) },
    items: order.items.map((item, place) => {
      const article = (index * 8 + place) * 6151
      return { ...item, sku: `SKU-${1000 + (article % 9000)}`, price: 10 + (article % 9000) / 100 }
    }),
  })),
}

export const gzipJson = httpCase({
  name: 'gzip-json',
  group: 'Compression',
  title: '`GET /json`, an object of 20 KiB serialised and compressed with gzip for each answer',
  app: { kind: 'gzip', document: orders, answer: JSON.stringify(orders), pipelined: false },
  request: { method: 'GET', path: '/json', headers: { 'Accept-Encoding': 'gzip' } },
  coding: 'gzip',
  isRight: (body) => isDeepStrictEqual(JSON.parse(body), orders),
})

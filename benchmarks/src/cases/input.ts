import { createHmac } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { SessionApp } from '../app-spec.ts'
import { httpCase } from '../load/http-case.ts'
import { order } from './json.ts'

const body = JSON.stringify(order)
const receipt = { id: order.id, items: order.items.length, total: totalOf(order.items) }

export const jsonInOut = httpCase({
  name: 'json-in-out',
  group: 'Input',
  title: '`POST /order`, 1 KiB of JSON that is parsed and checked, and a small object in return',
  app: { kind: 'order', answer: JSON.stringify(receipt), pipelined: false },
  request: { method: 'POST', path: '/order', headers: { 'Content-Type': 'application/json' }, body },
  isRight: (text) => isDeepStrictEqual(JSON.parse(text), receipt),
})

const user = 'alice@example.com'
const secret = 'a secret of the length that is recommended for secrets'
const session: SessionApp = { kind: 'session', secret }
const common = `${user}.${createHmac('sha256', secret).update(user).digest('base64').replace(/=+$/, '')}`

/** Each server reads the one cookie that it has signed; all of them get all. */
export const signedCookie = httpCase({
  name: 'signed-cookie',
  group: 'Input',
  title: '`GET /me`, which reads one of three signed cookies',
  app: { ...session, answer: user, pipelined: false },
  request: {
    method: 'GET',
    path: '/me',
    headers: {
      Cookie: [
        `tornado=${tornadoValue('tornado', user)}`,
        `fastify=${encodeURIComponent(common)}`,
        `express=${encodeURIComponent(`s:${common}`)}`,
      ].join('; '),
    },
  },
})

/** A signed value of Tornado, version 2. */
function tornadoValue(name: string, value: string): string {
  const fields = ['0', String(Math.floor(Date.now() / 1000)), name, Buffer.from(value).toString('base64')]
  const signed = ['2', ...fields.map((field) => `${field.length}:${field}`), ''].join('|')
  return signed + createHmac('sha256', secret).update(signed).digest('hex')
}

function totalOf(items: readonly { quantity: number; price: number }[]): number {
  return items.reduce((total, { quantity, price }) => total + quantity * price, 0)
}

import { expect, it } from 'vitest'
import { HTTP1Decoder } from './decoder.ts'
import type { RequestHead } from './message-head.ts'

const fieldsOf = (lines: string): RequestHead['fields'] => {
  const decoder = new HTTP1Decoder({ role: 'server' })
  decoder.receive(Buffer.from(`GET / HTTP/1.1\r\nHost: x\r\n${lines}\r\n`, 'latin1'))
  return (decoder.next() as RequestHead).fields
}

it('B-httputil-010 gives the bytes of names and values one character each', () => {
  const fields = fieldsOf('X-Name: caf\u00e9 \u00ff\u0080\r\n')
  expect([fields.fieldName(1), fields.fieldValue(1)]).toEqual(['X-Name', 'caf\u00e9 \u00ff\u0080'])
})

it('finds names in any case, and none that only look like one', () => {
  const fields = fieldsOf('X-A: 1\r\nx-a: 2\r\nX~A: 3\r\nX^A: 4\r\n')
  expect([fields.findField('x-A', 0), fields.findField('X-A', 2), fields.findField('X-A', 3)]).toEqual([
    1, 2, -1,
  ])
  expect([fields.findField('X~A', 0), fields.findField('x^a', 0), fields.findField('X', 0)]).toEqual([
    3, 4, -1,
  ])
})

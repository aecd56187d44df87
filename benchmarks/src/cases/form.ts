import { httpCase } from '../load/http-case.ts'

const size = 1024
const name = 'Alice Example'
const opening = 'Grüße aus dem Formular: two fields, some of it escaped & the rest of it plain. '
const filler = size - encode(opening).length
const text = opening + 'x'.repeat(filler)

/** The form's 1024 bytes. */
export const formBody = encode(text)

function encode(value: string): string {
  return new URLSearchParams({ name, text: value }).toString()
}

export const form = httpCase({
  name: 'form',
  group: 'Bodies',
  title: '`POST /form`, 1 KiB urlencoded, of which two fields are read',
  app: { kind: 'form', answer: `${name.length} ${text.length}`, pipelined: false },
  request: {
    method: 'POST',
    path: '/form',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: formBody,
  },
})

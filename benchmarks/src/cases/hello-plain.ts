import { httpCase } from '../load/http-case.ts'
import { greeting, greetingGroup } from './greeting.ts'

export const helloPlain = httpCase({
  name: 'hello-plain',
  group: greetingGroup,
  title: '`GET /` with a `Host` header alone',
  app: { kind: 'hello', answer: greeting, pipelined: false },
  request: { method: 'GET', path: '/', headers: {} },
})

import { httpCase } from '../load/http-case.ts'
import { greeting, greetingGroup } from './greeting.ts'

export const helloPipelined = httpCase({
  name: 'hello-pipelined',
  group: greetingGroup,
  title: '`GET /` with a `Host` header alone, 16 requests in one segment',
  app: { kind: 'hello', answer: greeting, pipelined: true },
  request: { method: 'GET', path: '/', headers: {} },
  pipelining: 16,
})

import { addLogHandler, removeLogHandler, setLogLevel, type LogHandler } from '@tornado-ts/log'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { logCurl } from './curl-log.ts'

const lines: string[] = []
const handler: LogHandler = { handle: ({ message }) => void lines.push(String(message)) }

beforeEach(() => {
  lines.length = 0
  addLogHandler(handler)
  setLogLevel('debug')
})

afterEach(() => {
  setLogLevel('info')
  removeLogHandler(handler)
})

it('hides the values of authorization and cookie fields, however libcurl tells them', () => {
  logCurl(2, 'GET / HTTP/1.1\r\nCookie: a=secret\r\nProxy-Authorization: secret\r\nX-A: cookie: open\r\n\r\n')
  logCurl(1, 'set-cookie: a=secret; Path=/\r\n')
  // HTTP/2, of 7.88 and of 8.
  logCurl(0, 'h2h3 [authorization: Basic secret]\n')
  logCurl(0, '[HTTP/2] [1] [cookie: a=secret]\n')
  logCurl(0, '[HTTP/2] [1] [user-agent: x]\n')
  expect(lines).toEqual([
    '> GET / HTTP/1.1',
    '> Cookie: [hidden]',
    '> Proxy-Authorization: [hidden]',
    '> X-A: cookie: open',
    '< set-cookie: [hidden]',
    '* h2h3 [authorization: [hidden]',
    '* [HTTP/2] [1] [cookie: [hidden]',
    '* [HTTP/2] [1] [user-agent: x]',
  ])
})

import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { expect, it } from 'vitest'
import { answerJson } from '../fixtures/delegates.ts'
import { listening } from '../fixtures/listening.ts'
import { RawClient } from '../fixtures/raw-client.ts'

it('B-httputil-009 HTTP/1.0 may leave Host out, and is then asking 127.0.0.1', async () => {
  const { server, port } = await listening(answerJson(({ host, hostName }) => [host, hostName]))
  await using _ = server
  for (const [head, expected] of [
    ['GET / HTTP/1.0\r\n', ['127.0.0.1', '127.0.0.1']],
    ['GET / HTTP/1.0\r\nHost: A.example:80\r\n', ['A.example:80', 'a.example']],
  ] as const) {
    await using client = await RawClient.open(port)
    client.send(`${head}\r\n`)
    expect(JSON.parse((await client.response()).body)).toEqual(expected)
  }
})

it.each(['', 'Host: a\r\nHost: a\r\n', 'Host: a,b\r\n', 'Host: a b\r\n', 'Host: a/b\r\n', 'Host: [::1\r\n'])(
  'B-httputil-009 %j in HTTP/1.1 is answered with 400',
  async (lines) => {
    using logged = expectLog(genLog, /^Malformed HTTP message from 127\.0\.0\.1: .*Host/, { level: 'info' })
    const { server, port } = await listening(answerJson(() => 'served'))
    await using _ = server
    await using client = await RawClient.open(port)
    client.send(`GET / HTTP/1.1\r\n${lines}\r\n`)
    expect((await client.response()).status).toBe(400)
    expect(logged.matched).toBe(1)
  },
)

import { expect, it } from 'vitest'
import { RawClient } from '../fixtures/raw-client.ts'
import { Program } from '../fixtures/run-program.ts'

/** Answers when it is told to by a line on standard input. */
const text = `
  import { HTTPServer } from '@tornado-ts/httpserver'
  import { answer } from './fixtures/delegates.ts'
  const server = new HTTPServer((request) => {
    console.log('asked')
    process.stdin.once('data', () => answer(request.connection, 'done'))
  })
  server.listen(0, { address: '127.0.0.1' })
  console.log((await server.bound).port)
  await server.stopOnSignals()
  console.log('closed')
  process.stdin.destroy()
`

/** Resolves once nobody listens any more. In the moment of the change a connection may be made and reset. */
async function refused(port: number): Promise<void> {
  for (;;) {
    const result = await RawClient.open(port).catch((error: NodeJS.ErrnoException) => error.code)
    if (result instanceof RawClient) await result[Symbol.asyncDispose]()
    else if (result === 'ECONNREFUSED') return
    else expect(result).toBe('ECONNRESET')
  }
}

it.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: the request under way is answered, then the program ends',
  async (signal) => {
    await using running = new Program(text)
    const port = Number(await running.line())
    await using client = await RawClient.open(port)
    client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await running.line()).toBe('asked')
    running.kill(signal)
    await refused(port)
    running.process.stdin.write('go on\n')
    const { body, headers } = await client.response()
    expect([body, headers.get('connection')]).toEqual(['done', 'close'])
    expect(await running.ended).toMatchObject({ status: 0, stdout: 'closed\n', stderr: '' })
  },
)

it('a second signal ends the program at once', async () => {
  await using running = new Program(text)
  const port = Number(await running.line())
  await using client = await RawClient.open(port)
  client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await running.line()
  running.kill('SIGTERM')
  await refused(port)
  running.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ status: null, signal: 'SIGTERM' })
})

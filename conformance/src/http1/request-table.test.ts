import { HTTPServer } from '@tornado-ts/httpserver'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { outcomeOf } from './outcome.ts'
import { requestTable } from './request-table.ts'
import { EchoApplication } from './echo-application.ts'

let server: HTTPServer
let port: number

beforeAll(async () => {
  server = new HTTPServer(new EchoApplication(), { maxBodySize: 100_000 })
  server.listen(0, { address: '127.0.0.1' })
  port = (await server.bound).port
})

afterAll(() => server.close())

/** Sends pieces, each after the server can have read the one before, then ends this side; answers what came as latin1. */
async function send(pieces: readonly string[]): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.on('end', () => socket.end())
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.once('close', resolve))
  for (const piece of pieces) {
    socket.write(Buffer.from(piece, 'latin1'))
    if (pieces.length > 1) await new Promise((resolve) => setImmediate(resolve))
  }
  socket.end()
  await closed
  return Buffer.concat(chunks).toString('latin1')
}

/** The answers in received bytes, as the table writes them. */
function answersIn(received: string): (number | string)[] {
  const { messages, status, reason } = outcomeOf(received, { role: 'client', end: true })
  if (status !== null) throw new Error(`${reason} in ${received.slice(0, 300)}`)
  return messages.map(({ first, body, complete }) => {
    expect(complete).toBe(true)
    const code = Number(first.slice(9, 12))
    return code === 200 ? body : code
  })
}

/** What comes of a request in these pieces; of a refusal also whether its head says that the connection ends. */
async function answersTo(raw: string, split: (raw: string) => string[]): Promise<(number | string)[]> {
  const received = await send(split(raw))
  const answers = answersIn(received)
  const last = answers.at(-1)
  if (typeof last !== 'number') return answers
  const [head] = received.slice(received.lastIndexOf(`HTTP/1.1 ${last}`)).split('\r\n\r\n')
  expect(head).toMatch(/\r\nContent-Length: \d+\r\nConnection: close$/)
  return answers
}

/** Single bytes; of a long one all the same so many pieces that heads, chunks and line ends are cut. */
function bytewise(raw: string): string[] {
  const size = Math.ceil(raw.length / 1000)
  return Array.from({ length: Math.ceil(raw.length / size) }, (_, i) => raw.slice(i * size, (i + 1) * size))
}

const good = 'POST /good HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n'

it('the table has at least 300 requests of different bytes', () => {
  const all = requestTable.flatMap(([, requests]) => requests.map(({ raw }) => raw))
  expect(new Set(all).size).toBeGreaterThanOrEqual(300)
})

describe.each(requestTable)('%s', (_class, requests) => {
  const cases = requests.map((each) => [each.name, each] as const)

  it.each(cases)('%s', async (_name, { raw, answers }) => {
    const whole = answersTo(raw, (bytes) => [bytes])
    const split = answersTo(raw, bytewise)
    const behind = answersTo(good + raw, (bytes) => [bytes])
    expect(await whole).toEqual(answers)
    expect(await split).toEqual(answers)
    expect(await behind).toEqual(['POST /good good', ...answers])
  })
})

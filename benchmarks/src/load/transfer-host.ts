// The process that moves large bodies: a line with a target in, a line with the result out.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { TransferApp } from '../app-spec.ts'
import type { LoadResult } from '../load-case.ts'
import { loopback } from '../server-program.ts'
import type { TransferTarget } from './transfer-case.ts'

const pieceSize = 65_536
const piece = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(pieceSize, 'x'), Buffer.from('\r\n')])

const lastChunk = '0\r\n\r\n'

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await load(JSON.parse(line)))}\n`)
}

async function load({ port, app, connections, durationMs }: TransferTarget): Promise<LoadResult> {
  const begun = performance.now()
  const results = await Promise.all(
    Array.from({ length: connections }, () => transferUntil(port, app, begun + durationMs)),
  )
  const whole = results.reduce((sum, { whole }) => sum + whole, 0)
  const failed = results.reduce((sum, { broken }) => sum + broken, 0)
  return { done: (whole * app.size) / 2 ** 20, failed, seconds: (performance.now() - begun) / 1000 }
}

async function transferUntil(
  port: number,
  app: TransferApp,
  untilMs: number,
): Promise<{ whole: number; broken: number }> {
  const socket = connect({ host: loopback, port, noDelay: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  let whole = 0
  do {
    const isWhole = await (app.kind === 'upload' ? upload(socket, app.size) : download(socket, app.size))
    if (!isWhole) return { whole, broken: 1 }
    whole++
  } while (performance.now() < untilMs)
  socket.destroy()
  return { whole, broken: 0 }
}

/** Whether the server has counted every byte. */
async function upload(socket: Socket, size: number): Promise<boolean> {
  let answer = ''
  const answered = new Promise<void>((resolve) => {
    const receive = (chunk: Buffer): void => {
      answer += chunk.toString('latin1')
      if (!/\r\n\r\n(?:[0-9a-f]+\r\n)?[0-9]{2,}/.test(answer)) return
      socket.off('data', receive)
      resolve()
    }
    socket.on('data', receive)
  })
  socket.write('POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n')
  for (let sent = 0; sent < size; sent += pieceSize) if (!socket.write(piece)) await once(socket, 'drain')
  socket.write('0\r\n\r\n')
  await answered
  return answer.endsWith(String(size))
}

/** Whether as many bytes came, or a few more: those of the head and of the chunks' sizes. */
function download(socket: Socket, size: number): Promise<boolean> {
  return new Promise((resolve) => {
    let received = 0
    let end = ''
    const receive = (chunk: Buffer): void => {
      received += chunk.length
      if (received < size) return
      end = (end + chunk.subarray(-lastChunk.length).toString('latin1')).slice(-lastChunk.length)
      if (end !== lastChunk) return
      socket.off('data', receive)
      resolve(received < size * 1.01)
    }
    socket.on('data', receive)
    socket.write('GET /download HTTP/1.1\r\nHost: localhost\r\n\r\n')
  })
}

// The process that loads servers of bare sockets: a line with a target in, a line with the result out.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { LoadResult } from '../load-case.ts'
import { loopback } from '../server-program.ts'
import type { SocketTarget } from './socket-case.ts'

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await load(JSON.parse(line)))}\n`)
}

async function load({ port, kind, connections, durationMs }: SocketTarget): Promise<LoadResult> {
  const sockets = Array.from({ length: connections }, () => connect({ host: loopback, port, noDelay: true }))
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
  const begun = performance.now()
  const counters = sockets.map((socket) => (kind === 'lines' ? sendLines(socket) : sendStream(socket)))
  const broken = new Promise<boolean>((resolve) => {
    for (const socket of sockets) socket.once('close', () => resolve(true))
  })
  const over = new Promise<boolean>((resolve) => setTimeout(resolve, durationMs, false))
  const isBroken = await Promise.race([broken, over])
  const seconds = (performance.now() - begun) / 1000
  const done = counters.reduce((sum, counter) => sum + counter.done(), 0)
  for (const socket of sockets) socket.destroy()
  const failed = counters.reduce((sum, counter) => sum + counter.wrong(), isBroken ? 1 : 0)
  return { done, failed, seconds }
}

interface Counter {
  done(): number
  wrong(): number
}

function sendLines(socket: Socket): Counter {
  const line = `${'x'.repeat(63)}\n`
  let received = 0
  let wrong = 0
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (received % line.length !== 0) return
    if (chunk.at(-1) !== 10) wrong++
    socket.write(line, 'latin1')
  })
  socket.write(line, 'latin1')
  return { done: () => received / line.length, wrong: () => wrong }
}

function sendStream(socket: Socket): Counter {
  const chunk = Buffer.alloc(256 * 1024, 'tornado\n')
  let received = 0
  const send = (): void => {
    while (socket.write(chunk));
  }
  socket.on('error', () => {})
  socket.on('drain', send)
  socket.on('data', (bytes: Buffer) => (received += bytes.length))
  send()
  return { done: () => received / 2 ** 20, wrong: () => 0 }
}

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'

/** How the memory of a server grew while large bodies went through it. In bytes. */
export interface Growth {
  readonly up: number
  readonly down: number
}

const pieceSize = 65_536
const samplePeriodMs = 50

/** Sends a chunked body of so many bytes, and receives one, after others that warm the server up. */
export async function measureGrowth(size: number): Promise<Growth> {
  const server = fork(join(import.meta.dirname, 'serve.ts'), [], {
    execArgv: ['--disable-warning=ExperimentalWarning', '--conditions=@tornado-ts/source'],
  })
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    const warmUpSize = 64 * 2 ** 20
    await upload(port, warmUpSize)
    await download(port, warmUpSize)
    const up = await growthDuring(server, () => upload(port, size))
    const down = await growthDuring(server, () => download(port, size))
    return { up, down }
  } finally {
    server.kill()
  }
}

async function growthDuring(server: ChildProcess, work: () => Promise<void>): Promise<number> {
  const before = await residentSize(server)
  let most = before
  let isOver = false
  const working = work().finally(() => (isOver = true))
  while (!isOver) {
    most = Math.max(most, await residentSize(server))
    await Promise.race([working, new Promise((resolve) => setTimeout(resolve, samplePeriodMs))])
  }
  await working
  return Math.max(most, await residentSize(server)) - before
}

async function residentSize(server: ChildProcess): Promise<number> {
  const answered = once(server, 'message') as Promise<[{ residentSize: number }]>
  server.send('usage')
  return (await answered)[0].residentSize
}

async function upload(port: number, size: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  const answered = once(socket, 'data') as Promise<[Buffer]>
  const piece = Buffer.concat([Buffer.from('10000\r\n'), Buffer.alloc(pieceSize, 'x'), Buffer.from('\r\n')])
  socket.write('POST /0 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n')
  for (let sent = 0; sent < size; sent += pieceSize) if (!socket.write(piece)) await once(socket, 'drain')
  socket.write('0\r\n\r\n')
  const answer = (await answered)[0].toString('latin1')
  socket.destroy()
  if (!answer.includes(`\r\n\r\n${size}`)) throw new Error(`Wrong answer: ${answer}`)
}

async function download(port: number, size: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  socket.write(`GET /${size} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  let received = 0
  for await (const chunk of socket as AsyncIterable<Buffer>) received += chunk.length
  if (received < size) throw new Error(`Only ${received} bytes came`)
}

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { Program } from './program.ts'

/** What a server process uses, in bytes, and how many connections it has open. */
export interface Usage {
  readonly open: number
  readonly residentSize: number
  readonly heapSize: number
  readonly buffersSize: number
}

/** What became of a server that had many connections at once. */
export interface SoakResult {
  /** After a first few connections, which every server has once seen. */
  readonly before: Usage
  readonly during: Usage
  readonly after: Usage
  /** Connections that echoed what was sent to them while all were open. */
  readonly answered: number
}

/** Opens that many connections to one server process, has each answer twice, and closes them. */
export async function soak(connections: number): Promise<SoakResult> {
  await using server = new Program('soak-server', [], [], ['--expose-gc'])
  const port = Number(await server.line())
  const usage = async (): Promise<Usage> => {
    server.child.stdin!.write('usage\n')
    return JSON.parse(await server.line()) as Usage
  }
  const settled = async (open: number): Promise<Usage> => {
    for (;;) {
      const now = await usage()
      if (now.open === open) return now
    }
  }
  await closeAll(await openAll(port, Math.min(connections, 200)))
  const before = await settled(0)
  const sockets = await openAll(port, connections)
  const during = await settled(connections)
  let answered = 0
  for (const batch of batches(sockets)) {
    const answers = await Promise.all(batch.map((socket) => echo(socket, 'still here\n')))
    answered += answers.filter((answer) => answer === 'still here\n').length
  }
  await closeAll(sockets)
  await settled(0)
  // What was freed goes back to the system with the next collections.
  await usage()
  return { before, during, after: await usage(), answered }
}

async function openAll(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const batch = Array.from({ length: Math.min(batchSize, count - sockets.length) }, () => {
      return connect({ port, host: '127.0.0.1', noDelay: true })
    })
    await Promise.all(batch.map((socket) => once(socket, 'connect')))
    await Promise.all(batch.map((socket) => echo(socket, 'hello\n')))
    sockets.push(...batch)
  }
  return sockets
}

async function closeAll(sockets: readonly Socket[]): Promise<void> {
  for (const batch of batches(sockets)) {
    const closed = batch.map((socket) => once(socket, 'close'))
    for (const socket of batch) socket.destroy()
    await Promise.all(closed)
  }
}

async function echo(socket: Socket, text: string): Promise<string> {
  const answer = once(socket, 'data')
  socket.write(text)
  return String((await answer)[0])
}

const batchSize = 500

function* batches(sockets: readonly Socket[]): Generator<readonly Socket[]> {
  for (let at = 0; at < sockets.length; at += batchSize) yield sockets.slice(at, at + batchSize)
}

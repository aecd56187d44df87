import { Application } from '@tornado-ts/web'
import { Channel, setSendLimits, WebSocketHandler, type SlowReaderPolicy } from '@tornado-ts/websocket'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface NeverReadOptions {
  /** Connections that never read. */
  readonly count: number
  /** Most bytes that may wait in the process. */
  readonly maxQueuedSize: number
  readonly policy: SlowReaderPolicy
  /** Each connection is sent this many bytes of its own, in messages of 16 KiB, and as much as all are sent. */
  readonly sentSize: number
}

export interface NeverReadReport {
  /** What the connections say that they keep, all together, at most. Shared messages count in each. */
  readonly bufferedSize: number
  /** Bytes that were written to connections that still took them. */
  readonly writtenSize: number
  /** By how much the process grew: heap, and buffers beside it. */
  readonly grownSize: number
  /** Connections that are still open. */
  readonly open: number
}

const messageSize = 16_384
setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Sends to many connections that never read, and measures what they make the process keep. */
export async function neverRead(options: NeverReadOptions): Promise<NeverReadReport> {
  const { count, maxQueuedSize, policy, sentSize } = options
  const channel = new Channel<Member>()
  class Member extends WebSocketHandler {
    override open(): void {
      channel.subscribe(this)
    }
  }
  const app = new Application([['/ws', Member]], {
    logFunction: () => {},
    websocketSlowReaderPolicy: policy,
  })
  const server = app.listen(0, { address: '127.0.0.1' })
  const { port } = await server.bound
  const peers = fork(join(import.meta.dirname, 'never-reading-peers.ts'), [JSON.stringify({ port, count })], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  try {
    await once(peers, 'message')
    setSendLimits({ maxQueuedSize })
    const before = await keptSize()
    let writtenSize = 0
    for (let round = 0; round < sentSize / messageSize; round++) {
      await channel.publish(Buffer.alloc(messageSize, round))
      for (const member of channel) {
        void member.writeMessage(Buffer.alloc(messageSize, round)).catch(() => {})
        writtenSize += 2 * messageSize
      }
      await new Promise(setImmediate)
    }
    const bufferedSize = [...channel].reduce((sum, member) => sum + member.bufferedAmount, 0)
    return { bufferedSize, writtenSize, grownSize: (await keptSize()) - before, open: channel.size }
  } finally {
    setSendLimits({ maxQueuedSize: 256 * 1024 * 1024 })
    peers.kill()
    await server[Symbol.asyncDispose]()
  }
}

/** Without what only waits to be collected. */
async function keptSize(): Promise<number> {
  collect()
  await new Promise(setImmediate)
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

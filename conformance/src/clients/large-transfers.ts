import type { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Engine } from './engines.ts'

/** What moving a large body did to the memory of the client's process, in bytes. */
export interface Transfer {
  readonly moved: number
  /** How far resident memory rose above what it was after a first transfer. */
  readonly rise: number
}

/** Large bodies, down by callback and by iteration, and up. */
export interface Transfers {
  readonly down: Transfer
  readonly iterated: Transfer
  readonly up: Transfer
}

/** Moves so many MiB each way, piece by piece. */
export async function transferLarge({ create }: Engine, mebibytes: number): Promise<Transfers> {
  const program = fileURLToPath(new URL('large-transfer-server.ts', import.meta.url))
  const server = fork(program, { execArgv: [] })
  const [port] = (await once(server, 'message')) as [number]
  const url = `http://127.0.0.1:${port}`
  try {
    await using client = create({ maxBodySize: Infinity, defaults: { requestTimeoutMs: 0 } })
    // The heap grows to the size at which it is collected, whatever the size of a body.
    const warmUp = Math.min(128, mebibytes / 4)
    await download(client, url, warmUp)
    await iterate(client, url, warmUp)
    await upload(client, url, warmUp)
    return {
      down: await download(client, url, mebibytes),
      up: await upload(client, url, mebibytes),
      iterated: await iterate(client, url, mebibytes),
    }
  } finally {
    server.disconnect()
    await once(server, 'exit')
  }
}

async function download(client: AsyncHTTPClient, url: string, mebibytes: number): Promise<Transfer> {
  const watch = watchMemory()
  let moved = 0
  const streamingCallback = (chunk: Buffer): void => {
    moved += chunk.length
    watch.look()
  }
  await client.fetch(`${url}/${mebibytes}`, { streamingCallback })
  return { moved, rise: watch.rise }
}

async function iterate(client: AsyncHTTPClient, url: string, mebibytes: number): Promise<Transfer> {
  const watch = watchMemory()
  let moved = 0
  for await (const chunk of await client.stream(`${url}/${mebibytes}`)) {
    moved += chunk.length
    watch.look()
  }
  return { moved, rise: watch.rise }
}

async function upload(client: AsyncHTTPClient, url: string, mebibytes: number): Promise<Transfer> {
  const watch = watchMemory()
  async function* pieces(): AsyncGenerator<Buffer> {
    const piece = Buffer.alloc(65_536, 'x')
    for (let i = 0; i < mebibytes * 16; i++) {
      watch.look()
      yield piece
    }
  }
  const response = await client.fetch(`${url}/`, { method: 'POST', body: pieces() })
  return { moved: Number(response.text()), rise: watch.rise }
}

function watchMemory(): { look: () => void; rise: number } {
  const before = process.memoryUsage.rss()
  let looks = 0
  const watch = {
    rise: 0,
    look(): void {
      if (looks++ % 64 === 0) watch.rise = Math.max(watch.rise, process.memoryUsage.rss() - before)
    },
  }
  return watch
}

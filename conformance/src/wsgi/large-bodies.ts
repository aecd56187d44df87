import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** How much the memory of both sides rose, at most, while a body went through, in bytes; and what that took the server. */
export interface Growth {
  readonly server: number
  readonly worker: number
  /** In ms. */
  readonly serverCpu: number
}

/** What goes through, in bytes; and how. */
export interface LargeBodiesOptions {
  readonly up: number
  readonly down: number
  /**
   * Whether the server collects garbage before each look, so that what it holds is seen, and not when V8 sees fit. That lets
   * about 50 MiB lie of what the platform reads from clients. @default false
   */
  readonly collects?: boolean
  /** Whether the client stops again and again, until the server has told its memory. @default false */
  readonly isSlow?: boolean
}

/** Where a slow client waits, after each piece; nothing for others. */
type Pause = () => undefined | Promise<void>

const piece: Buffer = Buffer.alloc(65_536, 'x')
const samplePeriodMs = 50
const pauseSize = 2 ** 22

/** Uploads a file of a form and downloads a stream, after smaller ones that warm both sides up. */
export async function measureLargeBodies(
  framework: 'flask' | 'django',
  { up: uploadSize, down: downloadSize, collects = false, isSlow = false }: LargeBodiesOptions,
): Promise<{ up: Growth; down: Growth }> {
  const server = fork(join(import.meta.dirname, 'serve.ts'), [framework], {
    execArgv: [
      '--disable-warning=ExperimentalWarning',
      '--conditions=@tornado-ts/source',
      ...(collects ? ['--expose-gc'] : []),
    ],
  })
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }]
    const warmUpSize = 128 * 2 ** 20
    await upload(port, warmUpSize, () => undefined)
    await download(port, warmUpSize, () => undefined)
    const up = await growthDuring(server, port, isSlow, (pause) => upload(port, uploadSize, pause))
    const down = await growthDuring(server, port, isSlow, (pause) => download(port, downloadSize, pause))
    return { up, down }
  } finally {
    server.kill()
  }
}

async function growthDuring(
  server: ChildProcess,
  port: number,
  isSlow: boolean,
  work: (pause: Pause) => Promise<void>,
): Promise<Growth> {
  const worker = await workerMemory(port)
  const before = await usage(server)
  let most = before.residentSize
  const look = async (): Promise<void> => {
    most = Math.max(most, (await usage(server)).residentSize)
  }
  let left = pauseSize
  const pause: Pause = () => {
    if (!isSlow || (left -= piece.length) > 0) return undefined
    left = pauseSize
    return look()
  }
  let isOver = false
  const working = work(pause).finally(() => (isOver = true))
  while (!isOver) {
    if (!isSlow) await look()
    await Promise.race([working, new Promise((resolve) => setTimeout(resolve, samplePeriodMs))])
  }
  await working
  const after = await usage(server)
  const { most: workerMost } = await workerMemory(port)
  return {
    server: Math.max(most, after.residentSize) - before.residentSize,
    worker: Math.max(0, workerMost - Math.max(worker.most, worker.now)) * 1024,
    serverCpu: after.cpuMs - before.cpuMs,
  }
}

async function usage(server: ChildProcess): Promise<{ residentSize: number; cpuMs: number }> {
  const answered = once(server, 'message') as Promise<[{ residentSize: number; cpuMs: number }]>
  server.send('usage')
  return (await answered)[0]
}

async function workerMemory(port: number): Promise<{ now: number; most: number }> {
  const response = await fetch(`http://127.0.0.1:${port}/memory`)
  return (await response.json()) as { now: number; most: number }
}

async function upload(port: number, size: number, pause: Pause): Promise<void> {
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n'
  const tail = '\r\n--b--\r\n'
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from(head)
    for (let sent = 0; sent < size; sent += piece.length) {
      yield piece
      const waiting = pause()
      if (waiting !== undefined) await waiting
    }
    yield Buffer.from(tail)
  }
  const request = httpRequest({
    host: '127.0.0.1',
    port,
    method: 'POST',
    path: '/upload',
    headers: {
      'Content-Type': 'multipart/form-data; boundary=b',
      'Content-Length': head.length + size + tail.length,
    },
  })
  const answered = once(request, 'response') as Promise<[IncomingMessage]>
  await pipeline(Readable.from(body()), request)
  let text = ''
  for await (const chunk of (await answered)[0]) text += String(chunk)
  if (text !== `large.bin ${size}`) throw new Error(`Wrong answer: ${text.slice(0, 200)}`)
}

async function download(port: number, size: number, pause: Pause): Promise<void> {
  const request = httpRequest({ host: '127.0.0.1', port, path: `/download/${size}` }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let received = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    received += chunk.length
    const waiting = pause()
    if (waiting !== undefined) await waiting
  }
  if (received !== size) throw new Error(`Only ${received} bytes came`)
}

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** How much the memory of both sides rose, at most, while a body went through. In bytes. */
export interface Growth {
  readonly server: number
  readonly worker: number
}

const piece: Buffer = Buffer.alloc(65_536, 'x')
const samplePeriodMs = 50

/**
 * Uploads a file of a form and downloads a stream, of so many bytes each, after smaller ones that warm both sides up. With
 * `collects` the server collects garbage before each look, so that what it holds is seen, and not when V8 sees fit: that lets
 * about 64 MiB of read buffers lie.
 */
export async function measureLargeBodies(
  framework: 'flask' | 'django',
  uploadSize: number,
  downloadSize: number,
  { collects = false }: { collects?: boolean } = {},
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
    await upload(port, warmUpSize)
    await download(port, warmUpSize)
    const up = await growthDuring(server, port, () => upload(port, uploadSize))
    const down = await growthDuring(server, port, () => download(port, downloadSize))
    return { up, down }
  } finally {
    server.kill()
  }
}

async function growthDuring(server: ChildProcess, port: number, work: () => Promise<void>): Promise<Growth> {
  const before = await residentSize(server)
  const worker = await workerMemory(port)
  let most = before
  let isOver = false
  const working = work().finally(() => (isOver = true))
  while (!isOver) {
    most = Math.max(most, await residentSize(server))
    await Promise.race([working, new Promise((resolve) => setTimeout(resolve, samplePeriodMs))])
  }
  await working
  const { most: workerMost } = await workerMemory(port)
  return { server: most - before, worker: Math.max(0, workerMost - Math.max(worker.most, worker.now)) * 1024 }
}

async function residentSize(server: ChildProcess): Promise<number> {
  const answered = once(server, 'message') as Promise<[{ residentSize: number }]>
  server.send('usage')
  return (await answered)[0].residentSize
}

async function workerMemory(port: number): Promise<{ now: number; most: number }> {
  const response = await fetch(`http://127.0.0.1:${port}/memory`)
  return (await response.json()) as { now: number; most: number }
}

async function upload(port: number, size: number): Promise<void> {
  const head = '--b\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n'
  const tail = '\r\n--b--\r\n'
  function* body(): Generator<Buffer> {
    yield Buffer.from(head)
    for (let sent = 0; sent < size; sent += piece.length) yield piece
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

async function download(port: number, size: number): Promise<void> {
  const request = httpRequest({ host: '127.0.0.1', port, path: `/download/${size}` }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  let received = 0
  for await (const chunk of response as AsyncIterable<Buffer>) received += chunk.length
  if (received !== size) throw new Error(`Only ${received} bytes came`)
}

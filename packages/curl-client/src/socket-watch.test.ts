import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { hasLibcurl } from '../test/has-libcurl.ts'
import { CurlAsyncHTTPClient, type CurlAsyncHTTPClientOptions } from './curl-async-http-client.ts'
import { socketWatching } from './socket-watch.ts'

const { throughOne } = socketWatching

afterEach(() => {
  socketWatching.throughOne = throughOne
})

async function withServer(
  listener: RequestListener,
  run: (client: CurlAsyncHTTPClient, url: string, sockets: Socket[]) => Promise<void>,
  options: CurlAsyncHTTPClientOptions = {},
): Promise<void> {
  const server = createServer(listener)
  const sockets: Socket[] = []
  server.on('connection', (socket) => sockets.push(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new CurlAsyncHTTPClient(options)
  try {
    await run(client, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets)
  } finally {
    client.close()
    server.closeAllConnections()
    server.close()
  }
}

const kinds = { 'each by itself': false, ...(throughOne ? { 'through one descriptor': true } : {}) }

describe.skipIf(!hasLibcurl)('sockets are watched', () => {
  describe.each(Object.entries(kinds))('%s', (_name, joint) => {
    it('many at once, over connections that are kept', async () => {
      socketWatching.throughOne = joint
      await withServer(
        (request, response) => response.end(request.url),
        async (client, url, sockets) => {
          const paths = Array.from({ length: 300 }, (_, i) => `/${i}`)
          const answers = await Promise.all(paths.map((path) => client.fetch(new URL(path, url))))
          expect(answers.map((answer) => answer.text())).toEqual(paths)
          expect(sockets.length).toBeLessThanOrEqual(20)
        },
        { maxClients: 20 },
      )
    })

    it('bodies that wait for both sides go up and down', async () => {
      socketWatching.throughOne = joint
      const size = 3_000_000
      await withServer(
        (request, response) => request.pipe(response),
        async (client, url) => {
          let received = 0
          await client.fetch(url, {
            method: 'PUT',
            bodyProducer: async (write) => {
              for (let sent = 0; sent < size; sent += 100_000) await write(Buffer.alloc(100_000))
            },
            streamingCallback: async (chunk) => {
              received += chunk.length
              await new Promise((resolve) => setImmediate(resolve))
            },
          })
          expect(received).toBe(size)
        },
      )
    })

    it('a connection that ends between two requests, while another is busy, is not used again', async () => {
      socketWatching.throughOne = joint
      const waiting: ServerResponse[] = []
      await withServer(
        (request, response) => {
          if (request.url === '/wait') waiting.push(response)
          else response.end('x')
        },
        async (client, url, sockets) => {
          const busy = client.fetch(`${url}wait`)
          await client.fetch(url)
          const idle = sockets.find((socket) => waiting.every((response) => response.socket !== socket))!
          idle.destroy()
          await once(idle, 'close')
          expect((await client.fetch(url)).text()).toBe('x')
          expect(sockets).toHaveLength(3)
          waiting[0]!.end('at last')
          expect((await busy).text()).toBe('at last')
        },
      )
    })

    it('a fetch that ends before it is connected leaves its descriptor to others', async () => {
      socketWatching.throughOne = joint
      await withServer(
        (_request, response) => response.end('x'),
        async (client, url) => {
          for (let round = 0; round < 20; round++) {
            const controller = new AbortController()
            const fetches = Array.from({ length: 5 }, () => client.fetch(url, { signal: controller.signal }))
            // Now libcurl has begun.
            await new Promise<void>((resolve) => queueMicrotask(resolve))
            controller.abort(new Error('enough'))
            for (const each of fetches) await expect(each).rejects.toThrow('enough')
            expect((await client.fetch(url)).text()).toBe('x')
          }
        },
      )
    })

    it('one client closes while another goes on', async () => {
      socketWatching.throughOne = joint
      await withServer(
        (_request, response) => response.end('x'),
        async (client, url) => {
          const other = new CurlAsyncHTTPClient({ maxClients: 3 })
          await other.fetch(url)
          const cut = other.fetch(url)
          other.close()
          await expect(cut).rejects.toThrow('closed')
          expect((await client.fetch(url)).text()).toBe('x')
        },
      )
    })
  })
})

it.skipIf(!hasLibcurl)('a client that was never used keeps no program alive', async () => {
  const program = `import { CurlAsyncHTTPClient } from '@tornado-ts/curl-client'; new CurlAsyncHTTPClient()`
  const condition = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
  const child = spawn(process.execPath, [...condition, '--input-type=module', '-e', program], {
    stdio: 'inherit',
    cwd: import.meta.dirname,
    timeout: 20_000,
  })
  expect(await once(child, 'exit')).toEqual([0, null])
})

describe.skipIf(!hasLibcurl)('of answers that come together', () => {
  const bodies: Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => void>> = {
    'with a body': (response, request) => response.end(request.url),
    'without one': (response) => response.writeHead(204).end(),
  }

  it.each(Object.entries(bodies))(
    'one, %s, may end the other, whose handle the next gets',
    async (_name, answer) => {
      const held: [ServerResponse, IncomingMessage][] = []
      await withServer(
        (request, response) => {
          if (request.url === '/next') {
            response.end('next')
            return
          }
          held.push([response, request])
          if (held.length === 2) for (const [each, its] of held) answer(each, its)
        },
        async (client, url) => {
          const enough = new Error('enough')
          const controllers = [new AbortController(), new AbortController()]
          const both = controllers.map((own, i) =>
            client.fetch(`${url}${i}`, {
              signal: own.signal,
              headerCallback: () => controllers.find((controller) => controller !== own)!.abort(enough),
            }),
          )
          const next = [client.fetch(`${url}next`), client.fetch(`${url}next`)]
          const outcomes = await Promise.allSettled(both)
          expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
          expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: enough })
          for (const each of next) expect((await each).text()).toBe('next')
        },
        { maxClients: 2 },
      )
    },
  )
})

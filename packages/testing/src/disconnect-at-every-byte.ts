import { HTTP1Decoder } from '@tornado-ts/http1'
import { HTTPServer, type HTTPServerOptions, type RequestTarget } from '@tornado-ts/httpserver'
import { getAsyncTestTimeoutMs } from './async-test-timeout.ts'
import { runWithLimit } from './gen-test.ts'
import { MemoryConnection } from './memory-connection.ts'

/** Where a client left. */
export interface Disconnect {
  /** What was under way. */
  readonly during: 'request' | 'response'
  /** How many bytes of it had gone through. */
  readonly at: number
  /** `close`: as a program that ends. `reset`: the connection breaks. */
  readonly how: 'close' | 'reset'
  /** What the client had received. */
  readonly received: Buffer
}

/** Settings of {@link disconnectAtEveryByte}. */
export interface DisconnectOptions {
  /** @default ['close', 'reset'] */
  ways?: readonly ('close' | 'reset')[]
  /** How many bytes of the response to go through, for an answer that has no end or does not come. @default all of it */
  responseSize?: number
  /** Settings of the server. @default its own */
  serverOptions?: HTTPServerOptions
  /** Longest time from a disconnect until the server has closed. @default 5_000, or the environment's `ASYNC_TEST_TIMEOUT` in seconds */
  timeoutMs?: number
}

/**
 * Sends a request to an application again and again, and leaves after each byte of the request, and then of the response.
 *
 * Each time the server must close its end; then `check` looks whether the application has done what it must: given back what it
 * held, called its hooks once. It runs over memory. Take a short request and a short response: their sizes multiply.
 *
 * @returns How many times it left.
 * @throws {Error} (rejection) When the server does not close, or `check` throws; the text tells where, the cause why.
 */
export async function disconnectAtEveryByte(
  target: RequestTarget,
  request: string | Uint8Array,
  check: (disconnect: Disconnect) => void | Promise<void> = () => {},
  options: DisconnectOptions = {},
): Promise<number> {
  const { ways = ['close', 'reset'], serverOptions = {}, timeoutMs = getAsyncTestTimeoutMs() } = options
  const bytes = typeof request === 'string' ? Buffer.from(request, 'latin1') : Buffer.from(request)
  await using server = new HTTPServer(target, serverOptions)

  const leave = async (during: Disconnect['during'], at: number, how: Disconnect['how']): Promise<void> => {
    const { transport, closed } = new MemoryConnection(
      server,
      '127.0.0.1',
      during === 'response' ? { pieceSize: 1 } : {},
    )
    const received = receive(transport, during === 'response' ? at : 0)
    // Nobody waits for it when sending takes too long.
    received.catch(() => {})
    const place = `After ${how} at byte ${at} of the ${during}`
    try {
      await runWithLimit(async () => {
        await send(transport, during === 'request' ? bytes.subarray(0, at) : bytes)
        const body = await received
        if (how === 'reset') transport.reset()
        else transport.destroy()
        await closed
        if (server.connectionCount > 0) throw new Error('The server still counts the connection')
        await check({ during, at, how, received: body })
      }, timeoutMs)
    } catch (error) {
      throw new Error(`${place}: ${describe(error)}`, { cause: error })
    }
  }

  const responseSize = options.responseSize ?? (await sizeOfResponse(server, bytes, timeoutMs))
  let count = 0
  for (const how of ways) {
    for (let at = 0; at <= bytes.length; at++, count++) await leave('request', at, how)
    for (let at = 1; at <= responseSize; at++, count++) await leave('response', at, how)
  }
  return count
}

/** The answer's size, head and body. */
async function sizeOfResponse(server: HTTPServer, request: Buffer, timeoutMs: number): Promise<number> {
  const { transport, closed } = new MemoryConnection(server, '127.0.0.1')
  const decoder = new HTTP1Decoder({ role: 'client' })
  decoder.expectResponse(request.toString('latin1').split(' ', 1)[0]!)
  let size = 0
  const { promise: complete, resolve, reject } = Promise.withResolvers<void>()
  const decode = (step: () => void): void => {
    try {
      step()
      for (let event = decoder.next(); event !== null; event = decoder.next()) {
        if (event.kind === 'end') resolve()
      }
    } catch (error) {
      reject(error)
    }
  }
  transport.on('data', (chunk: Buffer) => {
    size += chunk.length
    decode(() => decoder.receive(Buffer.from(chunk)))
  })
  transport.once('end', () => {
    decode(() => decoder.receiveEnd())
    reject(new Error('The connection was closed before the answer was complete'))
  })
  try {
    await runWithLimit(async () => {
      await send(transport, request)
      await complete
      transport.destroy()
      await closed
    }, timeoutMs)
  } catch (error) {
    transport.destroy()
    throw new Error(`The whole request, nobody leaving: ${describe(error)}`, { cause: error })
  }
  return size
}

/** Resolves when that many bytes have come, and the bytes after them do not. */
function receive(transport: MemoryConnection['transport'], size: number): Promise<Buffer> {
  if (size === 0) return Promise.resolve(Buffer.alloc(0))
  const chunks: Buffer[] = []
  let left = size
  return new Promise((resolve, reject) => {
    transport.on('data', (chunk: Buffer) => {
      if (left <= 0) return
      chunks.push(chunk)
      left -= chunk.length
      if (left > 0) return
      transport.pause()
      resolve(Buffer.concat(chunks))
    })
    transport.once('end', () => {
      if (left > 0) reject(new Error(`The response ended ${left} bytes early`))
    })
  })
}

/** Resolves when the server has the bytes, or is gone. */
function send(transport: MemoryConnection['transport'], bytes: Buffer): Promise<void> {
  if (bytes.length === 0) return Promise.resolve()
  return new Promise((resolve) => transport.write(bytes, () => later(resolve)))
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

const later: typeof setImmediate = setImmediate

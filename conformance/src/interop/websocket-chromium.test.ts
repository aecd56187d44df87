import { Application, RequestHandler } from '@tornado-ts/web'
import { WebSocketHandler, type CompressionOptions } from '@tornado-ts/websocket'
import { chromium } from 'playwright-core'
import { expect, it, onTestFinished } from 'vitest'
import { describeWith, findProgram } from './programs.ts'

class PageHandler extends RequestHandler {
  override get(): void {
    this.write('<title>WebSocket</title>')
  }
}

class Echo extends WebSocketHandler {
  override getCompressionOptions(): CompressionOptions {
    return {}
  }
  override selectSubprotocol(subprotocols: string[]): string | null {
    return subprotocols[0] ?? null
  }
  override onMessage(message: string | Buffer): void {
    if (message === 'close me') this.close(4002, 'as you wish')
    else void this.writeMessage(message)
  }
}

/** Of the page. */
declare const document: { readonly baseURI: string }

/** Runs in the page. */
async function talk(): Promise<unknown> {
  const open = async (url: string, protocols: string[]): Promise<WebSocket> => {
    const socket = new WebSocket(url, protocols)
    socket.binaryType = 'arraybuffer'
    await new Promise((resolve, reject) => {
      socket.onopen = resolve
      socket.onerror = reject
    })
    return socket
  }
  const next = async (socket: WebSocket): Promise<string | ArrayBuffer> =>
    await new Promise((resolve) => {
      socket.onmessage = ({ data }) => resolve(data)
    })
  const ended = async (socket: WebSocket): Promise<[number, string, boolean]> =>
    await new Promise((resolve) => {
      socket.onclose = ({ code, reason, wasClean }) => resolve([code, reason, wasClean])
    })
  const url = `${document.baseURI.replace('http', 'ws')}ws`
  const socket = await open(url, ['one', 'two'])
  socket.send('ünïcödé 😀')
  const text = await next(socket)
  socket.send(new Uint8Array([0, 1, 255]))
  const bytes = [...new Uint8Array((await next(socket)) as ArrayBuffer)]
  const large = 'tornado '.repeat(131_072)
  socket.send(large)
  const sameText = (await next(socket)) === large
  const million = new Uint8Array(1_048_576).map((_, index) => (index * 7) & 0xff)
  socket.send(million)
  const back = new Uint8Array((await next(socket)) as ArrayBuffer)
  const sameBytes = back.length === million.length && back.every((byte, index) => byte === million[index])
  const { protocol, extensions } = socket
  socket.send('close me')
  const byServer = await ended(socket)
  const other = await open(url, [])
  const closing = ended(other)
  other.close(4001, 'bye')
  const byClient = await closing
  return { text, bytes, sameText, sameBytes, protocol, extensions, byServer, byClient }
}

describeWith('Chromium', findProgram('chromium'), (program) => {
  it(
    'as the client: text, bytes, 1 MiB of each, compression, subprotocols, close codes',
    { timeout: 60_000 },
    async () => {
      const closes: [number | null, string | null][] = []
      class Closing extends Echo {
        override onClose(code: number | null, reason: string | null): void {
          closes.push([code, reason])
        }
      }
      const app = new Application(
        [
          ['/', PageHandler],
          ['/ws', Closing],
        ],
        { logFunction: () => {} },
      )
      const server = app.listen(0, { address: '127.0.0.1' })
      const { port } = await server.bound
      onTestFinished(async () => await server[Symbol.asyncDispose]())
      const browser = await chromium.launch({
        executablePath: program,
        args: [
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-quic',
          '--no-first-run',
          '--disable-background-networking',
          '--disable-component-update',
          '--disable-sync',
        ],
      })
      onTestFinished(async () => await browser.close())
      const page = await browser.newPage()
      await page.goto(`http://127.0.0.1:${port}/`)
      expect(await page.evaluate(talk)).toEqual({
        text: 'ünïcödé 😀',
        bytes: [0, 1, 255],
        sameText: true,
        sameBytes: true,
        protocol: 'one',
        extensions: 'permessage-deflate',
        byServer: [4002, 'as you wish', true],
        byClient: [4001, '', true],
      })
      expect(closes).toEqual([
        [4002, 'as you wish'],
        [4001, 'bye'],
      ])
    },
  )
})

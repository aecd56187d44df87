import { websocketConnect } from '@tornado-ts/websocket'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** One thing that a client does, from its first byte to its last; it resolves when the client has closed. */
export type Visit = (port: number) => Promise<void>

/** Clients as they come: those that stay for the answer, those that leave in the middle, and those that send rubbish. */
export const visits: Readonly<Record<string, Visit>> = {
  'several requests on a connection': async (port) => {
    await exchange(port, get('/hello').repeat(5) + get('/hello', 'Connection: close'), 'Hello, world')
  },
  'a form': async (port) => {
    const body = 'name=a+name'
    const fields = `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}`
    await exchange(port, `${head('POST', '/form', `${fields}\r\nConnection: close`)}${body}`, 'a name')
  },
  'a form with a file': async (port) => {
    const part = `Content-Disposition: form-data; name="f"; filename="f.txt"\r\n\r\n${'x'.repeat(20_000)}`
    const body = `--b\r\n${part}\r\n--b--\r\n`
    const fields = `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}`
    await exchange(port, `${head('POST', '/form', `${fields}\r\nConnection: close`)}${body}`, '"files":1')
  },
  'an upload': async (port) => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const fields = 'Transfer-Encoding: chunked\r\nConnection: close'
    await exchange(port, `${head('PUT', '/upload', fields)}${chunk.repeat(8)}0\r\n\r\n`, '131072')
  },
  'an upload that breaks off': async (port) => {
    await leave(port, `${head('PUT', '/upload', 'Content-Length: 100000')}${'x'.repeat(30_000)}`)
  },
  'half a head': async (port) => {
    await leave(port, 'GET /hello HTTP/1.1\r\nHost: x\r\nX-Half: ')
  },
  'a download': async (port) => {
    await exchange(port, get('/download', 'Connection: close'), 'xxxx')
  },
  'a download that breaks off': async (port) => {
    await leave(port, get('/download'), 'xxxx')
  },
  'a compressed download': async (port) => {
    await exchange(
      port,
      get('/download', 'Accept-Encoding: gzip\r\nConnection: close'),
      'Content-Encoding: gzip',
    )
  },
  'a compressed download that breaks off': async (port) => {
    await leave(port, get('/download', 'Accept-Encoding: gzip'), 'Content-Encoding: gzip')
  },
  'a poll that is given up': async (port) => {
    // The answer to the first request says that the second is being handled.
    await leave(port, get('/hello') + get('/poll'), 'Hello, world')
  },
  'a stream of events': async (port) => {
    await leave(port, get('/news'), 'data: first')
  },
  'a file': async (port) => {
    await exchange(port, get('/static/visits.ts', 'Connection: close'), 'Content-Length')
  },
  'a range that breaks off': async (port) => {
    await leave(port, get('/static/visits.ts', 'Range: bytes=10-'), '206')
  },
  'an error': async (port) => {
    await exchange(port, get('/error', 'Connection: close'), '500: Internal Server Error')
  },
  'a path that is not there': async (port) => {
    await exchange(port, get('/nothing', 'Connection: close'), '404')
  },
  'a request that is relayed': async (port) => {
    await exchange(port, get('/relay', 'Connection: close'), 'Hello, world')
  },
  'a relayed request that is given up': async (port) => {
    await leave(port, get('/relay'))
  },
  rubbish: async (port) => {
    await exchange(port, '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', '400')
  },
  'a connection without a byte': async (port) => {
    await leave(port, '')
  },
  'a WebSocket': async (port) => {
    await converse(port, '')
  },
  'a WebSocket with compression': async (port) => {
    await converse(port, '?deflate=1')
  },
  'a WebSocket that breaks off': async (port) => {
    await leave(port, upgrade(), '101')
  },
  'a WebSocket that sends rubbish': async (port) => {
    await exchange(port, `${upgrade()}\xff\xff\xff\xff`, '101')
  },
}

function head(method: string, target: string, fields = ''): string {
  return `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n${fields === '' ? '' : `${fields}\r\n`}\r\n`
}

function get(target: string, fields = ''): string {
  return head('GET', target, fields)
}

function upgrade(): string {
  const fields = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  return get('/socket', `Connection: Upgrade\r\nUpgrade: websocket\r\n${fields}`)
}

/** Sends, and reads until the server closes. */
async function exchange(port: number, text: string, expected: string): Promise<void> {
  const socket = open(port, text)
  let received = ''
  for await (const chunk of socket as AsyncIterable<string>) if (received.length < 4096) received += chunk
  if (!received.includes(expected)) throw new Error(`No ${expected} in ${JSON.stringify(received)}`)
}

/** Sends, reads until `expected` has come, and resets the connection. */
async function leave(port: number, text: string, expected = ''): Promise<void> {
  const socket = open(port, text)
  if (expected === '') await once(socket, 'connect')
  let received = ''
  while (!received.includes(expected)) received += String((await once(socket, 'data'))[0])
  const closed = once(socket, 'close')
  socket.resetAndDestroy()
  await closed
}

function open(port: number, text: string): Socket {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1')
  if (text !== '') socket.write(text.replaceAll('PORT', String(port)), 'latin1')
  return socket
}

async function converse(port: number, query: string): Promise<void> {
  const options = query === '' ? {} : { compressionOptions: {} }
  const socket = await websocketConnect(`ws://127.0.0.1:${port}/socket${query}`, options)
  for (const message of ['', 'short', 'long '.repeat(5000), Buffer.alloc(3000, 1)]) {
    await socket.writeMessage(message)
    const answer = await socket.readMessage()
    if (String(answer) !== String(message)) throw new Error(`Not what was sent: ${String(answer)}`)
  }
  socket.close(1000)
  while ((await socket.readMessage()) !== null);
}

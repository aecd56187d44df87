import { HTTPRequest } from '@tornado-ts/httpclient'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { Application } from '@tornado-ts/web'
import { websocketConnect, WebSocketHandler } from '@tornado-ts/websocket'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(`${this.request.protocol} ${message.toString()}`)
  }
}

/** A proxy that makes tunnels, and the targets it was asked for. */
async function tunnelProxy(): Promise<{ url: string; targets: string[] }> {
  const targets: string[] = []
  const proxy = createServer((client) => {
    client.on('error', () => {})
    client.once('data', (head) => {
      const [, host = '', port = ''] = /^CONNECT ([^:]+):(\d+) /.exec(head.toString('latin1')) ?? []
      targets.push(host)
      const server = connect({ host: '127.0.0.1', port: Number(port) })
      server.on('error', () => client.destroy())
      server.once('connect', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n')
        client.pipe(server).pipe(client)
      })
    })
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  onTestFinished(() => void proxy.close())
  return { url: `http://127.0.0.1:${(proxy.address() as { port: number }).port}`, targets }
}

it('wss with a certificate that is checked, directly and through a proxy', async () => {
  const { cert, key } = localhostCertificate()
  const app = new Application([['/', Echo]], { logFunction: () => {} })
  const server = app.listen(0, { address: '127.0.0.1', sslOptions: { cert, key } })
  const { port } = await server.bound
  onTestFinished(async () => await server[Symbol.asyncDispose]())
  const url = `wss://localhost:${port}/`
  {
    using _logged = expectLog(genLog, /SSL Error .*Certificate verify failed/)
    await expect(websocketConnect(url)).rejects.toThrow(/certificate/i)
  }
  const sslOptions = { ca: testAuthority().cert }
  const proxy = await tunnelProxy()
  for (const options of [{ sslOptions }, { sslOptions, proxy: proxy.url }]) {
    const socket = await websocketConnect(new HTTPRequest(url, options))
    await socket.writeMessage('hello')
    expect(await socket.readMessage()).toBe('https hello')
    await socket[Symbol.asyncDispose]()
    expect(socket.closeCode).toBe(1000)
  }
  expect(proxy.targets).toEqual(['localhost'])
})

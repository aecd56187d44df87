import { HTTPRequest } from '@tornado-ts/httpclient'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { Application } from '@tornado-ts/web'
import { websocketConnect, WebSocketHandler } from '@tornado-ts/websocket'
import { expect, it, onTestFinished } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { HTTPProxy } from '../clients/http-proxy.ts'

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(`${this.request.protocol} ${message.toString()}`)
  }
}

it('B-ws-054 B-ws-060 wss with a certificate that is checked, directly and through a proxy', async () => {
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
  await using proxy = await HTTPProxy.start()
  for (const options of [{ sslOptions }, { sslOptions, proxy: `http://127.0.0.1:${proxy.port}` }]) {
    const socket = await websocketConnect(new HTTPRequest(url, options))
    await socket.writeMessage('hello')
    expect(await socket.readMessage()).toBe('https hello')
    await socket[Symbol.asyncDispose]()
    expect(socket.closeCode).toBe(1000)
  }
  expect(proxy.seen).toEqual([`CONNECT localhost:${port}`])
})

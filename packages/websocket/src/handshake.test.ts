import { Finish, HTTPError } from '@tornado-ts/web'
import { expectLog } from '@tornado-ts/log/testing'
import { appLog, genLog } from '@tornado-ts/log'
import { describe, expect, it } from 'vitest'
import { answer, handshakeHead, RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { computeAcceptValue, WebSocketHandler } from './index.ts'

class Echo extends WebSocketHandler {
  override onMessage(message: string | Buffer): void {
    void this.writeMessage(message)
  }
}

describe('the order of checks', () => {
  it('B-ws-002 the first check that fails answers', async () => {
    const asked: string[] = []
    class Asked extends Echo {
      override selectSubprotocol(): null {
        asked.push('subprotocol')
        return null
      }
      override getCompressionOptions(): null {
        asked.push('extensions')
        return null
      }
    }
    const { port } = await serve([['/ws', Asked]])
    const wrong = {
      Upgrade: 'h2c',
      Connection: 'close',
      Origin: 'http://evil.example',
      'Sec-WebSocket-Version': '12',
      'Sec-WebSocket-Key': null as string | null,
    }
    const right: Record<string, string> = {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      Origin: 'http://127.0.0.1',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const expected = [400, 400, 403, 426, 400]
    const offer = { 'Sec-WebSocket-Extensions': 'permessage-deflate' }
    const headers: Record<string, string | null> = { ...wrong, ...offer }
    for (const [index, name] of Object.keys(wrong).entries()) {
      expect((await answer(port, handshakeHead('/ws', headers))).status, name).toBe(expected[index])
      headers[name] = right[name]!
    }
    expect(asked).toEqual([])
    expect((await answer(port, handshakeHead('/ws', headers))).status).toBe(101)
    expect(asked).toEqual(['subprotocol', 'extensions'])
  })

  it('B-ws-003 Upgrade must be websocket, in any case', async () => {
    const { port } = await serve([['/ws', Echo]])
    for (const Upgrade of [null, 'notupgrade', 'websocket2', 'h2c, websocket']) {
      const { status, body } = await answer(port, handshakeHead('/ws', { Upgrade }))
      expect([status, body]).toEqual([400, 'Can "Upgrade" only to "WebSocket".'])
    }
    expect((await answer(port, handshakeHead('/ws', { Upgrade: 'WebSocket' }))).status).toBe(101)
  })

  it('B-ws-004 Connection must hold the token upgrade (hs-connection-substring)', async () => {
    const { port } = await serve([['/ws', Echo]])
    for (const Connection of [null, 'keep-alive', 'notupgrade', 'upgrades']) {
      const { status, body } = await answer(port, handshakeHead('/ws', { Connection }))
      expect([status, body]).toEqual([400, '"Connection" must be "Upgrade".'])
    }
    expect((await answer(port, handshakeHead('/ws', { Connection: 'keep-alive, UPGRADE' }))).status).toBe(101)
  })

  it('B-ws-007 a version other than 7, 8 and 13 gets 426', async () => {
    const { port } = await serve([['/ws', Echo]])
    for (const version of ['12', '14', '013', '13, 8', 'x']) {
      const { status, head } = await answer(port, handshakeHead('/ws', { 'Sec-WebSocket-Version': version }))
      expect(status).toBe(426)
      expect(head).toContain('Sec-Websocket-Version: 7, 8, 13\r\n')
      expect(head).toContain('Upgrade: websocket\r\n')
    }
    for (const version of ['7', '8', '13']) {
      expect((await answer(port, handshakeHead('/ws', { 'Sec-WebSocket-Version': version }))).status).toBe(
        101,
      )
    }
  })

  it('B-ws-008 missing or invalid key, version or host get 400', async () => {
    const { port } = await serve([['/ws', Echo]])
    for (const headers of [
      { 'Sec-WebSocket-Key': null },
      { 'Sec-WebSocket-Key': '' },
      { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ' },
      { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' },
      { 'Sec-WebSocket-Key': 'YQ==' },
      { 'Sec-WebSocket-Version': null },
      { 'Sec-WebSocket-Version': '' },
      { Host: '' },
    ]) {
      const { status, body } = await answer(port, handshakeHead('/ws', headers))
      expect([status, body]).toEqual([400, 'Missing/Invalid WebSocket headers'])
    }
    using _malformed = expectLog(genLog, /Missing Host header/, { level: 'info' })
    expect((await answer(port, handshakeHead('/ws', { Host: null }))).status).toBe(400)
    expect((await answer(port, handshakeHead('/ws').replace('HTTP/1.1', 'HTTP/1.0'))).status).toBe(400)
  })

  it('B-ws-009 a refusal is logged at debug', async () => {
    using logged = expectLog(genLog, /WebSocket refused with 4\d\d/, { level: 'debug' })
    const { port } = await serve([['/ws', Echo]])
    for (const headers of [
      { Upgrade: null },
      { Connection: 'close' },
      { Origin: 'http://evil.example' },
      { 'Sec-WebSocket-Version': '12' },
      { 'Sec-WebSocket-Key': null },
    ])
      await answer(port, handshakeHead('/ws', headers))
    const statuses = logged.records.map(({ message }) => / (4\d\d)/.exec(String(message))![1])
    expect(statuses).toEqual(['400', '400', '403', '426', '400'])
  })

  it('B-ws-001 methods other than GET get 405, HEAD as well', async () => {
    const { port } = await serve([['/ws', Echo]])
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'HEAD']) {
      const peer = await RawPeer.connect(port)
      peer.send(handshakeHead().replace('GET', method))
      const head = await peer.readHead()
      expect(head).toMatch(/^HTTP\/1\.1 405 /)
      expect(head).toMatch(/^Allow: GET, OPTIONS\r$/m)
      peer.socket.destroy()
    }
  })

  it('CVE-2024-37890 a handshake behind very many headers is refused or accepted, and the server lives on', async () => {
    const { port } = await serve([['/ws', Echo]])
    const flood = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`X-${index}`, 'x']))
    const peer = await RawPeer.connect(port)
    peer.send(handshakeHead('/ws', flood))
    expect(await peer.readHead()).toMatch(/^HTTP\/1\.1 (431|400) /)
    expect((await answer(port, handshakeHead())).status).toBe(101)
  })
})

describe('the origin', () => {
  it('B-ws-005 a page of another origin gets 403; without an origin nobody is asked (cross-site WebSocket, hs-origin)', async () => {
    const { port } = await serve([['/ws', Echo]])
    for (const origin of [
      'http://evil.example',
      'http://127.0.0.1.evil.example',
      'http://evil127.0.0.1',
      'http://127.0.0.1@evil.example',
      'http://127.0.0.1:81',
    ]) {
      for (const name of ['Origin', 'Sec-WebSocket-Origin']) {
        const { status, body } = await answer(port, handshakeHead('/ws', { [name]: origin }))
        expect([status, body]).toEqual([403, 'Cross origin websockets not allowed'])
      }
    }
    expect((await answer(port, handshakeHead())).status).toBe(101)
  })

  it('B-ws-006 host and port are compared with the Host header, in any case', async () => {
    const { port } = await serve([['/ws', Echo]])
    const status = async (Host: string, Origin: string): Promise<number> =>
      (await answer(port, handshakeHead('/ws', { Host, Origin }))).status
    expect(await status('example.com', 'http://EXAMPLE.com')).toBe(101)
    expect(await status('example.com:8080', 'https://example.com:8080')).toBe(101)
    expect(await status('example.com', 'http://example.com:80')).toBe(403)
    expect(await status('example.com', 'null')).toBe(403)
    expect(await status('example.com', 'example.com')).toBe(403)
    expect(await status('example.com', 'http://')).toBe(403)
  })

  it('checkOrigin may be overridden, and may answer a promise', async () => {
    class Open extends Echo {
      override async checkOrigin(origin: string): Promise<boolean> {
        return origin === 'http://friend.example'
      }
    }
    const { port } = await serve([['/ws', Open]])
    expect((await answer(port, handshakeHead('/ws', { Origin: 'http://friend.example' }))).status).toBe(101)
    expect((await answer(port, handshakeHead('/ws', { Origin: 'http://127.0.0.1' }))).status).toBe(403)
  })
})

describe('the answer', () => {
  it('B-ws-011 101 carries Server, Date, custom headers and the accept value, and nothing of a body', async () => {
    class Custom extends Echo {
      override setDefaultHeaders(): void {
        this.setHeader('X-Custom', 'yes')
      }
      override prepare(): void {
        this.setCookie('visited', '1')
      }
    }
    const { port } = await serve([['/ws', Custom]])
    const peer = await RawPeer.connect(port)
    peer.send(handshakeHead())
    const head = await peer.readHead()
    expect(head).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/)
    for (const line of [
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-Websocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
      'X-Custom: yes',
      'Set-Cookie: visited=1; Path=/',
    ])
      expect(head).toContain(`\r\n${line}\r\n`)
    expect(head).toMatch(/\r\nServer: Tornado/)
    expect(head).toMatch(/\r\nDate: /)
    expect(head).not.toMatch(/Content-|Transfer-Encoding|Etag/)
  })

  it('B-ws-012 the accept value of the RFC', () => {
    expect(computeAcceptValue('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
  })

  it('B-ws-013 B-ws-014 selectSubprotocol gets what is offered, once, and open can read the choice', async () => {
    const offered: string[][] = []
    const selected: (string | null)[] = []
    class Choosing extends Echo {
      override selectSubprotocol(subprotocols: string[]): string | undefined {
        offered.push(subprotocols)
        return subprotocols.find((each) => each === 'two')
      }
      override open(): void {
        selected.push(this.selectedSubprotocol)
      }
    }
    const { port } = await serve([['/ws', Choosing]])
    const both = await answer(port, handshakeHead('/ws', { 'Sec-WebSocket-Protocol': 'one , two' }))
    expect(both.head).toContain('\r\nSec-Websocket-Protocol: two\r\n')
    expect((await answer(port, handshakeHead())).head).not.toContain('Sec-Websocket-Protocol')
    expect(offered).toEqual([['one', 'two'], []])
    expect(selected).toEqual(['two', null])
  })

  it('B-ws-013 picking what was not offered is an error of the server', async () => {
    class Wrong extends Echo {
      override selectSubprotocol(): string {
        return 'three'
      }
    }
    const { port } = await serve([['/ws', Wrong]])
    using _logged = expectLog(appLog, /which was not offered|Uncaught exception/)
    expect((await answer(port, handshakeHead('/ws', { 'Sec-WebSocket-Protocol': 'one' }))).status).toBe(500)
  })

  it('CVE-2021-32640 a long list of subprotocols is split in linear time (hs-subprotocol-redos)', async () => {
    const { port } = await serve([['/ws', Echo]])
    const headers = { 'Sec-WebSocket-Protocol': `a${' '.repeat(30_000)}b${' ,'.repeat(5_000)}` }
    expect((await answer(port, handshakeHead('/ws', headers))).status).toBe(101)
  })

  it('B-ws-018 the access log has one line with status 101, at the upgrade', async () => {
    const lines: [number, boolean][] = []
    let isOpen = false
    class Logged extends Echo {
      override open(): void {
        isOpen = true
      }
    }
    const { port } = await serve([['/ws', Logged]], {
      logFunction: (handler) => void lines.push([handler.getStatus(), isOpen]),
    })
    const peer = await RawPeer.open(port)
    peer.sendFrame(0x88, '')
    await peer.readAll()
    expect(lines).toEqual([[101, false]])
  })
})

describe('before the upgrade', () => {
  it('B-ws-010 prepare, cookies and currentUser work, and whatever prepare ends with is the answer', async () => {
    let upgrades = 0
    class Private extends Echo {
      override getCurrentUser(): unknown {
        return this.getSignedCookie('user')?.toString() ?? null
      }
      override async prepare(): Promise<void> {
        await Promise.resolve()
        const wanted = this.getArgument('answer', '')
        if (wanted === 'redirect') this.redirect('/elsewhere')
        else if (wanted === 'teapot') throw new HTTPError(418)
        else if (wanted === 'finish') throw new Finish('done')
        else if (this.currentUser === null) throw new HTTPError(401)
      }
      override open(): void {
        upgrades++
        void this.writeMessage(String(this.currentUser))
      }
    }
    const { port } = await serve([['/ws', Private]], { cookieSecret: 'a secret for tests' })
    expect((await answer(port, handshakeHead('/ws'))).status).toBe(401)
    expect((await answer(port, handshakeHead('/ws?answer=teapot'))).status).toBe(418)
    expect((await answer(port, handshakeHead('/ws?answer=redirect'))).status).toBe(302)
    expect((await answer(port, handshakeHead('/ws?answer=finish'))).body).toBe('done')
    expect(upgrades).toBe(0)
    const { createSignedValue } = await import('@tornado-ts/web')
    const Cookie = `user=${createSignedValue('a secret for tests', 'user', 'ada')}`
    const peer = await RawPeer.open(port, '/ws', { Cookie })
    expect((await peer.readFrame())?.payload.toString()).toBe('ada')
    expect(upgrades).toBe(1)
  })
})

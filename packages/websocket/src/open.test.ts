import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { Echo } from '../test/handlers.ts'
import { answer, handshakeHead, RawPeer } from '../test/raw-peer.ts'
import { serve } from '../test/serve.ts'
import { WebSocketHandler } from './index.ts'

describe('after the upgrade', () => {
  it('B-ws-015 what belongs to a response throws', async () => {
    const outcome = Promise.withResolvers<string[]>()
    class Confused extends Echo {
      override open(): void {
        const calls: (() => unknown)[] = [
          () => this.write('x'),
          () => this.redirect('/'),
          () => this.setHeader('X', 'y'),
          () => this.addHeader('X', 'y'),
          () => this.setCookie('x', 'y'),
          () => this.setStatus(200),
          () => this.flush(),
          () => this.finish(),
        ]
        const messages = calls.map((call) => {
          try {
            call()
            return 'nothing'
          } catch (error) {
            return (error as Error).message
          }
        })
        outcome.resolve(messages)
      }
    }
    const { port } = await serve([['/ws', Confused]])
    await RawPeer.open(port)
    expect(await outcome.promise).toEqual(
      Array.from({ length: 8 }, () => 'Method not supported for Web Sockets'),
    )
  })

  it('B-ws-016 open gets the groups of the path, and messages wait until it resolves', async () => {
    const events: string[] = []
    const gate = Promise.withResolvers<void>()
    class Slow extends WebSocketHandler {
      override async open(room: string): Promise<void> {
        events.push(`open ${room}`)
        await gate.promise
        events.push('opened')
      }
      override onMessage(message: string | Buffer): void {
        events.push(String(message))
        void this.writeMessage('got it')
      }
    }
    const { port } = await serve([['/room/([^/]+)', Slow]])
    const peer = await RawPeer.open(port, '/room/caf%C3%A9')
    peer.sendFrame(0x81, 'early')
    // The server has read it once it reads the answer to another connection.
    await answer(port, handshakeHead('/room/b', { Upgrade: null }))
    expect(events).toEqual(['open café'])
    gate.resolve()
    expect((await peer.readFrame())?.payload.toString()).toBe('got it')
    expect(events).toEqual(['open café', 'opened', 'early'])
  })

  it('B-ws-016 named groups come as one object', async () => {
    const names = Promise.withResolvers<unknown>()
    class Named extends Echo {
      override open(groups: { room: string }): void {
        names.resolve({ ...groups })
      }
    }
    const { port } = await serve([['/room/(?<room>[^/]+)', Named]])
    await RawPeer.open(port, '/room/a')
    expect(await names.promise).toEqual({ room: 'a' })
  })

  it('B-ws-017 an exception in open is logged and ends the connection, without onClose', async () => {
    let closes = 0
    for (const fail of [
      () => {
        throw new Error('sync failure')
      },
      async () => {
        await Promise.resolve()
        throw new Error('async failure')
      },
    ]) {
      class Failing extends Echo {
        override open(): void | Promise<void> {
          return fail()
        }
        override onClose(): void {
          closes++
        }
      }
      const { port } = await serve([['/ws', Failing]])
      using _logged = expectLog(appLog, /Uncaught exception/)
      const peer = await RawPeer.open(port)
      expect([...(await peer.readAll())]).toEqual([0x88, 2, 0x03, 0xf3])
    }
    expect(closes).toBe(0)
  })

  it('frames in the segment of the handshake are delivered', async () => {
    const { port } = await serve([['/ws', Echo]])
    const peer = await RawPeer.connect(port)
    peer.send(Buffer.concat([Buffer.from(handshakeHead()), Buffer.from('818537fa213d7f9f4d5158', 'hex')]))
    await peer.readHead()
    expect((await peer.readFrame())?.payload.toString()).toBe('Hello')
  })
})

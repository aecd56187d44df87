import { Application } from '@tornado-ts/web'
import { websocketConnect, WebSocketHandler, type CompressionOptions } from '@tornado-ts/websocket'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { describeWith, end, run } from './programs.ts'
import { pythonTornadoVersion } from './python.ts'

const program = fileURLToPath(new URL('websocket-peer.py', import.meta.url))
const python = '/usr/bin/python3'

describeWith('Python Tornado', pythonTornadoVersion === null ? null : python, () => {
  it('as the server, with and without compression', async () => {
    const child = spawn(python, [program, 'serve'], { stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(async () => await end(child))
    const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
    const { port }: { port: number } = JSON.parse(line)
    for (const compressed of [false, true]) {
      const connection = await websocketConnect(
        `ws://127.0.0.1:${port}/?compressed=${compressed ? 'yes' : 'no'}`,
        {
          compressionOptions: compressed ? { threshold: 0 } : null,
          subprotocols: ['one', 'two'],
        },
      )
      expect(connection.isCompressed).toBe(compressed)
      expect(connection.selectedSubprotocol).toBe('two')
      const messages = [
        '',
        'text',
        'ünïcödé 😀',
        Buffer.from([0, 255]),
        'y'.repeat(70_000),
        Buffer.alloc(1024 * 1024, 'tornado'),
      ]
      for (const message of messages) void connection.writeMessage(message)
      for (const message of messages) expect(await connection.readMessage()).toEqual(message)
      void connection.writeMessage('close me')
      expect(await connection.readMessage()).toBe('close me')
      expect(await connection.readMessage()).toBeNull()
      expect([connection.closeCode, connection.closeReason]).toEqual([4002, 'as you wish'])
    }
  })

  it('as the client, with and without compression', async () => {
    class Echo extends WebSocketHandler {
      override getCompressionOptions(): CompressionOptions {
        return { threshold: 0 }
      }
      override selectSubprotocol(subprotocols: string[]): string | null {
        return subprotocols.at(-1) ?? null
      }
      override onMessage(message: string | Buffer): void {
        void this.writeMessage(message)
        if (message === 'close me') this.close(4002, 'as you wish')
      }
    }
    const server = new Application([['/', Echo]], { logFunction: () => {} }).listen(0, {
      address: '127.0.0.1',
    })
    const { port } = await server.bound
    onTestFinished(async () => await server[Symbol.asyncDispose]())
    for (const compressed of [false, true]) {
      const { status, stdout, stderr } = await run(python, [
        program,
        'connect',
        `ws://127.0.0.1:${port}/`,
        compressed ? 'yes' : 'no',
      ])
      expect(status, stderr).toBe(0)
      expect(JSON.parse(stdout.toString())).toEqual({
        same: 10,
        last: ['close me', null],
        code: 4002,
        reason: 'as you wish',
        subprotocol: 'two',
        extensions: compressed ? 'permessage-deflate' : null,
      })
    }
  })
})

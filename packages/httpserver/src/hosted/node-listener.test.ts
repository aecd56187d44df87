import { HTTPHeaders, ResponseStartLine, type HTTPServerRequest } from '@tornado-ts/httputil'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { answer, QuietDelegate } from '../../fixtures/delegates.ts'
import { hosted } from '../../fixtures/hosted.ts'
import { toNodeListener } from './node-listener.ts'
import type { RequestTarget } from '../request-target.ts'

describe('the end', () => {
  it('tells the application once when the client goes before its request is complete', async () => {
    const calls: string[] = []
    const over = Promise.withResolvers<void>()
    const target: RequestTarget = {
      startRequest: (_, connection) =>
        new (class extends QuietDelegate {
          override headersReceived(): void {
            connection.signal.addEventListener('abort', () => calls.push('aborted'))
            connection.setCloseCallback(() => {
              calls.push('callback')
              over.resolve()
            })
          }
          override finish(): void {
            calls.push('finish')
          }
          override onConnectionClose(): void {
            calls.push('onConnectionClose')
          }
        })(),
    }
    await hosted(target, async (client) => {
      client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab')
      await new Promise((resolve) => setImmediate(resolve))
      client.socket.destroy()
      await over.promise
    })
    expect(calls).toEqual(['aborted', 'onConnectionClose', 'callback'])
  })

  it('writing behind it rejects', async () => {
    const gone = Promise.withResolvers<unknown>()
    const target = ({ connection, signal }: HTTPServerRequest): void => {
      signal.addEventListener('abort', () => {
        const headers = new HTTPHeaders()
        gone.resolve(connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers))
      })
    }
    await hosted(target, async (client) => {
      client.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      client.end()
      client.socket.destroy()
      await expect(gone.promise).rejects.toMatchObject({ name: 'StreamClosedError' })
    })
  })

  it('of a connection is told to the delegate', async () => {
    const closed = Promise.withResolvers<object>()
    const began: object[] = []
    const target: RequestTarget = {
      startRequest(serverConnection, connection) {
        began.push(serverConnection)
        return new (class extends QuietDelegate {
          override finish(): void {
            answer(connection)
          }
        })()
      },
      onClose: closed.resolve,
    }
    await hosted(target, async (client) => {
      await client.get('/')
      await client.get('/')
      client.end()
      expect(await closed.promise).toBe(began[0])
      expect(began[1]).toBe(began[0])
    })
  })
})

it('works without a request target or method, as a listener may be called by hand', async () => {
  const request = Object.assign(
    { socket: {}, headers: {}, rawHeaders: [], httpVersion: '1.1', httpVersionMajor: 1 },
    {},
  ) as unknown as IncomingMessage
  const ended = Promise.withResolvers<string>()
  const written: string[] = []
  const response = {
    once: () => response,
    on: () => response,
    setHeader: () => response,
    writeHead: () => response,
    write: (chunk: Buffer) => written.push(chunk.toString()) > 0,
    end: () => ended.resolve(written.join('')),
  }
  const listener = toNodeListener(({ method, uri, connection }) => answer(connection!, `${method} ${uri}`))
  listener(request, response as unknown as ServerResponse)
  expect(await ended.promise).toBe('GET /')
})

it('bad options are thrown at once', () => {
  expect(() => toNodeListener(() => {}, { maxBodySize: 0 })).toThrow(RangeError)
  expect(() => toNodeListener(() => {}, { xheaders: ['junk'] })).toThrow(RangeError)
})

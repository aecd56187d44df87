import { StreamClosedError } from '@tornado-ts/iostream'
import { describe, expect, it } from 'vitest'
import { Answer, begin, connected, exchange } from '../test/asking.ts'
import { ResponseTimeoutError } from './errors.ts'

describe('time-outs', () => {
  it.each([
    ['a head', 'HTTP/1.1 2', 'Timeout reading head'],
    ['a body', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh', 'Timeout reading body'],
  ])('of %s is an error', async (_, raw, text) => {
    const { outcome } = await exchange(raw, { params: { headerTimeoutMs: 20, bodyTimeoutMs: 20 } })
    expect(outcome).toBeInstanceOf(ResponseTimeoutError)
    expect((outcome as Error).message).toBe(text)
  })

  it('setBodyTimeout bounds the time of a body', async () => {
    const { client, peer } = connected({ headerTimeoutMs: 20 })
    void begin(client)
    client.finish()
    client.setBodyTimeout(20)
    const response = client.readResponse(new Answer())
    const outcome = expect(response).rejects.toThrow(ResponseTimeoutError)
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nh')
    await outcome
  })

  it('an idle connection closes', async () => {
    const { client, peer } = connected({ idleConnectionTimeoutMs: 20 })
    await peer.closed
    expect(client.reusable).toBe(false)
  })
})

describe('the end', () => {
  it('closing tells the delegate, the signal and the callback once', async () => {
    const { client } = connected()
    void begin(client)
    let callbacks = 0
    client.setCloseCallback(() => callbacks++)
    const { signal } = client
    const answer = new Answer()
    const response = client.readResponse(answer)
    client.abort()
    await expect(response).rejects.toThrow(StreamClosedError)
    await client.close()
    expect([answer.calls, callbacks, signal.aborted]).toEqual([['close'], 1, true])
  })

  it('is nothing to tell between exchanges', async () => {
    const { client, peer } = connected()
    client.setCloseCallback(() => expect.unreachable())
    void begin(client)
    client.finish()
    const { signal } = client
    const response = client.readResponse(new Answer())
    await peer.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    await response
    await client.close()
    expect([signal.aborted, client.reusable]).toEqual([false, false])
  })

  it.each([
    ['a 101', 'GET', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['a 2xx to CONNECT', 'CONNECT', 'HTTP/1.1 200 OK\r\n\r\n'],
  ])('after %s the stream can be had, with what came behind', async (_, method, raw) => {
    const { client, peer } = connected()
    void begin(client, method)
    client.finish()
    const answer = new Answer()
    const response = client.readResponse(answer)
    await peer.send(`${raw}first `)
    expect([await response, client.reusable, answer.calls.at(-1)]).toEqual([false, false, 'finish'])
    await peer.send('second')
    const stream = client.detach()
    expect((await stream.readBytes(12)).toString()).toBe('first second')
    expect(() => client.detach()).toThrow(StreamClosedError)
    stream.close()
  })

  it('B-http1-030 detaching with the head is the last the delegate hears', async () => {
    const { client, peer } = connected()
    void begin(client)
    client.finish()
    const answer = new Answer({ headersReceived: () => void client.detach() })
    const response = client.readResponse(answer)
    await peer.send('HTTP/1.1 101 x\r\n\r\nrest')
    expect([await response, answer.calls]).toEqual([false, ['101']])
    expect((await client.stream.readBytes(4)).toString()).toBe('rest')
    client.stream.close()
  })
})

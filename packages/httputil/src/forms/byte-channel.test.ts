import { describe, expect, it } from 'vitest'
import { ByteChannel } from './byte-channel.ts'

const a = Uint8Array.of(1)
const b = Uint8Array.of(2)

describe('ByteChannel', () => {
  it('hands over chunks in order, however pushes and reads come', async () => {
    const channel = new ByteChannel()
    const early = channel.next()
    void channel.push(a)
    void channel.push(b)
    channel.end()
    expect(await early).toEqual({ done: false, value: a })
    expect(await channel.next()).toEqual({ done: false, value: b })
    expect(await channel.next()).toEqual({ done: true, value: undefined })
    expect(await channel.next()).toEqual({ done: true, value: undefined })
  })

  it('holds the writer back until the reader asks for more', async () => {
    const channel = new ByteChannel()
    const order: string[] = []
    const writing = (async () => {
      await channel.push(a)
      order.push('a done')
      await channel.push(b)
      order.push('b done')
      channel.end()
    })()
    for await (const chunk of channel) order.push(`reading ${chunk[0]}`)
    await writing
    expect(order).toEqual(['reading 1', 'a done', 'reading 2', 'b done'])
  })

  it('delivers what was pushed before it failed', async () => {
    const channel = new ByteChannel()
    void channel.push(a)
    channel.fail(new Error('lost'))
    channel.end()
    expect(await channel.next()).toEqual({ done: false, value: a })
    await expect(channel.next()).rejects.toThrow('lost')
  })

  it('lets the writer go when the reader leaves', async () => {
    const channel = new ByteChannel()
    const pushed = [channel.push(a), channel.push(b)]
    for await (const chunk of channel) {
      expect(chunk).toBe(a)
      break
    }
    await Promise.all(pushed)
    await channel.push(a)
    expect(await channel.next()).toEqual({ done: true, value: undefined })
  })

  it('refuses pushes after the end and two reads at once', () => {
    const channel = new ByteChannel()
    void channel.next()
    expect(() => channel.next()).toThrow(TypeError)
    channel.end()
    expect(() => channel.push(a)).toThrow(TypeError)
  })
})

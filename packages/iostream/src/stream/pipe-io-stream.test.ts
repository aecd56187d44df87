import { execFileSync } from 'node:child_process'
import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { PipeIOStream } from './pipe-io-stream.ts'
import type { StreamOptions } from './stream-options.ts'

const folder = mkdtempSync(join(tmpdir(), 'pipe-'))
afterAll(() => rmSync(folder, { recursive: true }))
let count = 0

/** Both ends of a pipe, as descriptors. */
function makePipe(): [reader: number, writer: number] {
  const path = join(folder, `fifo-${++count}`)
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return [reader, openSync(path, constants.O_WRONLY)]
}

function openPipe(options?: StreamOptions): [PipeIOStream, PipeIOStream] {
  const [reader, writer] = makePipe()
  return [new PipeIOStream(reader, options), new PipeIOStream(writer)]
}

describe.skipIf(process.platform === 'win32')('PipeIOStream', () => {
  it('B-ios-036 reads one end of a pipe and writes the other, the end closes', async () => {
    const [reader, writer] = openPipe()
    await writer.write('hel')
    await writer.write('lo\r\n\r\nrest')
    expect(String(await reader.readUntil('\r\n\r\n'))).toBe('hello\r\n\r\n')
    const closed = new Promise<void>((resolve) => reader.setCloseCallback(resolve))
    writer.close()
    expect(String(await reader.readUntilClose())).toBe('rest')
    await closed
    expect(reader.closed()).toBe(true)
    await expect(reader.readBytes(1)).rejects.toMatchObject({ name: 'StreamClosedError', realError: null })
  })

  it('B-ios-036 a write larger than the pipe waits for the reader', async () => {
    const [reader, writer] = openPipe()
    const large = Buffer.alloc(1 << 20, 'tornado')
    let isWritten = false
    const written = writer.write(large).then(() => (isWritten = true))
    expect(writer.writing()).toBe(true)
    const first = await reader.readBytes(1 << 16)
    expect(isWritten).toBe(false)
    expect(Buffer.concat([first, await reader.readBytes(large.length - first.length)]).equals(large)).toBe(
      true,
    )
    await written
    writer.close()
    reader.close()
  })

  it('has the descriptor for its own, and closes it', async () => {
    const [reader, writer] = makePipe()
    const stream = new PipeIOStream(reader, { maxBufferSize: 1000 })
    expect(stream.maxBufferSize).toBe(1000)
    await stream[Symbol.asyncDispose]()
    expect(() => fstatSync(reader)).toThrow('EBADF')
    closeSync(writer)
  })

  it('a reader that is gone fails the writer', async () => {
    const [reader, writer] = openPipe()
    await reader[Symbol.asyncDispose]()
    await expect(writer.write('x')).rejects.toMatchObject({ realError: { code: 'EPIPE' } })
  })

  it('takes nothing but pipes and sockets', () => {
    const path = join(folder, 'file')
    writeFileSync(path, 'text')
    const fd = openSync(path, 'r')
    expect(() => new PipeIOStream(fd)).toThrow(
      new TypeError(`Descriptor ${fd} is neither a pipe nor a socket`),
    )
    closeSync(fd)
    expect(() => new PipeIOStream(fd)).toThrow('EBADF')
  })
})

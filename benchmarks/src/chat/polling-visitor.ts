import { connect } from 'node:net'
import { formRequest, ResponseReader } from './http-text.ts'
import { cursorsOf, findLoadMessages } from './load-text.ts'
import { sharedBuffer, type Link, type Visitor } from './visitor.ts'

/** Polls for good. Resolves after the first answer, or when the first poll is under way if that is not answered at once. */
export function connectPolling({ port, room, head, answersFirst, heard, lost }: Link): Promise<Visitor> {
  let cursor = 0
  let people = 0
  const reader = new ResponseReader()
  const poll = (): void => {
    const fields = `room=${room}&cursor=${cursor}&people=${people}`
    socket.write(formRequest('/a/message/updates', head, fields))
  }
  const { promise, resolve, reject } = Promise.withResolvers<Visitor>()
  const opened = (): void => resolve({ say: null })
  const received = (chunk: Buffer): void => {
    for (const { status, body } of reader.read(chunk)) {
      if (status !== 200) {
        reject(new Error(`A poll was answered with ${status}: ${body.slice(0, 200)}`))
        return
      }
      for (const message of findLoadMessages(body)) heard(message)
      const next = cursorsOf(body)
      cursor = next.cursor ?? cursor
      people = next.people ?? people
      poll()
      opened()
    }
  }
  const onread = {
    buffer: sharedBuffer,
    callback(size: number): boolean {
      received(sharedBuffer.subarray(0, size))
      return true
    },
  }
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
  socket.on('connect', () => {
    poll()
    if (!answersFirst) opened()
  })
  socket.on('error', reject)
  socket.on('close', lost)
  return promise
}

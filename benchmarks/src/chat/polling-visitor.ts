import { connect } from 'node:net'
import { formRequest, ResponseReader } from './http-text.ts'
import type { Link, Visitor } from './visitor.ts'

interface Answer {
  readonly messages?: readonly { readonly id: number; readonly text: string }[]
  readonly people?: { readonly version: number }
}

/** Polls for good. Resolves after the first answer, or when the first poll is under way if that is not answered at once. */
export function connectPolling({ port, room, head, answersFirst, heard, lost }: Link): Promise<Visitor> {
  let cursor = 0
  let people = 0
  const socket = connect(port, '127.0.0.1').setNoDelay(true)
  const reader = new ResponseReader()
  const poll = (): void => {
    const fields = `room=${room}&cursor=${cursor}&people=${people}`
    socket.write(formRequest('/a/message/updates', head, fields))
  }
  return new Promise((resolve, reject) => {
    const opened = (): void => resolve({ say: null })
    socket.on('connect', () => {
      poll()
      if (!answersFirst) opened()
    })
    socket.on('data', (chunk: Buffer) => {
      for (const { status, body } of reader.read(chunk)) {
        if (status !== 200) {
          reject(new Error(`A poll was answered with ${status}: ${body.slice(0, 200)}`))
          return
        }
        const answer = JSON.parse(body) as Answer
        for (const message of answer.messages ?? []) {
          cursor = message.id
          heard(message)
        }
        people = answer.people?.version ?? people
        poll()
        opened()
      }
    })
    socket.on('error', reject)
    socket.on('close', lost)
  })
}

import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { formRequest, ResponseReader } from './http-text.ts'

/** Posts messages for people who poll, on connections that are kept. */
export class Poster {
  readonly #port: number
  readonly #idle: Socket[] = []
  /** Messages that were not taken. */
  refused = 0

  constructor(port: number) {
    this.#port = port
  }

  say(room: string, head: string, text: string): void {
    const nonce = randomBytes(8).toString('hex')
    const fields = `room=${room}&nonce=${nonce}&body=${encodeURIComponent(text)}`
    const socket = this.#idle.pop() ?? this.#open()
    socket.write(formRequest('/a/message/new', head, fields))
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1').setNoDelay(true)
    const reader = new ResponseReader()
    socket.on('data', (chunk: Buffer) => {
      for (const { status } of reader.read(chunk)) {
        if (status !== 200) this.refused++
        this.#idle.push(socket)
      }
    })
    return socket
  }
}

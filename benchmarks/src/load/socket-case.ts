import { once } from 'node:events'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { SocketApp } from '../app-spec.ts'
import { LineProcess } from '../line-process.ts'
import type { LoadCase, LoadResult } from '../load-case.ts'
import { loopback } from '../server-program.ts'

export interface SocketCaseOptions {
  readonly name: string
  readonly group: string
  readonly title: string
  readonly unit: string
  readonly app: SocketApp
  readonly connections: number
}

/** What `socket-host.ts` is asked for. */
export interface SocketTarget {
  readonly port: number
  readonly kind: SocketApp['kind']
  readonly connections: number
  readonly durationMs: number
}

const host = fileURLToPath(new URL('socket-host.ts', import.meta.url))
/** What the load may take longer than it is told to. */
const graceMs = 20_000
/** Waits no longer than this for the one answer that is looked at. */
const answerTimeoutMs = 5000

/** A case that loads a server of bare sockets, which sends back what it gets. */
export function socketCase({ connections, ...loadCase }: SocketCaseOptions): LoadCase {
  const { kind } = loadCase.app
  return {
    ...loadCase,
    async verify(port) {
      const line = 'as it was sent\n'
      const answer = await exchange(port, line)
      if (answer !== line) throw new Error(`Wrong answer: ${JSON.stringify(answer.slice(0, 200))}`)
    },
    async drive(port, durationMs, { prefix }) {
      const target: SocketTarget = { port, kind, connections, durationMs }
      const load = new LineProcess([...prefix, process.execPath, host])
      try {
        const result: LoadResult = JSON.parse(await load.ask(JSON.stringify(target), durationMs + graceMs))
        return result
      } finally {
        await load.stop()
      }
    },
  }
}

async function exchange(port: number, line: string): Promise<string> {
  const socket = connect({ host: loopback, port, signal: AbortSignal.timeout(answerTimeoutMs) })
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => {
    answer += text
    if (answer.length >= line.length) socket.destroy()
  })
  socket.write(line)
  await once(socket, 'close')
  return answer
}

import { fileURLToPath } from 'node:url'
import type { WebSocketApp } from '../app-spec.ts'
import { LineProcess } from '../line-process.ts'
import type { LoadCase, LoadResult, PreparedLoad } from '../load-case.ts'

export interface WebSocketCaseOptions {
  readonly name: string
  readonly title: string
  readonly unit: string
  readonly app: WebSocketApp
  readonly connections: number
  /** Messages in one segment; the next goes when all are answered. */
  readonly messages: number
  readonly payload: string
}

/** What `websocket-host.ts` is asked for. */
export interface WebSocketTarget {
  readonly port: number
  readonly kind: WebSocketApp['kind']
  readonly connections: number
  readonly messages: number
  readonly payload: string
  /** Leaves the connections open after the load. @default false */
  readonly keep?: boolean
}

const host = fileURLToPath(new URL('websocket-host.ts', import.meta.url))
/** What the load may take longer than it is told to. */
const graceMs = 20_000

/** A case that sends messages to a WebSocket server and counts those that come back. */
export function websocketCase({
  connections,
  messages,
  payload,
  ...loadCase
}: WebSocketCaseOptions): LoadCase {
  const { kind } = loadCase.app
  const prepare: NonNullable<LoadCase['prepare']> = (port, { prefix }) =>
    open({ port, kind, connections, messages, payload }, prefix)
  return {
    ...loadCase,
    group: 'WebSocket',
    prepare,
    async verify(port) {
      const load = await open({ port, kind, connections: 2, messages: 1, payload }, [])
      try {
        const { done, failed } = await load.drive(0)
        if (failed > 0 || done === 0) throw new Error('Wrong answer: the message did not come back')
      } finally {
        await load.stop()
      }
    },
    async drive(port, durationMs, tools) {
      const load = await prepare(port, tools)
      try {
        return await load.drive(durationMs)
      } finally {
        await load.stop()
      }
    },
  }
}

async function open(target: WebSocketTarget, prefix: readonly string[]): Promise<PreparedLoad> {
  const load = new LineProcess([...prefix, process.execPath, host])
  await load.ask(JSON.stringify(target), graceMs)
  return {
    async drive(durationMs) {
      const result: LoadResult = JSON.parse(await load.ask(String(durationMs), durationMs + graceMs))
      return result
    },
    stop: () => load.stop(),
  }
}
